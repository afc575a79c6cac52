"""What holds for a breaker whatever happens, in any order."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repaircore.adapters.clock.memory import ManualClock
from repaircore.adapters.resilience.breaker import AsyncBreaker, BreakerState
from repaircore.adapters.resilience.verdict import CircuitOpen, Verdict
from tests.unit.payments.laws import FIRST_BREACH, LAWFUL
from tests.unit.resilience.calls import OpenCall, trip, under_way

STEPS = st.lists(
    st.sampled_from(["start", "start", "start", "answer", "fail", "fail", "cancel", "wait"]), min_size=5, max_size=40
)
WAIT = timedelta(seconds=30)


class LetsEverybodyTry(AsyncBreaker):
    """Does not mind how many try at once."""

    def _admit(self) -> int:
        self._probing = False
        return super()._admit()


class BelievesLateNews(AsyncBreaker):
    """Takes every outcome for news, however old."""

    def _settle(self, epoch: int, verdict: Verdict) -> None:
        super()._settle(self._epoch, verdict)


class TakesCancellationForFailure(AsyncBreaker):
    """Counts callers that went away."""

    def _settle(self, epoch: int, verdict: Verdict) -> None:
        super()._settle(epoch, Verdict.FAILED if verdict is Verdict.NEUTRAL else verdict)


async def one_tries_at_a_time(breaker: AsyncBreaker, clock: ManualClock, steps: Sequence[str]) -> None:
    """Of the calls let through since it began to be tried, at most one is under way; while it is open none is let through."""
    await trip(breaker)
    clock.advance(WAIT)
    running: list[OpenCall] = []
    trying: set[OpenCall] = set()
    for step in steps:
        before = breaker.state
        if step == "start":
            call = await under_way(breaker)
            running += [call] if call.started else []
            if call.started and breaker.state is BreakerState.HALF_OPEN:
                trying.add(call)
            assert call.started or isinstance(call.task.exception(), CircuitOpen)
        elif step == "wait":
            clock.advance(WAIT)
        elif running:
            await _end(running.pop(0), step)
        if breaker.state is not before:
            trying &= set(running) if before is BreakerState.OPEN else set()
        assert len([each for each in trying if not each.task.done()]) <= 1
    for call in running:
        await call.is_cancelled()


async def only_current_news_counts(breaker: AsyncBreaker, clock: ManualClock, steps: Sequence[str]) -> None:
    """Calls that began before it opened change nothing any more, however they end."""
    old = [await under_way(breaker) for _ in steps]
    await trip(breaker)
    clock.advance(WAIT)
    probe = await under_way(breaker)
    for call, step in zip(old, steps, strict=True):
        await _end(call, step)
        assert breaker.state is BreakerState.HALF_OPEN
    await probe.answers()
    assert breaker.state is BreakerState.CLOSED


async def cancellation_changes_nothing(breaker: AsyncBreaker, clock: ManualClock, steps: Sequence[str]) -> None:
    """With every call cancelled the state stays what it was."""
    for _ in steps:
        before = breaker.state
        await (await under_way(breaker)).is_cancelled()
        assert breaker.state is before


async def _end(call: OpenCall, step: str) -> None:
    match step:
        case "answer":
            await call.answers()
        case "fail":
            await call.fails()
        case _:
            await call.is_cancelled()
    if not call.task.cancelled():
        call.task.exception()


Law = Callable[[AsyncBreaker, ManualClock, Sequence[str]], Awaitable[None]]


def hold(law: Law, kind: type[AsyncBreaker], runs: settings) -> None:
    """Try a law on one kind of breaker, with whatever Hypothesis thinks of."""

    @runs
    @given(STEPS)
    def attempt(steps: Sequence[str]) -> None:
        async def once() -> None:
            clock = ManualClock()
            await law(kind("acme", clock=clock, fail_max=3, reset_timeout=30), clock, steps)

        asyncio.run(once())

    attempt()


LAWS = (one_tries_at_a_time, only_current_news_counts, cancellation_changes_nothing)
BROKEN = (LetsEverybodyTry, BelievesLateNews, TakesCancellationForFailure)


@pytest.mark.parametrize("law", LAWS)
def test_law(law: Law) -> None:
    """It holds."""
    hold(law, AsyncBreaker, LAWFUL)


@pytest.mark.parametrize(("law", "broken"), tuple(zip(LAWS, BROKEN, strict=True)))
def test_law_catches_a_broken_breaker(law: Law, broken: type[AsyncBreaker]) -> None:
    """It can be broken."""
    with pytest.raises(AssertionError):
        hold(law, broken, FIRST_BREACH)
