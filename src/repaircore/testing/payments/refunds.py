"""Giving money back."""

import pytest

from repaircore.domain.money import Money
from repaircore.domain.payments.payment import PaymentStatus, fold
from repaircore.ports.errors import Rejected, Unsupported
from repaircore.ports.payments import Capability, Outcome
from repaircore.testing.payments.claims import ORDER, PENNY, CapableContract, claims, lacks
from repaircore.testing.payments.harness import PaymentHarness, only_payment

_PART = Money(1000, "GBP")


async def _paid(harness: PaymentHarness) -> Outcome:
    outcome = await harness.gateway.sale(ORDER)
    await harness.approve(outcome)
    return outcome


async def _refunded(harness: PaymentHarness) -> Money:
    payment = await only_payment(harness)
    return payment.refunded


class RefundContract(CapableContract):
    """Never more than is left, and once per key."""

    @claims(Capability.SALE, Capability.REFUND)
    async def test_refund(self, harness: PaymentHarness) -> None:
        """All of it goes back, and the answer says so."""
        outcome = await _paid(harness)

        refunded = await harness.gateway.refund(outcome.reference, ORDER.amount, key="refund_1")

        assert await _refunded(harness) == ORDER.amount
        assert refunded.key == ORDER.key
        assert fold(refunded.facts) is PaymentStatus.REFUNDED

    @claims(Capability.SALE, Capability.REFUND, Capability.PARTIAL_REFUND)
    async def test_partial_refund(self, harness: PaymentHarness) -> None:
        """A part goes back, and then the rest."""
        outcome = await _paid(harness)

        partly = await harness.gateway.refund(outcome.reference, _PART, key="refund_1")
        assert await _refunded(harness) == _PART
        fully = await harness.gateway.refund(outcome.reference, ORDER.amount - _PART, key="refund_2")

        assert await _refunded(harness) == ORDER.amount
        assert fold(partly.facts) is PaymentStatus.PARTIALLY_REFUNDED
        assert fold(fully.facts) is PaymentStatus.REFUNDED

    @claims(Capability.SALE, Capability.REFUND, Capability.PARTIAL_REFUND)
    async def test_refund_of_more_than_is_left(self, harness: PaymentHarness) -> None:
        """Refused, and what was given back stays as it was."""
        outcome = await _paid(harness)
        await harness.gateway.refund(outcome.reference, _PART, key="refund_1")
        with pytest.raises(Rejected):
            await harness.gateway.refund(outcome.reference, ORDER.amount - _PART + PENNY, key="refund_2")

        assert await _refunded(harness) == _PART

    @claims(Capability.SALE, Capability.REFUND)
    @lacks(Capability.PARTIAL_REFUND)
    async def test_without_partial_refund(self, harness: PaymentHarness) -> None:
        """Unsupported, and nothing goes back: neither the part nor the whole."""
        outcome = await _paid(harness)
        with pytest.raises(Unsupported):
            await harness.gateway.refund(outcome.reference, _PART, key="refund_1")

        assert await _refunded(harness) == Money.zero("GBP")

    @claims(Capability.SALE, Capability.REFUND)
    async def test_refund_of_too_much(self, harness: PaymentHarness) -> None:
        """More than was paid is refused, and nothing goes back."""
        outcome = await _paid(harness)
        with pytest.raises(Rejected):
            await harness.gateway.refund(outcome.reference, ORDER.amount + PENNY, key="refund_1")

        assert await _refunded(harness) == Money.zero("GBP")

    @claims(Capability.SALE, Capability.REFUND)
    async def test_refund_in_another_currency(self, harness: PaymentHarness) -> None:
        """Refused; nobody exchanges money here."""
        outcome = await _paid(harness)
        with pytest.raises(Rejected):
            await harness.gateway.refund(outcome.reference, Money(ORDER.amount.amount, "JPY"), key="refund_1")

        assert await _refunded(harness) == Money.zero("GBP")

    @claims(Capability.SALE, Capability.REFUND)
    async def test_refund_of_an_unpaid_payment(self, harness: PaymentHarness) -> None:
        """Refused: there is nothing to give back."""
        outcome = await harness.gateway.sale(ORDER)
        with pytest.raises(Rejected):
            await harness.gateway.refund(outcome.reference, ORDER.amount, key="refund_1")

        assert await _refunded(harness) == Money.zero("GBP")

    @claims(Capability.SALE, Capability.REFUND, Capability.PARTIAL_REFUND)
    async def test_repeated_refund(self, harness: PaymentHarness) -> None:
        """The same key gives back once; the same key with another amount is refused."""
        outcome = await _paid(harness)
        first = await harness.gateway.refund(outcome.reference, _PART, key="refund_1")
        again = await harness.gateway.refund(outcome.reference, _PART, key="refund_1")
        with pytest.raises(Rejected):
            await harness.gateway.refund(outcome.reference, PENNY, key="refund_1")

        assert again == first
        assert await _refunded(harness) == _PART

    @lacks(Capability.REFUND)
    async def test_without_refunds(self, harness: PaymentHarness) -> None:
        """Unsupported."""
        with pytest.raises(Unsupported):
            await harness.gateway.refund("any", ORDER.amount, key="refund_1")
