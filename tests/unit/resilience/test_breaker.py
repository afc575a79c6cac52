"""The circuit breaker: what opens it, who may try, and whose outcome counts."""

import asyncio
from datetime import timedelta

import pytest

from repaircore.adapters.clock.memory import ManualClock
from repaircore.adapters.resilience.breaker import AsyncBreaker, BreakerState
from repaircore.adapters.resilience.verdict import CircuitOpen, Throttled
from repaircore.domain.errors import InvalidValue
from repaircore.ports.errors import (
    Declined,
    InvalidResponse,
    OutcomeUnknown,
    Rejected,
    Unavailable,
    Unsupported,
)
from tests.unit.resilience.calls import answering, failing, trip, under_way

WAIT = timedelta(seconds=30)


def state(breaker: AsyncBreaker) -> BreakerState:
    """Ask afresh: the type checker would remember the last answer."""
    return breaker.state


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def changes() -> list[BreakerState]:
    return []


@pytest.fixture
def breaker(clock: ManualClock, changes: list[BreakerState]) -> AsyncBreaker:
    return AsyncBreaker(
        "acme", clock=clock, fail_max=3, reset_timeout=30, on_change=lambda _, state: changes.append(state)
    )


async def test_failures_in_a_row_open_it(breaker: AsyncBreaker, changes: list[BreakerState]) -> None:
    """The third failure opens it; each error reaches its caller as it was."""
    for _ in range(3):
        assert state(breaker) is BreakerState.CLOSED
        error = OutcomeUnknown("lost")
        with pytest.raises(OutcomeUnknown) as raised:
            await breaker.guard(failing(error))
        assert raised.value is error

    assert state(breaker) is BreakerState.OPEN
    assert changes == [BreakerState.OPEN]


async def test_success_between_failures(breaker: AsyncBreaker) -> None:
    """Only failures in a row count."""
    for error in (Unavailable("1"), Unavailable("2"), None, Unavailable("1"), Unavailable("2")):
        try:
            await breaker.guard(answering if error is None else failing(error))
        except Unavailable:
            continue

    assert state(breaker) is BreakerState.CLOSED


async def test_open_circuit_asks_nobody(breaker: AsyncBreaker, clock: ManualClock) -> None:
    """It refuses at once, saying how long; that is Unavailable, since nothing was done."""
    await trip(breaker)
    clock.advance(timedelta(seconds=10))

    call = await under_way(breaker)

    assert not call.started
    error = call.task.exception()
    assert isinstance(error, CircuitOpen)
    assert error.retry_after == 20


async def test_one_may_try(breaker: AsyncBreaker, clock: ManualClock) -> None:
    """After its time one of fifty callers gets through; when it is answered, all do."""
    await trip(breaker)
    clock.advance(WAIT)

    calls = [await under_way(breaker) for _ in range(50)]

    assert [call.started for call in calls].count(True) == 1
    assert state(breaker) is BreakerState.HALF_OPEN
    await calls[0].answers()
    assert state(breaker) is BreakerState.CLOSED
    assert all(isinstance(call.task.exception(), CircuitOpen) for call in calls[1:])
    assert await breaker.guard(answering) == "answer"


async def test_failed_try(breaker: AsyncBreaker, clock: ManualClock, changes: list[BreakerState]) -> None:
    """It is left alone for the whole time again."""
    await trip(breaker)
    clock.advance(WAIT)
    await (await under_way(breaker)).fails()

    clock.advance(WAIT - timedelta(seconds=1))
    assert not (call := await under_way(breaker)).started
    assert isinstance(call.task.exception(), CircuitOpen)
    clock.advance(timedelta(seconds=1))
    await (await under_way(breaker)).answers()

    opened, trying, closed = BreakerState.OPEN, BreakerState.HALF_OPEN, BreakerState.CLOSED
    assert changes == [opened, trying, opened, trying, closed]


async def test_cancelled_calls_tell_nothing(breaker: AsyncBreaker) -> None:
    """A caller that went away says nothing about the provider."""
    for _ in range(10):
        await (await under_way(breaker)).is_cancelled()

    assert state(breaker) is BreakerState.CLOSED


async def test_cancelled_try(breaker: AsyncBreaker, clock: ManualClock) -> None:
    """It neither closes nor opens; the next one may try."""
    await trip(breaker)
    clock.advance(WAIT)
    await (await under_way(breaker)).is_cancelled()
    assert state(breaker) is BreakerState.HALF_OPEN

    await (await under_way(breaker)).answers()

    assert state(breaker) is BreakerState.CLOSED


async def test_late_success(breaker: AsyncBreaker, clock: ManualClock) -> None:
    """A call from before the failures does not close it, whether it is open or being tried."""
    early, earlier = await under_way(breaker), await under_way(breaker)
    await trip(breaker)

    await early.answers()
    assert state(breaker) is BreakerState.OPEN
    clock.advance(WAIT)
    probe = await under_way(breaker)
    await earlier.answers()
    assert state(breaker) is BreakerState.HALF_OPEN
    assert not (call := await under_way(breaker)).started
    assert isinstance(call.task.exception(), CircuitOpen)
    await probe.answers()

    assert early.task.result() == earlier.task.result() == "answer"


async def test_late_failure(breaker: AsyncBreaker, clock: ManualClock) -> None:
    """Failures from before it was open do not count against the provider that is well again."""
    old = [await under_way(breaker) for _ in range(3)]
    await trip(breaker)
    clock.advance(WAIT)
    await (await under_way(breaker)).answers()

    for call in old:
        await call.fails()
        assert isinstance(call.task.exception(), Unavailable)

    assert state(breaker) is BreakerState.CLOSED


@pytest.mark.parametrize("error", [Rejected("no"), Declined("no", reason="card_declined")])
async def test_refusals_are_answers(breaker: AsyncBreaker, clock: ManualClock, error: Exception) -> None:
    """A provider that says no is well: however often, and also when it is being tried."""
    for _ in range(10):
        with pytest.raises(Rejected):
            await breaker.guard(failing(error))
    assert state(breaker) is BreakerState.CLOSED
    await trip(breaker)
    clock.advance(WAIT)
    with pytest.raises(Rejected):
        await breaker.guard(failing(error))

    assert state(breaker) is BreakerState.CLOSED


@pytest.mark.parametrize("error", [Unsupported("no"), Throttled("ours"), InvalidValue("ours"), CircuitOpen("inner")])
async def test_what_never_reached_it(breaker: AsyncBreaker, clock: ManualClock, error: Exception) -> None:
    """Errors from this side of the wire neither open nor close it."""
    for _ in range(10):
        with pytest.raises(type(error)):
            await breaker.guard(failing(error))
    assert state(breaker) is BreakerState.CLOSED
    await trip(breaker)
    clock.advance(WAIT)
    with pytest.raises(type(error)):
        await breaker.guard(failing(error))

    assert state(breaker) is BreakerState.HALF_OPEN


@pytest.mark.parametrize("error", [Unavailable("x"), OutcomeUnknown("x"), InvalidResponse("x"), KeyError("x")])
async def test_failures(breaker: AsyncBreaker, error: Exception) -> None:
    """All else is a failure, also what nobody thought of."""
    for _ in range(3):
        with pytest.raises(type(error)):
            await breaker.guard(failing(error))

    assert state(breaker) is BreakerState.OPEN


async def test_breakers_are_independent(breaker: AsyncBreaker, clock: ManualClock) -> None:
    """One provider's failures are not another's."""
    other = AsyncBreaker("other", clock=clock)
    await asyncio.gather(trip(breaker), other.guard(answering))

    assert (breaker.state, other.state) == (BreakerState.OPEN, BreakerState.CLOSED)
