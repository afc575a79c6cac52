"""The laws of a sliding window counter, and what counting costs."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaircore.adapters.clock.memory import ManualClock
from repaircore.adapters.clock.system import SystemClock
from repaircore.adapters.limits import memory
from repaircore.adapters.limits.memory import MemoryLimits
from repaircore.ports.limits import Limit, Verdict

AMOUNTS, SECONDS = st.integers(1, 20), st.integers(1, 90)
PAUSES = st.lists(st.integers(0, 40_000), min_size=1, max_size=120)  # milliseconds before each request


class FixedWindows(MemoryLimits):
    """Broken: forgets everything at the turn of a window."""

    async def hit(self, limit: Limit, who: str) -> Verdict:
        for window in self._windows.values():
            window.previous = {}
        return await super().hit(limit, who)


class Early(MemoryLimits):
    """Broken: says to come back a second too soon."""

    async def hit(self, limit: Limit, who: str) -> Verdict:
        verdict = await super().hit(limit, who)
        return Verdict(verdict.admitted, verdict.remaining, max(0, verdict.reset - 1))


def admitted_at(kind: type[MemoryLimits], limit: Limit, pauses: Sequence[int]) -> list[float]:
    """Ask after each pause, and answer the seconds at which requests were admitted."""
    clock = ManualClock()
    limits, began, found = kind(clock), clock.now(), []

    async def ask() -> None:
        for pause in pauses:
            clock.advance(timedelta(milliseconds=pause))
            if (await limits.hit(limit, "ana")).admitted:
                found.append((clock.now() - began).total_seconds())

    asyncio.run(ask())
    return found


def never_bursts(kind: type[MemoryLimits], amount: int, seconds: int, pauses: Sequence[int]) -> bool:
    """Whether no quarter of a window saw more than a quarter above the limit, and one.

    At worst the window before was full at its very end: a quarter of the current one later, three quarters of it still count.
    """
    times = admitted_at(kind, Limit("read", amount, seconds), pauses)
    return all(sum(start <= each <= start + seconds / 4 for each in times) <= amount * 1.25 + 1 for start in times)


def tells_the_truth(kind: type[MemoryLimits], amount: int, seconds: int, pauses: Sequence[int]) -> bool:
    """Whether after the seconds that a refusal names one more is admitted."""
    clock, limit = ManualClock(), Limit("read", amount, seconds)
    limits = kind(clock)

    async def ask() -> bool:
        for pause in pauses:
            clock.advance(timedelta(milliseconds=pause))
            verdict = await limits.hit(limit, "ana")
            if not verdict.admitted:
                clock.advance(timedelta(seconds=verdict.reset))
                return (await limits.hit(limit, "ana")).admitted
        return True

    return asyncio.run(ask())


@given(AMOUNTS, SECONDS, PAUSES)
def test_no_stretch_has_too_many(amount: int, seconds: int, pauses: list[int]) -> None:
    """Wherever one looks, at the turn of a window too, hardly more than the limit was admitted in a short time."""
    assert never_bursts(MemoryLimits, amount, seconds, pauses)


def test_fixed_windows_are_caught() -> None:
    """Twice the limit around the turn of a window is found."""
    assert not never_bursts(FixedWindows, 10, 60, [59_000, *[0] * 10, 1000, *[0] * 10])


@given(AMOUNTS, SECONDS, st.lists(st.integers(0, 2000), min_size=1, max_size=60))
def test_retrying_when_told(amount: int, seconds: int, pauses: list[int]) -> None:
    """Whoever waits as long as a refusal says is admitted."""
    assert tells_the_truth(MemoryLimits, amount, seconds, pauses)


def test_an_early_promise_is_caught() -> None:
    """A promise that is a second short is found."""
    assert not tells_the_truth(Early, 2, 60, [0, 0, 0])


async def test_a_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the most that are counted newcomers take no memory, and who was counted before still is."""
    monkeypatch.setattr(memory, "MOST", 2)
    limits, limit = MemoryLimits(ManualClock()), Limit("read", 1, 60)
    for who in ("ana", "ben", "cleo", "cleo"):
        assert (await limits.hit(limit, who)).admitted

    assert not (await limits.hit(limit, "ana")).admitted


async def test_what_counting_costs() -> None:
    """However many clients there are, far less than fifteen microseconds of a processor for each request."""
    limits, limit = MemoryLimits(SystemClock()), Limit("read", 1200, 60)
    rounds = []
    for _ in range(5):
        began = time.process_time()
        for number in range(2000):
            await limits.hit(limit, str(number))
        rounds.append((time.process_time() - began) / 2000)

    assert min(rounds) < 15e-6
