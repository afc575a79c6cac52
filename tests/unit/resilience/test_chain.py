"""The chain around every provider call: what is repeated, how long it waits, and what it says when time is up."""

import asyncio
from collections.abc import Sequence

import pytest
from attrs import define, evolve, field

from repaircore.adapters.clock.memory import ManualClock
from repaircore.adapters.resilience.breaker import BreakerState
from repaircore.adapters.resilience.chain import CallReport, Chain, PerSecond, build_chain
from repaircore.adapters.resilience.policy import Policy
from repaircore.adapters.resilience.verdict import CircuitOpen, Throttled
from repaircore.ports.clock import Clock
from repaircore.ports.errors import InvalidResponse, OutcomeUnknown, Rejected, Unavailable, Unsupported
from tests.contract.payments.clocks import START, EagerClock

POLICY = Policy(attempts=4, first_wait=1, longest_wait=3, jitter=0.5, deadline=1000, fail_max=10)


@define(eq=False)
class Provider:
    """Meets each call with the next of these, then answers."""

    troubles: list[Exception] = field(factory=list)
    calls: int = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.troubles:
            raise self.troubles.pop(0)
        return "answer"


@define(eq=False)
class Turnstile:
    """Counts who passes; closed, it lets nobody through."""

    passed: int = 0
    closed: bool = False

    async def acquire(self) -> None:
        if self.closed:
            await asyncio.Event().wait()
        self.passed += 1


def chain_on(clock: Clock, policy: Policy = POLICY, **parts: object) -> Chain:
    """A chain whose jitter is always half."""
    chain = build_chain("acme", clock=clock, policy=policy)
    chain.draw = lambda: 0.5
    for name, part in parts.items():
        setattr(chain, name, part)
    return chain


async def silence() -> str:
    """A provider that never answers."""
    await asyncio.Event().wait()
    return ""


async def test_repeated_until_it_works() -> None:
    """What did nothing is asked again, with waits that double up to the longest, each with its jitter."""
    clock, provider = EagerClock(), Provider([Unavailable("1"), Unavailable("2"), Unavailable("3")])

    answer = await chain_on(clock).run("sale", provider, repeatable=True)

    assert (answer, provider.calls) == ("answer", 4)
    assert (clock.now() - START).total_seconds() == (1 + 0.25) + (2 + 0.25) + (3 + 0.25)


async def test_last_attempt() -> None:
    """After the last attempt its error is raised as it was, with no wait for nothing."""
    clock, errors = EagerClock(), [Unavailable(str(number)) for number in range(9)]
    provider = Provider(list(errors))

    with pytest.raises(Unavailable) as raised:
        await chain_on(clock).run("sale", provider, repeatable=True)

    assert raised.value is errors[3]
    assert provider.calls == 4
    assert (clock.now() - START).total_seconds() == 6.75


async def test_patience_asked_for() -> None:
    """A provider that says when to come back is not asked earlier."""
    clock = EagerClock()

    await chain_on(clock).run("sale", Provider([Unavailable("busy", retry_after=40)]), repeatable=True)

    assert (clock.now() - START).total_seconds() == 40


async def test_more_patience_than_there_is_time() -> None:
    """When it asks for more than the deadline leaves, the caller hears so at once."""
    clock, provider = EagerClock(), Provider([Unavailable("busy", retry_after=1001)])

    with pytest.raises(Unavailable) as raised:
        await chain_on(clock).run("sale", provider, repeatable=True)

    assert (raised.value.retry_after, provider.calls, clock.now()) == (1001, 1, START)


@pytest.mark.parametrize(
    "error", [OutcomeUnknown("?"), Rejected("no"), InvalidResponse("?"), Unsupported("no"), KeyError("x")]
)
async def test_never_repeated(error: Exception) -> None:
    """What may have happened, what was refused and what nobody understands is never asked again blindly."""
    provider = Provider([error])

    with pytest.raises(type(error)):
        await chain_on(EagerClock()).run("sale", provider, repeatable=True)

    assert provider.calls == 1


async def test_not_safe_to_repeat() -> None:
    """A call without an idempotency key is made once, also when it did nothing."""
    provider = Provider([Unavailable("down")])

    with pytest.raises(Unavailable):
        await chain_on(EagerClock()).run("send", provider, repeatable=False)

    assert provider.calls == 1


async def test_open_circuit_is_not_waited_for() -> None:
    """The circuit's refusal is passed on at once; nobody takes a turn for it."""
    clock, turnstile = EagerClock(), Turnstile()
    chain = chain_on(clock, evolve(POLICY, fail_max=2), limiter=turnstile)
    provider = Provider([Unavailable("down")] * 9)

    with pytest.raises(CircuitOpen):
        await chain.run("sale", provider, repeatable=True)
    with pytest.raises(CircuitOpen):
        await chain.run("sale", provider, repeatable=True)

    assert (provider.calls, turnstile.passed) == (2, 2)


@pytest.mark.parametrize(("reads", "error"), [(False, OutcomeUnknown), (True, Unavailable)])
async def test_no_answer_before_the_deadline(reads: bool, error: type[Exception]) -> None:
    """A change may have happened; a question did nothing. Both count against the provider."""
    chain = chain_on(EagerClock(), evolve(POLICY, deadline=0.01, fail_max=1))

    with pytest.raises(error):
        await chain.run("call", silence, repeatable=True, reads=reads)

    assert chain.breaker.state is BreakerState.OPEN


async def test_deadline_within_a_pause() -> None:
    """Time that runs out while waiting for the next attempt leaves the last error, since nothing was done."""
    error = Unavailable("down")
    chain = chain_on(ManualClock(), evolve(POLICY, deadline=0.05, first_wait=0.01, jitter=0))

    with pytest.raises(Unavailable) as raised:
        await chain.run("sale", Provider([error]), repeatable=True)

    assert raised.value is error


async def test_deadline_before_its_turn() -> None:
    """Time that runs out while waiting for a turn is Unavailable, and is not the provider's fault."""
    provider = Provider()
    chain = chain_on(EagerClock(), evolve(POLICY, deadline=0.01, fail_max=1), limiter=Turnstile(closed=True))

    with pytest.raises(Throttled):
        await chain.run("sale", provider, repeatable=True)

    assert (provider.calls, chain.breaker.state) == (0, BreakerState.CLOSED)


async def test_every_attempt_takes_a_turn() -> None:
    """Repeats count towards the rate as well."""
    turnstile = Turnstile()

    await chain_on(EagerClock(), limiter=turnstile).run("sale", Provider([Unavailable("down")]), repeatable=True)

    assert turnstile.passed == 2


async def test_rate() -> None:
    """One call a quarter of an hour: the second is not made before the deadline."""
    chain = chain_on(EagerClock(), evolve(POLICY, deadline=0.01), limiter=PerSecond(1 / 900))
    provider = Provider()

    await chain.run("sale", provider, repeatable=True)
    with pytest.raises(Throttled):
        await chain.run("sale", provider, repeatable=True)

    assert provider.calls == 1


async def test_burst() -> None:
    """A second's worth may go at once."""
    limiter = PerSecond(50)

    async with asyncio.timeout(1):
        for _ in range(50):
            await limiter.acquire()


async def test_reports() -> None:
    """Every call that was made is counted with how it ended; what was not made is not."""
    reports: list[CallReport] = []
    chain = chain_on(EagerClock(), evolve(POLICY, fail_max=2), observe=reports.append)

    await chain.run("sale", Provider([Unavailable("down")]), repeatable=True)
    for error in (KeyError("x"), OutcomeUnknown("?"), OutcomeUnknown("never made: the circuit is open")):
        with pytest.raises((KeyError, OutcomeUnknown, CircuitOpen)):
            await chain.run("refund", Provider([error]), repeatable=True)

    assert _short(reports) == [
        ("sale", 1, "unavailable"),
        ("sale", 2, "ok"),
        ("refund", 1, "error"),
        ("refund", 1, "outcome_unknown"),
    ]
    assert all(report.provider == "acme" and report.seconds >= 0 for report in reports)


async def test_report_of_a_caller_that_went_away() -> None:
    """It is counted as such."""
    reports: list[CallReport] = []
    task = asyncio.create_task(chain_on(EagerClock(), observe=reports.append).run("sale", silence, repeatable=True))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])

    assert _short(reports) == [("sale", 1, "cancelled")]


def test_built_from_a_policy() -> None:
    """A rate is limited only where the policy has one."""
    assert build_chain("acme", clock=EagerClock(), policy=POLICY).limiter is None
    assert build_chain("acme", clock=EagerClock(), policy=evolve(POLICY, calls_per_second=5)).limiter is not None
    for wrong in ({"deadline": 0}, {"attempts": 0}, {"fail_max": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            evolve(POLICY, **wrong)


def _short(reports: Sequence[CallReport]) -> list[tuple[str, int, str]]:
    return [(report.operation, report.attempt, report.result) for report in reports]
