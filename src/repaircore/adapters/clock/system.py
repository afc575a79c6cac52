"""The machine's clock."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime


class SystemClock:
    """UTC, and never back: when the machine's clock is set back, time stands still until it has caught up."""

    def __init__(self, nanoseconds: Callable[[], int] = time.time_ns) -> None:
        self._nanoseconds = nanoseconds
        self._latest = nanoseconds()

    def now(self) -> datetime:
        """Answer this moment."""
        self._latest = max(self._latest, self._nanoseconds())
        seconds, rest = divmod(self._latest, 1_000_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)

    async def sleep(self, seconds: float) -> None:
        """Come back once that much time has passed."""
        await asyncio.sleep(max(0.0, seconds))
