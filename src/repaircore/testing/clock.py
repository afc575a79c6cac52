"""What every clock must do.

Subclass `ClockContract` in your tests and give it a `harness` fixture, fresh for each test: the clock, a way to let its time pass,
and a way to try to set it back.
"""

import asyncio
from datetime import timedelta
from typing import Protocol

from repaircore.ports.clock import Clock

PATIENCE = 10.0  # seconds of real time


class ClockHarness(Protocol):
    """A clock, and power over its time."""

    @property
    def clock(self) -> Clock:
        """The clock under test."""
        ...

    async def let_pass(self, seconds: float) -> None:
        """Let at least that much of the clock's time pass."""
        ...

    def set_back(self, seconds: float) -> None:
        """Try to make the clock go back, as a machine's is when it is corrected."""
        ...


class ClockContract:
    """The promises of `ports.clock`."""

    async def test_now_is_in_utc(self, harness: ClockHarness) -> None:
        """A moment always says its zone, and the zone is UTC."""
        now = harness.clock.now()

        assert now.tzinfo is not None
        assert now.utcoffset() == timedelta(0)

    async def test_time_passes(self, harness: ClockHarness) -> None:
        """After a while it is later, by at least that while."""
        before = harness.clock.now()

        await harness.let_pass(0.02)

        assert harness.clock.now() - before >= timedelta(seconds=0.02)

    async def test_never_back(self, harness: ClockHarness) -> None:
        """A later answer is never an earlier moment, even when the clock is set back."""
        await harness.let_pass(0.01)
        before = harness.clock.now()

        harness.set_back(3600)

        assert harness.clock.now() >= before

    async def test_sleeping(self, harness: ClockHarness) -> None:
        """A sleeper wakes when its time has passed, and not before."""
        began = harness.clock.now()

        async def sleep() -> timedelta:
            await harness.clock.sleep(0.05)
            return harness.clock.now() - began

        asleep = asyncio.ensure_future(sleep())
        await harness.let_pass(0.01)
        await harness.let_pass(0.05)

        assert await asyncio.wait_for(asleep, PATIENCE) >= timedelta(seconds=0.05)

    async def test_sleepers_wake_in_order(self, harness: ClockHarness) -> None:
        """Whoever sleeps less wakes first, whoever lay down first."""
        woken: list[str] = []

        async def sleep(name: str, seconds: float) -> None:
            await harness.clock.sleep(seconds)
            woken.append(name)

        sleepers = [asyncio.ensure_future(sleep(name, seconds)) for name, seconds in (("long", 0.06), ("short", 0.02))]
        await asyncio.sleep(0)
        await harness.let_pass(0.1)

        await asyncio.wait_for(asyncio.gather(*sleepers), PATIENCE)
        assert woken == ["short", "long"]

    async def test_no_time_at_all(self, harness: ClockHarness) -> None:
        """Sleeping for nothing, or less, lets others go first and comes back though no time passes."""
        order: list[str] = []

        async def other() -> None:
            order.append("other")

        task = asyncio.ensure_future(other())
        async with asyncio.timeout(PATIENCE):
            await harness.clock.sleep(0)
            order.append("sleeper")
            await harness.clock.sleep(-1)

        await task
        assert order == ["other", "sleeper"]

    async def test_a_cancelled_sleeper_disturbs_nobody(self, harness: ClockHarness) -> None:
        """Others still wake when one of them gave up."""
        gone, stays = (asyncio.ensure_future(harness.clock.sleep(0.02)) for _ in range(2))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)

        await harness.let_pass(0.05)

        await asyncio.wait_for(stays, PATIENCE)
