"""The clocks under test."""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta

from attrs import define, field

from repaircore.adapters.clock.memory import ManualClock
from repaircore.adapters.clock.system import SystemClock


@define
class ManualHarness:
    """Time passes when the test says so."""

    clock: ManualClock = field(factory=ManualClock)

    async def let_pass(self, seconds: float) -> None:
        """Move the clock, once whoever is about to sleep does."""
        await asyncio.sleep(0)
        self.clock.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    def set_back(self, seconds: float) -> None:
        """It refuses."""
        with suppress(ValueError):
            self.clock.move_to(self.clock.now() - timedelta(seconds=seconds))


@define
class SystemHarness:
    """Real time, on a machine whose clock can be corrected."""

    clock: SystemClock = field(init=False)
    _correction: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self.clock = SystemClock(lambda: time.time_ns() + self._correction)

    async def let_pass(self, seconds: float) -> None:
        """Wait for it, a few milliseconds."""
        await asyncio.sleep(seconds * 1.1)

    def set_back(self, seconds: float) -> None:
        """Correct the machine's clock."""
        self._correction -= int(seconds * 1e9)
