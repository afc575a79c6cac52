"""Long work on the event loop, a piece at a time, so that whatever else is asked for meanwhile has its turn."""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from repaircore.domain.pieces import Done, Pieces

_MOMENT = 0.001  # seconds
_pause: ContextVar[float] = ContextVar("pause", default=0.0)


async def taking_turns(work: Pieces[Done]) -> Done:
    """Do all of it, with a turn for everybody else after each piece."""
    while True:
        try:
            next(work)
        except StopIteration as finished:
            done: Done = finished.value
            return done
        await asyncio.sleep(_pause.get())


@contextmanager
def unhurried() -> Iterator[None]:
    """Rest a moment after each piece: threads that commit what others asked for get no turn while the event loop is busy."""
    hurried = _pause.set(_MOMENT)
    try:
        yield
    finally:
        _pause.reset(hurried)


@contextmanager
def lasting() -> Iterator[None]:
    """Make what lasts as long as the process: no garbage collection looks through it while it grows, nor later on."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.freeze()
            gc.enable()
