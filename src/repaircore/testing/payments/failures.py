"""What silence, failures and nonsense mean: an error must never claim to know more than it does."""

from collections.abc import Awaitable

import pytest

from repaircore.domain.identity import PaymentId
from repaircore.domain.money import Money
from repaircore.ports.errors import InvalidResponse, OutcomeUnknown, Unavailable
from repaircore.ports.payments import Capability, Outcome
from repaircore.testing.payments.claims import ORDER, CapableContract, claims
from repaircore.testing.payments.harness import PaymentHarness, only_payment


async def _heard(call: Awaitable[Outcome]) -> Outcome | None:
    """Let the outcome be unknown, or be found out; any other error would be a lie."""
    try:
        return await call
    except OutcomeUnknown:
        return None


class FailureContract(CapableContract):
    """The far side at its worst."""

    @claims(Capability.SALE)
    async def test_lost_reply(self, harness: PaymentHarness) -> None:
        """A sale nobody answered is OutcomeUnknown, or was looked up. It exists; the same order again is the same payment."""
        await harness.lose_reply()
        outcome = await _heard(harness.gateway.sale(ORDER))

        again = await harness.gateway.sale(ORDER)

        assert outcome in (None, again)
        assert [payment.key for payment in await harness.payments()] == [ORDER.key]

    @claims(Capability.SALE, Capability.LOOK_UP)
    async def test_looking_up_a_lost_reply(self, harness: PaymentHarness) -> None:
        """What was lost can be looked up."""
        await harness.lose_reply()
        await _heard(harness.gateway.sale(ORDER))

        found = await harness.gateway.look_up(ORDER.key)

        assert found is not None
        assert found.key == ORDER.key

    @claims(Capability.SALE, Capability.REFUND)
    async def test_lost_reply_of_a_refund(self, harness: PaymentHarness) -> None:
        """A refund nobody answered is OutcomeUnknown, or was looked up; asked again with its key, the money goes back once."""
        outcome = await harness.gateway.sale(ORDER)
        await harness.approve(outcome)
        await harness.lose_reply()
        await _heard(harness.gateway.refund(outcome.reference, ORDER.amount, key="refund_1"))

        await harness.gateway.refund(outcome.reference, ORDER.amount, key="refund_1")

        payment = await only_payment(harness)
        assert payment.refunded == ORDER.amount

    @claims(Capability.SALE)
    async def test_failure_after_acting(self, harness: PaymentHarness) -> None:
        """A failure of the far side may come after the deed, so it is never said that nothing was done."""
        await harness.fail_after_acting()
        await _heard(harness.gateway.sale(ORDER))

        await harness.gateway.sale(ORDER)

        assert len(await harness.payments()) == 1

    @claims(Capability.SALE)
    async def test_garbled_answer(self, harness: PaymentHarness) -> None:
        """An answer in no known words is InvalidResponse: neither success nor failure."""
        await harness.garble()

        with pytest.raises(InvalidResponse):
            await harness.gateway.sale(ORDER)

    @claims(Capability.SALE)
    async def test_busy(self, harness: PaymentHarness) -> None:
        """A far side that turns us away did nothing: Unavailable, with the patience it asks for."""
        await harness.be_busy(retry_after=7)

        with pytest.raises(Unavailable) as refusal:
            await harness.gateway.sale(ORDER)

        assert refusal.value.retry_after == 7
        assert not await harness.payments()

    @claims(Capability.SALE)
    async def test_out_of_reach(self, harness: PaymentHarness) -> None:
        """Nobody was there, so nothing was done: Unavailable; later it works."""
        await harness.break_down()
        with pytest.raises(Unavailable):
            await harness.gateway.sale(ORDER)
        await harness.recover()
        assert not await harness.payments()

        await harness.gateway.sale(ORDER)

        assert len(await harness.payments()) == 1

    @claims(Capability.LOOK_UP)
    async def test_look_up_out_of_reach(self, harness: PaymentHarness) -> None:
        """Unavailable, never None: nobody said that there is no such payment."""
        await harness.break_down()

        with pytest.raises(Unavailable):
            await harness.gateway.look_up(PaymentId("pay_1"))

    @claims(Capability.SALE, Capability.LOOK_UP)
    async def test_look_up_without_an_answer(self, harness: PaymentHarness) -> None:
        """Unavailable, since asking did nothing; or asked again. Never None."""
        await harness.gateway.sale(ORDER)
        await harness.lose_reply()

        try:
            found = await harness.gateway.look_up(ORDER.key)
        except Unavailable:
            found = await harness.gateway.look_up(ORDER.key)

        assert found is not None
        assert found.key == ORDER.key

    @claims(Capability.SALE)
    async def test_failing_calls_move_no_money(self, harness: PaymentHarness) -> None:
        """Whatever goes wrong with opening a payment, the customer has not paid."""
        for trouble in (harness.lose_reply, harness.fail_after_acting):
            await trouble()
            await _heard(harness.gateway.sale(ORDER))

        payment = await only_payment(harness)
        assert payment.collected == Money.zero("GBP")
