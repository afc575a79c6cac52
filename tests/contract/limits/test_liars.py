"""Every test of the contract can fail: each lie is caught by the test that is there for it."""

import asyncio

import pytest
from attrs import evolve

from repaircore.adapters.limits.memory import MemoryLimits
from repaircore.ports.errors import Unavailable
from repaircore.ports.limits import Limit, Verdict
from repaircore.testing.limits import RateLimitsContract
from tests.contract.limits.harnesses import ManualHarness


class Generous(MemoryLimits):
    """Admits one too many."""

    async def hit(self, limit: Limit, who: str) -> Verdict:
        return await super().hit(evolve(limit, amount=limit.amount + 1), who)


class Stingy(MemoryLimits):
    """Says that nothing is left."""

    async def hit(self, limit: Limit, who: str) -> Verdict:
        return evolve(await super().hit(limit, who), remaining=0)


class OneForAll(MemoryLimits):
    """Holds what one asked against everybody."""

    async def hit(self, limit: Limit, who: str) -> Verdict:
        return await super().hit(limit, "everybody")


class OneLimit(MemoryLimits):
    """Counts everything under one limit."""

    async def hit(self, limit: Limit, who: str) -> Verdict:
        return await super().hit(evolve(limit, name="any"), who)


class Racing(MemoryLimits):
    """Looks first and counts later."""

    async def hit(self, limit: Limit, who: str) -> Verdict:
        before = {number: dict(window.current) for number, window in self._windows.items()}
        verdict = await super().hit(limit, who)
        for number, window in self._windows.items():
            window.current = before.get(number, {})
        await asyncio.sleep(0)
        await super().hit(limit, who)
        return verdict


class Grudging(MemoryLimits):
    """Charges for being refused."""

    async def hit(self, limit: Limit, who: str) -> Verdict:
        verdict = await super().hit(limit, who)
        if not verdict.admitted:
            counts = self._windows[limit.seconds].current
            counts[f"{limit.name} {who}"] = counts.get(f"{limit.name} {who}", 0) + 1
        return verdict


class Hasty(MemoryLimits):
    """Says to come back sooner than there is room."""

    async def hit(self, limit: Limit, who: str) -> Verdict:
        return evolve(await super().hit(limit, who), reset=0)


class Forgetful(MemoryLimits):
    """Forgets after a quarter of the time."""

    async def hit(self, limit: Limit, who: str) -> Verdict:
        return await super().hit(evolve(limit, seconds=limit.seconds // 4), who)


class Unwell(MemoryLimits):
    """Never feels well."""

    async def check(self) -> None:
        raise Unavailable("not today")


class Complaining(MemoryLimits):
    """Works, and says it does not."""

    trouble = "everything"


LIES: list[tuple[type[MemoryLimits], str]] = [
    (Generous, "test_up_to_the_limit"),
    (Stingy, "test_up_to_the_limit"),
    (OneForAll, "test_everybody_has_their_own"),
    (OneLimit, "test_limits_are_apart"),
    (Generous, "test_all_at_once"),
    (Racing, "test_all_at_once"),
    (Grudging, "test_room_again"),
    (Hasty, "test_room_again"),
    (Forgetful, "test_the_window_slides"),
    (Unwell, "test_nothing_is_wrong"),
    (Complaining, "test_nothing_is_wrong"),
]


@pytest.mark.parametrize(("lie", "test"), LIES)
async def test_a_lie_is_caught(lie: type[MemoryLimits], test: str) -> None:
    """The counter lies and the test fails."""
    with pytest.raises((AssertionError, Unavailable)):
        await getattr(RateLimitsContract(), test)(ManualHarness.of(lie))


def test_no_test_without_a_lie() -> None:
    """A test that no lie can fail would prove nothing."""
    tests = {name for name in dir(RateLimitsContract()) if name.startswith("test_")}

    assert {test for _, test in LIES} == tests
