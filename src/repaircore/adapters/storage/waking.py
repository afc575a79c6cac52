"""How a commit that enqueued work wakes whoever waits for it, without polling."""

import asyncio

from repaircore.ports.clock import Clock


class Waking:
    """Remembers that something happened until somebody looks: looking comes first, then waiting, so nothing is missed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._happened = asyncio.Event()

    def wake(self) -> None:
        """Something was enqueued."""
        self._happened.set()

    def look(self) -> None:
        """Whatever happened until now is about to be seen."""
        self._happened.clear()

    async def wait(self, seconds: float) -> None:
        """Come back when something happens after the last look, at the latest after that much of the clock's time."""
        if self._happened.is_set():
            return
        tasks = [asyncio.ensure_future(self._happened.wait()), asyncio.ensure_future(self._clock.sleep(seconds))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
