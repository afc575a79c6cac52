"""Every test of the contract can fail: each lie is caught by the test that is there for it."""

import asyncio
from datetime import datetime, timedelta

import pytest

from repaircore.adapters.clock.memory import ManualClock
from repaircore.testing import clock
from repaircore.testing.clock import ClockContract
from tests.contract.clock.harnesses import ManualHarness


class Naive(ManualClock):
    """Does not say its zone."""

    def now(self) -> datetime:
        return super().now().replace(tzinfo=None)


class Stopped(ManualClock):
    """Always the same moment."""

    def advance(self, by: timedelta) -> None:
        return None


class Corrected(ManualClock):
    """Goes back when told to."""

    def move_to(self, moment: datetime) -> None:
        self._now = moment


class Sleepless(ManualClock):
    """Wakes everybody at once."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class Deep(ManualClock):
    """Sleeps until it is disturbed."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(max(3600, seconds))


class Hasty(ManualClock):
    """Lets nobody go first."""

    async def sleep(self, seconds: float) -> None:
        if seconds > 0:
            await super().sleep(seconds)


class Unordered(ManualClock):
    """Wakes the last to lie down first."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(1 / seconds / 1000 if seconds > 0 else 0)


class Fragile(ManualClock):
    """One that gives up takes everybody along."""

    async def sleep(self, seconds: float) -> None:
        try:
            await super().sleep(seconds)
        except asyncio.CancelledError:
            self._sleepers.clear()
            raise


LIES: list[tuple[type[ManualClock], str]] = [
    (Naive, "test_now_is_in_utc"),
    (Stopped, "test_time_passes"),
    (Corrected, "test_never_back"),
    (Sleepless, "test_sleeping"),
    (Deep, "test_sleeping"),
    (Unordered, "test_sleepers_wake_in_order"),
    (Hasty, "test_no_time_at_all"),
    (Deep, "test_no_time_at_all"),
    (Fragile, "test_a_cancelled_sleeper_disturbs_nobody"),
]


@pytest.mark.parametrize(("lie", "test"), LIES)
async def test_a_lie_is_caught(lie: type[ManualClock], test: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock lies and the test fails."""
    monkeypatch.setattr(clock, "PATIENCE", 0.05)

    with pytest.raises((AssertionError, TimeoutError)):
        await getattr(ClockContract(), test)(ManualHarness(lie()))


def test_no_test_without_a_lie() -> None:
    """A test that no lie can fail would prove nothing."""
    tests = {name for name in dir(ClockContract()) if name.startswith("test_")}

    assert {test for _, test in LIES} == tests
