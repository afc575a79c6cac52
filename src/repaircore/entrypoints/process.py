"""What a long-running process needs: a fast event loop, and signals that ask it to stop."""

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from repaircore.entrypoints.logs import JsonLog

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run it to its end, on uvloop where there is one."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        from asyncio import new_event_loop
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main)


@contextmanager
def stopping() -> Iterator[asyncio.Event]:
    """Answer an event that SIGTERM and Ctrl-C set."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in _SIGNALS:
        loop.add_signal_handler(each, stop.set)
    try:
        yield stop
    finally:
        for each in _SIGNALS:
            loop.remove_signal_handler(each)


def announce(log: JsonLog, event: str, **fields: Any) -> None:
    """Write one line about the process itself, without loading what the other lines need: starting is to be quick."""
    log.line({"at": datetime.now(UTC), "level": "info", "event": event, **fields})
