"""Sales, looking up, and the idempotency of both."""

import asyncio

import pytest
from attrs import evolve

from repaircore.domain.identity import PaymentId
from repaircore.domain.money import Money
from repaircore.domain.payments.payment import FactKind, PaymentStatus, fold
from repaircore.ports.errors import Rejected, Unsupported
from repaircore.ports.payments import Capability
from repaircore.testing.payments.claims import ORDER, CapableContract, claims, lacks
from repaircore.testing.payments.harness import PaymentHarness, only_payment

AMOUNTS = (Money(2475, "GBP"), Money(500, "JPY"), Money(12345, "KWD"), Money(1, "USD"))
_UNDECIDED = {PaymentStatus.PENDING, PaymentStatus.REQUIRES_ACTION}


class CheckoutContract(CapableContract):
    """Opening a payment that the customer then approves."""

    async def test_identity(self, harness: PaymentHarness) -> None:
        """It has the name of its configuration entry, and claims what its tests say it claims."""
        assert harness.gateway.name == self.adapter
        assert harness.gateway.capabilities == self.capabilities

    @claims(Capability.SALE)
    async def test_sale_opens_one_payment(self, harness: PaymentHarness) -> None:
        """One payment of that amount is open at the far side, and not a penny has moved."""
        outcome = await harness.gateway.sale(ORDER)

        payment = await only_payment(harness)
        assert (payment.key, payment.amount, payment.collected) == (ORDER.key, ORDER.amount, Money.zero("GBP"))
        assert outcome.key == ORDER.key
        assert fold(outcome.facts) in _UNDECIDED

    @claims(Capability.SALE)
    async def test_approved_sale_is_collected(self, harness: PaymentHarness) -> None:
        """Once the customer approves, exactly the amount is collected, to the last minor unit of every currency."""
        for amount in AMOUNTS:
            order = evolve(ORDER, key=PaymentId(f"pay_{amount.currency}"), amount=amount)
            await harness.approve(await harness.gateway.sale(order))

        assert tuple(payment.collected for payment in await harness.payments()) == AMOUNTS

    @claims(Capability.SALE)
    async def test_declined_sale_collects_nothing(self, harness: PaymentHarness) -> None:
        """After the bank's no nothing is collected, and a late approval changes nothing."""
        outcome = await harness.gateway.sale(ORDER)
        await harness.decline(outcome)
        await harness.approve(outcome)

        payment = await only_payment(harness)
        assert payment.collected == Money.zero("GBP")

    @claims(Capability.SALE)
    async def test_repeated_key(self, harness: PaymentHarness) -> None:
        """The same order again is the same payment."""
        first = await harness.gateway.sale(ORDER)
        again = await harness.gateway.sale(ORDER)

        assert again == first
        assert len(await harness.payments()) == 1

    @claims(Capability.SALE)
    async def test_repeated_key_at_the_same_time(self, harness: PaymentHarness) -> None:
        """The same order many times at once is one payment."""
        outcomes = await asyncio.gather(*(harness.gateway.sale(ORDER) for _ in range(5)))

        assert len({outcome.reference for outcome in outcomes}) == 1
        assert len(await harness.payments()) == 1

    @claims(Capability.SALE)
    async def test_repeated_key_after_approval(self, harness: PaymentHarness) -> None:
        """Repeating an order that was paid collects nothing more."""
        outcome = await harness.gateway.sale(ORDER)
        await harness.approve(outcome)
        await harness.gateway.sale(ORDER)
        await harness.approve(outcome)

        payment = await only_payment(harness)
        assert payment.collected == ORDER.amount

    @claims(Capability.SALE)
    async def test_key_with_another_amount(self, harness: PaymentHarness) -> None:
        """A key that was used for another amount is refused, and the first payment stays as it was."""
        await harness.gateway.sale(ORDER)
        with pytest.raises(Rejected):
            await harness.gateway.sale(evolve(ORDER, amount=Money(9900, "GBP")))

        payment = await only_payment(harness)
        assert payment.amount == ORDER.amount

    @claims(Capability.SALE)
    async def test_other_keys(self, harness: PaymentHarness) -> None:
        """Another key is another payment, however alike they are."""
        await harness.gateway.sale(ORDER)
        await harness.gateway.sale(evolve(ORDER, key=PaymentId("pay_contract_2")))

        assert [payment.key for payment in await harness.payments()] == ["pay_contract_1", "pay_contract_2"]

    @lacks(Capability.SALE)
    async def test_without_sales(self, harness: PaymentHarness) -> None:
        """Unsupported, and nothing is opened."""
        with pytest.raises(Unsupported):
            await harness.gateway.sale(ORDER)

        assert not await harness.payments()

    @claims(Capability.SALE, Capability.LOOK_UP)
    async def test_look_up_before_the_customer_decides(self, harness: PaymentHarness) -> None:
        """The payment is known, and undecided."""
        outcome = await harness.gateway.sale(ORDER)

        found = await harness.gateway.look_up(ORDER.key)

        assert found is not None
        assert (found.key, found.reference) == (ORDER.key, outcome.reference)
        assert fold(found.facts) in _UNDECIDED

    @claims(Capability.SALE, Capability.LOOK_UP)
    async def test_look_up_after_approval(self, harness: PaymentHarness) -> None:
        """It says what was collected, in every currency; asked again it tells the same facts."""
        for amount in AMOUNTS:
            order = evolve(ORDER, key=PaymentId(f"pay_{amount.currency}"), amount=amount)
            await harness.approve(await harness.gateway.sale(order))

            found = await harness.gateway.look_up(order.key)

            assert found is not None
            assert found == await harness.gateway.look_up(order.key)
            assert [fact.amount for fact in found.facts if fact.kind is FactKind.CAPTURED] == [amount]
            assert fold(found.facts) is PaymentStatus.SUCCEEDED

    @claims(Capability.SALE, Capability.LOOK_UP)
    async def test_look_up_after_a_decline(self, harness: PaymentHarness) -> None:
        """It says that the payment failed."""
        await harness.decline(await harness.gateway.sale(ORDER))

        found = await harness.gateway.look_up(ORDER.key)

        assert found is not None
        assert fold(found.facts) is PaymentStatus.FAILED

    @claims(Capability.LOOK_UP)
    async def test_look_up_of_an_unknown_key(self, harness: PaymentHarness) -> None:
        """None, not an error and not somebody else's payment."""
        if Capability.SALE in self.capabilities:
            await harness.gateway.sale(ORDER)

        assert await harness.gateway.look_up(PaymentId("pay_never_seen")) is None

    @lacks(Capability.LOOK_UP)
    async def test_without_look_up(self, harness: PaymentHarness) -> None:
        """Unsupported; None would say that there is no such payment."""
        with pytest.raises(Unsupported):
            await harness.gateway.look_up(ORDER.key)

    async def test_closing(self, harness: PaymentHarness) -> None:
        """Closing twice does no harm."""
        await harness.gateway.aclose()
        await harness.gateway.aclose()
