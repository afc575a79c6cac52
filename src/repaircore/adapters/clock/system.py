"""The machine's clock."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class SystemClock:
    """UTC, and never back: when the machine's clock is set back, time stands still until it has caught up."""

    def __init__(self, nanoseconds: Callable[[], int] = time.time_ns) -> None:
        self._nanoseconds = nanoseconds
        self._latest = nanoseconds()

    def now(self) -> datetime:
        """Answer this moment."""
        now = self._nanoseconds()
        if now > self._latest:
            self._latest = now
        return _EPOCH + timedelta(microseconds=self._latest // 1000)

    async def sleep(self, seconds: float) -> None:
        """Come back once that much time has passed."""
        await asyncio.sleep(max(0.0, seconds))
