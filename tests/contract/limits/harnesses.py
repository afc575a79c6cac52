"""The counters under test."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from attrs import define

from repaircore.adapters.clock.memory import ManualClock
from repaircore.adapters.limits.memory import MemoryLimits
from repaircore.ports.clock import Clock
from repaircore.ports.limits import RateLimits


@define
class ManualHarness:
    """Time passes when the test says so."""

    limits: RateLimits
    clock: ManualClock

    @classmethod
    def of(cls, make: Callable[[Clock], RateLimits] = MemoryLimits) -> "ManualHarness":
        """A counter by a clock that is moved by hand."""
        clock = ManualClock()
        return cls(make(clock), clock)

    async def let_pass(self, seconds: float) -> None:
        """Move the clock."""
        self.clock.advance(timedelta(seconds=seconds))


@define
class ServerHarness:
    """The server's own time, which can only be waited for."""

    limits: RateLimits

    async def let_pass(self, seconds: float) -> None:
        """Wait for it."""
        await asyncio.sleep(seconds)
