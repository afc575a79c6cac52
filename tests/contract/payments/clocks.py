"""A clock on which no test has to wait."""

import asyncio
from datetime import UTC, datetime, timedelta

from attrs import define

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@define(eq=False)
class EagerClock:
    """Whoever sleeps moves the time on by that much, at once."""

    moment: datetime = START

    def now(self) -> datetime:
        """Answer how far it was moved."""
        return self.moment

    async def sleep(self, seconds: float) -> None:
        """Move on, and let others run."""
        self.moment += timedelta(seconds=max(0.0, seconds))
        await asyncio.sleep(0)
