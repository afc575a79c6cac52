"""Authorizing, capturing and voiding."""

import pytest

from repaircore.domain.money import Money
from repaircore.domain.payments.payment import FactKind, PaymentStatus, fold
from repaircore.ports.errors import Rejected, Unsupported
from repaircore.ports.payments import Capability, Outcome
from repaircore.testing.payments.claims import ORDER, PENNY, CapableContract, claims, lacks
from repaircore.testing.payments.harness import PaymentHarness, only_payment

_NOTHING = Money.zero("GBP")


async def _reserved(harness: PaymentHarness) -> Outcome:
    outcome = await harness.gateway.authorize(ORDER)
    await harness.approve(outcome)
    return outcome


async def _collected(harness: PaymentHarness) -> Money:
    payment = await only_payment(harness)
    return payment.collected


class ReservationContract(CapableContract):
    """A payment that is reserved first and collected later."""

    @claims(Capability.AUTHORIZE)
    async def test_reservation_collects_nothing(self, harness: PaymentHarness) -> None:
        """An approved authorization moves no money."""
        await _reserved(harness)

        assert await _collected(harness) == _NOTHING

    @claims(Capability.AUTHORIZE, Capability.LOOK_UP)
    async def test_look_up_of_a_reservation(self, harness: PaymentHarness) -> None:
        """It is authorized, which is not paid."""
        await _reserved(harness)

        found = await harness.gateway.look_up(ORDER.key)

        assert found is not None
        assert fold(found.facts) is PaymentStatus.AUTHORIZED

    @claims(Capability.AUTHORIZE)
    async def test_repeated_authorization(self, harness: PaymentHarness) -> None:
        """The same order again is the same reservation."""
        first = await harness.gateway.authorize(ORDER)
        again = await harness.gateway.authorize(ORDER)

        assert again == first
        assert len(await harness.payments()) == 1

    @claims(Capability.AUTHORIZE)
    async def test_capture(self, harness: PaymentHarness) -> None:
        """All of it is collected, and the answer says so."""
        outcome = await _reserved(harness)

        captured = await harness.gateway.capture(outcome.reference, ORDER.amount, key="capture_1")

        assert await _collected(harness) == ORDER.amount
        assert [fact.amount for fact in captured.facts if fact.kind is FactKind.CAPTURED] == [ORDER.amount]
        assert captured.key == ORDER.key

    @claims(Capability.AUTHORIZE, Capability.PARTIAL_CAPTURE)
    async def test_partial_capture(self, harness: PaymentHarness) -> None:
        """A part is collected, and no more."""
        outcome = await _reserved(harness)

        captured = await harness.gateway.capture(outcome.reference, Money(1000, "GBP"), key="capture_1")

        assert await _collected(harness) == Money(1000, "GBP")
        assert [fact.amount for fact in captured.facts if fact.kind is FactKind.CAPTURED] == [Money(1000, "GBP")]

    @claims(Capability.AUTHORIZE)
    @lacks(Capability.PARTIAL_CAPTURE)
    async def test_without_partial_capture(self, harness: PaymentHarness) -> None:
        """Unsupported, and nothing is collected: neither the part nor the whole."""
        outcome = await _reserved(harness)
        with pytest.raises(Unsupported):
            await harness.gateway.capture(outcome.reference, Money(1000, "GBP"), key="capture_1")

        assert await _collected(harness) == _NOTHING

    @claims(Capability.AUTHORIZE)
    async def test_capture_of_too_much(self, harness: PaymentHarness) -> None:
        """More than was reserved is refused, and nothing is collected."""
        outcome = await _reserved(harness)
        with pytest.raises(Rejected):
            await harness.gateway.capture(outcome.reference, ORDER.amount + PENNY, key="capture_1")

        assert await _collected(harness) == _NOTHING

    @claims(Capability.AUTHORIZE)
    async def test_repeated_capture(self, harness: PaymentHarness) -> None:
        """The same key collects once; another key finds nothing left."""
        outcome = await _reserved(harness)
        await harness.gateway.capture(outcome.reference, ORDER.amount, key="capture_1")
        await harness.gateway.capture(outcome.reference, ORDER.amount, key="capture_1")
        with pytest.raises(Rejected):
            await harness.gateway.capture(outcome.reference, ORDER.amount, key="capture_2")

        assert await _collected(harness) == ORDER.amount

    @claims(Capability.AUTHORIZE)
    async def test_capture_before_approval(self, harness: PaymentHarness) -> None:
        """Nothing is reserved until the customer approves."""
        outcome = await harness.gateway.authorize(ORDER)
        with pytest.raises(Rejected):
            await harness.gateway.capture(outcome.reference, ORDER.amount, key="capture_1")

        assert await _collected(harness) == _NOTHING

    @claims(Capability.AUTHORIZE)
    async def test_capture_of_an_unknown_payment(self, harness: PaymentHarness) -> None:
        """What the provider never heard of is refused."""
        with pytest.raises(Rejected):
            await harness.gateway.capture("never/seen?#", ORDER.amount, key="capture_1")

    @lacks(Capability.AUTHORIZE)
    async def test_without_authorization(self, harness: PaymentHarness) -> None:
        """Unsupported, and nothing is opened; a sale instead would take money too early."""
        with pytest.raises(Unsupported):
            await harness.gateway.authorize(ORDER)
        with pytest.raises(Unsupported):
            await harness.gateway.capture("any", ORDER.amount, key="capture_1")

        assert not await harness.payments()

    @claims(Capability.AUTHORIZE, Capability.VOID)
    async def test_void(self, harness: PaymentHarness) -> None:
        """A released reservation says so and can no longer be captured. Releasing it again with the same key changes nothing."""
        outcome = await _reserved(harness)

        voided = await harness.gateway.void(outcome.reference, key="void_1")

        assert fold(voided.facts) is PaymentStatus.CANCELLED
        assert await harness.gateway.void(outcome.reference, key="void_1") == voided
        with pytest.raises(Rejected):
            await harness.gateway.capture(outcome.reference, ORDER.amount, key="capture_1")
        assert await _collected(harness) == _NOTHING

    @claims(Capability.AUTHORIZE, Capability.VOID)
    async def test_void_after_capture(self, harness: PaymentHarness) -> None:
        """What was collected is not released but refunded: refused."""
        outcome = await _reserved(harness)
        await harness.gateway.capture(outcome.reference, ORDER.amount, key="capture_1")
        with pytest.raises(Rejected):
            await harness.gateway.void(outcome.reference, key="void_1")

        assert await _collected(harness) == ORDER.amount

    @lacks(Capability.VOID)
    async def test_without_void(self, harness: PaymentHarness) -> None:
        """Unsupported."""
        with pytest.raises(Unsupported):
            await harness.gateway.void("any", key="void_1")
