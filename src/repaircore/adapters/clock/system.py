"""The machine's clock."""

import asyncio
import time
from datetime import UTC, datetime


class SystemClock:
    """UTC, and never back: when the machine's clock is set back, time stands still until it has caught up."""

    def __init__(self) -> None:
        self._latest = time.time_ns()

    def now(self) -> datetime:
        """Answer this moment."""
        self._latest = max(self._latest, time.time_ns())
        return datetime.fromtimestamp(self._latest / 1e9, UTC)

    async def sleep(self, seconds: float) -> None:
        """Come back once that much time has passed."""
        await asyncio.sleep(max(0.0, seconds))
