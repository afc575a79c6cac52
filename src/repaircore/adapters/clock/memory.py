"""A clock that stands still until it is moved: for tests, and for an operator's sandbox."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)  # a Monday morning


class ManualClock:
    """Wakes its sleepers in the order of their times, those of one moment in the order in which they lay down."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start.astimezone(UTC)
        self._numbers = count()
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """Answer the moment it was moved to."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Come back once the clock was moved that far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        awake = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + timedelta(seconds=seconds), next(self._numbers), awake))
        await awake

    def advance(self, by: timedelta) -> None:
        """Let that much time pass."""
        self.move_to(self._now + by)

    def move_to(self, moment: datetime) -> None:
        """Let time pass until then. Raises ValueError for a moment that is over: a clock never goes back."""
        if moment < self._now:
            raise ValueError(f"a clock never goes back: it is {self._now.isoformat()}, not {moment.isoformat()}")
        while self._sleepers and self._sleepers[0][0] <= moment:
            _, _, awake = heapq.heappop(self._sleepers)
            if not awake.done():
                awake.set_result(None)
        self._now = moment.astimezone(UTC)
