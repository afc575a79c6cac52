"""Lost answers of payment providers: looked up, never asked for again."""

import pytest
from attrs import define, field

from repaircore.adapters.payments.memory.gateway import MemoryGateway
from repaircore.adapters.resilience.breaker import BreakerState
from repaircore.adapters.resilience.payments import ResilientGateway, resilient
from repaircore.adapters.resilience.policy import Policy
from repaircore.domain.identity import PaymentId
from repaircore.domain.money import Money
from repaircore.domain.payments.payment import PaymentStatus, fold
from repaircore.ports.errors import OutcomeUnknown, PortError, Unavailable
from repaircore.ports.payments import Capability, Order, Outcome
from tests.contract.payments.clocks import EagerClock

ORDER = Order(key=PaymentId("pay_1"), amount=Money(500, "JPY"), description="Deposit")


@define(kw_only=True, eq=False)
class CountingGateway(MemoryGateway):
    """Remembers what it was asked."""

    asked: list[str] = field(factory=list)
    look_ups_fail_with: PortError | None = None

    async def sale(self, order: Order) -> Outcome:
        self.asked.append("sale")
        return await super().sale(order)

    async def refund(self, reference: str, amount: Money, *, key: str) -> Outcome:
        self.asked.append("refund")
        return await super().refund(reference, amount, key=key)

    async def look_up(self, key: PaymentId) -> Outcome | None:
        self.asked.append("look_up")
        if self.look_ups_fail_with is not None:
            raise self.look_ups_fail_with
        return await super().look_up(key)


@pytest.fixture
def provider() -> CountingGateway:
    return CountingGateway(clock=EagerClock())


@pytest.fixture
def gateway(provider: CountingGateway) -> ResilientGateway:
    return resilient(provider, clock=provider.clock)


async def test_lost_sale_is_found(provider: CountingGateway, gateway: ResilientGateway) -> None:
    """It took effect, so the caller gets its outcome, and the provider was asked once."""
    provider.fail_next(OutcomeUnknown("lost"), acts=True)

    outcome = await gateway.sale(ORDER)

    assert outcome.key == ORDER.key
    assert provider.asked == ["sale", "look_up"]


async def test_lost_refund_is_found(provider: CountingGateway, gateway: ResilientGateway) -> None:
    """An operation is looked up by its own key."""
    outcome = await gateway.sale(ORDER)
    provider.approve(outcome.reference)
    provider.fail_next(OutcomeUnknown("lost"), acts=True)

    refunded = await gateway.refund(outcome.reference, ORDER.amount, key="refund_1")

    assert fold(refunded.facts) is PaymentStatus.REFUNDED
    assert provider.asked == ["sale", "refund", "look_up"]


async def test_request_that_may_be_under_way(provider: CountingGateway, gateway: ResilientGateway) -> None:
    """What the provider does not know of yet stays unknown: it is not asked again."""
    provider.fail_next(OutcomeUnknown("lost"))

    with pytest.raises(OutcomeUnknown):
        await gateway.sale(ORDER)

    assert provider.asked == ["sale", "look_up"]


async def test_look_up_that_fails(provider: CountingGateway, gateway: ResilientGateway) -> None:
    """Then nothing is known, and certainly not that nothing was done."""
    provider.fail_next(OutcomeUnknown("lost"), acts=True)
    provider.look_ups_fail_with = Unavailable("down")

    with pytest.raises(OutcomeUnknown, match="lost"):
        await gateway.sale(ORDER)

    assert provider.asked == ["sale", "look_up", "look_up", "look_up"]


async def test_provider_without_look_up() -> None:
    """There is nothing to ask."""
    provider = CountingGateway(clock=EagerClock(), capabilities=frozenset({Capability.SALE}))
    provider.fail_next(OutcomeUnknown("lost"), acts=True)

    with pytest.raises(OutcomeUnknown):
        await resilient(provider, clock=provider.clock).sale(ORDER)

    assert provider.asked == ["sale"]


async def test_busy_provider(provider: CountingGateway, gateway: ResilientGateway) -> None:
    """What did nothing is asked again, with the same key."""
    provider.fail_next(Unavailable("busy", retry_after=2))

    await gateway.sale(ORDER)

    assert provider.asked == ["sale", "sale"]
    assert len(provider.payments) == 1


async def test_breaker_state_shows(provider: CountingGateway) -> None:
    """Readiness can tell that the provider is left alone, and whoever listens hears of it."""
    changes: list[tuple[str, str]] = []
    policy = Policy(attempts=1, fail_max=2)
    gateway = resilient(
        provider, clock=provider.clock, policy=policy, on_change=lambda name, state: changes.append((name, state))
    )
    provider.fail_next(Unavailable("down"), times=2)
    before = gateway.breaker_state
    for _ in range(2):
        with pytest.raises(Unavailable):
            await gateway.sale(ORDER)

    assert (before, gateway.breaker_state) == (BreakerState.CLOSED, BreakerState.OPEN)
    assert changes == [("memory", "open")]
