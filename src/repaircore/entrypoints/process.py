"""What a long-running process needs: a fast event loop, and signals that ask it to stop."""

import asyncio
import gc
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from repaircore.entrypoints.logs import JsonLog

PATIENCE = 30.0
"""Seconds that requests and jobs under way have, usually, when a process is told to stop."""

_MADE = 20_000  # objects between two looks for garbage
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run it to its end, on uvloop where there is one."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


@contextmanager
def stopping() -> Iterator[asyncio.Event]:
    """Answer an event that SIGTERM and Ctrl-C set, also those that were held back since the process was started."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in _SIGNALS:
        loop.add_signal_handler(each, stop.set)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    try:
        yield stop
    finally:
        for each in _SIGNALS:
            loop.remove_signal_handler(each)


def announce(log: JsonLog, event: str, **fields: Any) -> None:
    """Write one line about the process itself, without loading what the other lines need: starting is to be quick."""
    log.line({"at": datetime.now(UTC), "level": "info", "event": event, **fields})


def settle() -> None:
    """Everything that lasts as long as the process is made: leave it out of garbage collection from here on.

    What a request makes is freed when it is answered, so there is little to look for.
    """
    gc.freeze()
    gc.set_threshold(_MADE, 20, 20)
    gc.enable()
