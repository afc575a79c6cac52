"""Payments: the intent first, the provider's word only, and every fact once."""

import asyncio
from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repaircore.adapters.payments.memory.gateway import MemoryGateway
from repaircore.application.payments.gateways import Gateways
from repaircore.domain.booking.lifecycle import Action, Status
from repaircore.domain.errors import DepositRequired, InvalidValue, NotFound, NothingDue
from repaircore.domain.money import Money
from repaircore.domain.payments.payment import PaymentStatus, Purpose
from repaircore.ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from repaircore.ports.payments import InvalidSignature, Order, Outcome
from tests.unit.application.conftest import CUSTOMER, Shop


async def test_the_deposit_is_a_part_of_the_total(shop: Shop) -> None:
    """Deposit, then balance: together the total, never more, and the booking moves once."""
    booking = await shop.booked()

    await shop.paid(booking, Purpose.DEPOSIT)
    after_deposit = await shop.core.payments.statement(booking.id)
    assert (await shop.core.booking.get(booking.id)).status is Status.DEPOSIT_PAID
    await shop.paid(booking, Purpose.BALANCE)
    after_all = await shop.core.payments.statement(booking.id)

    assert (after_deposit.paid, after_deposit.due) == (Money(6200, "GBP"), Money(18600, "GBP"))
    assert (after_all.paid, after_all.due) == (Money(24800, "GBP"), Money(0, "GBP"))


@pytest.mark.parametrize("purpose", [Purpose.DEPOSIT, Purpose.FEE])
async def test_a_second_payment_of_a_paid_deposit(shop: Shop, purpose: Purpose) -> None:
    """What is paid, or was never due, cannot be paid."""
    booking = await shop.booked()
    await shop.paid(booking, Purpose.DEPOSIT)

    with pytest.raises(NothingDue):
        await shop.core.payments.start(booking.id, purpose, by=CUSTOMER)


async def test_the_balance_waits_for_the_deposit(shop: Shop) -> None:
    """First things first."""
    booking = await shop.booked()

    with pytest.raises(DepositRequired):
        await shop.core.payments.start(booking.id, Purpose.BALANCE, by=CUSTOMER)


async def test_asking_again_is_the_same_payment(shop: Shop) -> None:
    """A customer who goes back and pays again has one checkout, not two."""
    booking = await shop.booked()

    first = await shop.core.payments.start(booking.id, Purpose.DEPOSIT, by=CUSTOMER)
    second = await shop.core.payments.start(booking.id, Purpose.DEPOSIT, by=CUSTOMER)

    assert first == second
    assert len(shop.gateway.payments) == 1


async def test_a_lost_answer(shop: Shop) -> None:
    """A provider that acted and was not heard is looked up, not asked again."""
    booking = await shop.booked()
    shop.gateway.fail_next(OutcomeUnknown("the line went dead"), acts=True)

    with pytest.raises(OutcomeUnknown):
        await shop.core.payments.start(booking.id, Purpose.DEPOSIT, by=CUSTOMER)
    (open_one,) = await shop.core.payments.of_booking(booking.id)
    again = await shop.core.payments.start(booking.id, Purpose.DEPOSIT, by=CUSTOMER)

    assert (again.id, again.status) == (open_one.id, PaymentStatus.REQUIRES_ACTION)
    assert len(shop.gateway.payments) == 1


@pytest.mark.parametrize("error", [Unavailable("closed for lunch"), Rejected("not with us")])
async def test_a_provider_that_did_nothing(shop: Shop, error: PortError) -> None:
    """The intent is closed, and the next try is a new payment."""
    booking = await shop.booked()
    shop.gateway.fail_next(error)

    with pytest.raises(type(error)):
        await shop.core.payments.start(booking.id, Purpose.DEPOSIT, by=CUSTOMER)
    (closed,) = await shop.core.payments.of_booking(booking.id)
    fresh = await shop.core.payments.start(booking.id, Purpose.DEPOSIT, by=CUSTOMER)

    assert closed.status is PaymentStatus.CANCELLED
    assert fresh.id != closed.id


@pytest.mark.parametrize("error", [Unavailable("closed for lunch"), Rejected("not with us")])
async def test_a_refusal_after_a_lost_answer(shop: Shop, error: PortError) -> None:
    """While an earlier request may still be under way, a refused repeat does not make room for a second payment."""
    booking = await shop.booked()
    shop.gateway.fail_next(OutcomeUnknown("the line went dead"))
    with pytest.raises(OutcomeUnknown):
        await shop.core.payments.start(booking.id, Purpose.DEPOSIT, by=CUSTOMER)

    class Refusing(MemoryGateway):
        async def sale(self, order: Order) -> Outcome:
            raise error

    gateways = Gateways({"memory": Refusing(clock=shop.clock)}, "memory")
    with pytest.raises(type(error)):
        await evolve(shop.core.payments.start, gateways=gateways)(booking.id, Purpose.DEPOSIT, by=CUSTOMER)

    (still_open,) = await shop.core.payments.of_booking(booking.id)
    assert still_open.is_open


async def test_a_refusal_while_somebody_else_asks(shop: Shop) -> None:
    """The first request hears that nothing was done when a second one has opened the payment: it stays theirs."""
    booking = await shop.booked()

    class Closed(MemoryGateway):
        async def sale(self, order: Order) -> Outcome:
            await shop.core.payments.start(booking.id, Purpose.DEPOSIT, by=CUSTOMER)
            raise Unavailable("closed for lunch")

    gateways = Gateways({"memory": Closed(clock=shop.clock)}, "memory")
    with pytest.raises(Unavailable):
        await evolve(shop.core.payments.start, gateways=gateways)(booking.id, Purpose.DEPOSIT, by=CUSTOMER)

    (still_open,) = await shop.core.payments.of_booking(booking.id)
    assert still_open.status is PaymentStatus.REQUIRES_ACTION


async def test_a_payment_asked_for_again_is_not_given_up(shop: Shop) -> None:
    """A provider that never heard of an intent may be hearing of it right now: it is given time once more."""
    booking = await shop.booked()
    shop.gateway.fail_next(OutcomeUnknown("the line went dead"))
    with pytest.raises(OutcomeUnknown):
        await shop.core.payments.start(booking.id, Purpose.DEPOSIT, by=CUSTOMER)
    shop.clock.advance(timedelta(minutes=11))

    class Slow(MemoryGateway):
        async def sale(self, order: Order) -> Outcome:
            await shop.core.payments.verify(order.key)
            return await shop.gateway.sale(order)

    gateways = Gateways({"memory": Slow(clock=shop.clock)}, "memory")
    started = await evolve(shop.core.payments.start, gateways=gateways)(booking.id, Purpose.DEPOSIT, by=CUSTOMER)

    assert started.status is PaymentStatus.REQUIRES_ACTION


async def test_a_declined_card(shop: Shop) -> None:
    """A decline is told, changes no money, and leaves room for another try."""
    booking = await shop.booked()
    payment = await shop.core.payments.start(booking.id, Purpose.DEPOSIT, by=CUSTOMER)
    shop.gateway.decline(payment.provider_reference)
    await shop.deliver()
    await shop.core.operations.worker.drain()

    assert (await shop.core.payments.get(payment.id)).status is PaymentStatus.FAILED
    assert (await shop.core.payments.statement(booking.id)).paid == Money(0, "GBP")
    assert (await shop.paid(booking, Purpose.DEPOSIT)).status is PaymentStatus.SUCCEEDED


async def test_a_duplicate_webhook(shop: Shop) -> None:
    """The same event twice is stored once and does nothing more."""
    booking = await shop.booked()
    payment = await shop.core.payments.start(booking.id, Purpose.DEPOSIT, by=CUSTOMER)
    shop.gateway.approve(payment.provider_reference)
    shop.gateway.webhooks *= 2

    assert await shop.deliver() == [True, False]


async def test_a_webhook_from_nobody(shop: Shop) -> None:
    """An unsigned body, and a provider that is not configured, are refused; nothing is stored."""
    with pytest.raises(InvalidSignature):
        await shop.core.payments.receive_webhook("memory", {}, b"{}")
    with pytest.raises(NotFound, match="memory"):
        await shop.core.payments.receive_webhook("memry", {}, b"{}")


async def test_a_webhook_that_never_comes(shop: Shop) -> None:
    """Reconciliation asks the provider, so that a lost webhook loses no money."""
    booking = await shop.booked()
    payment = await shop.core.payments.start(booking.id, Purpose.DEPOSIT, by=CUSTOMER)
    shop.gateway.approve(payment.provider_reference)

    shop.clock.advance(timedelta(minutes=5))
    await shop.core.operations.worker.drain()

    assert (await shop.core.payments.get(payment.id)).status is PaymentStatus.SUCCEEDED
    assert (await shop.core.booking.get(booking.id)).paid == Money(6200, "GBP")


async def test_a_lost_webhook_behind_many_checkouts_that_were_left(shop: Shop) -> None:
    """However many stay open, the newest is looked up as well."""
    for _ in range(100):
        await shop.core.payments.start((await shop.booked()).id, Purpose.DEPOSIT, by=CUSTOMER)
    shop.clock.advance(timedelta(seconds=1))
    payment = await shop.core.payments.start((await shop.booked()).id, Purpose.DEPOSIT, by=CUSTOMER)
    shop.gateway.approve(payment.provider_reference)

    shop.clock.advance(timedelta(minutes=5))
    await shop.core.operations.worker.drain()

    assert (await shop.core.payments.get(payment.id)).status is PaymentStatus.SUCCEEDED


async def test_an_intent_nobody_heard_of(shop: Shop) -> None:
    """An intent that never reached the provider is closed once no call about it can be under way."""
    booking = await shop.booked()
    shop.gateway.fail_next(OutcomeUnknown("lost on the way there"))
    with pytest.raises(OutcomeUnknown):
        await shop.core.payments.start(booking.id, Purpose.DEPOSIT, by=CUSTOMER)
    (payment,) = await shop.core.payments.of_booking(booking.id)

    assert (await shop.core.payments.verify(payment.id)).is_open
    shop.clock.advance(timedelta(minutes=11))
    assert (await shop.core.payments.verify(payment.id)).status is PaymentStatus.CANCELLED


async def test_another_amount_than_asked_for(shop: Shop) -> None:
    """A capture that is not what was asked for books nothing and is told to the shop."""
    booking = await shop.booked()
    payment = await shop.core.payments.start(booking.id, Purpose.DEPOSIT, by=CUSTOMER)
    shop.gateway.approve(payment.provider_reference)
    outcome = await shop.gateway.look_up(payment.id)
    assert outcome is not None
    wrong = tuple(evolve(fact, amount=Money(1, "GBP")) for fact in outcome.facts)
    settled = await shop.core.payments.verify.settle(evolve(outcome, facts=wrong))
    names = [entry.kind for entry in await shop.core.booking.timeline(booking.id)]

    assert settled.is_open
    assert "payment.amount_mismatch" in names
    assert (await shop.core.payments.statement(booking.id)).paid == Money(0, "GBP")


async def test_an_ended_booking_charges_nothing(shop: Shop) -> None:
    """A cancelled job owes nothing, and what was paid is owed back."""
    booking = await shop.booked()
    await shop.paid(booking, Purpose.DEPOSIT)
    await shop.core.booking.move(booking.id, Action.CANCEL, by=CUSTOMER, reason="changed my mind")
    account = await shop.core.payments.statement(booking.id)

    assert (account.total, account.paid, account.due) == (Money(0, "GBP"), Money(6200, "GBP"), Money(-6200, "GBP"))
    with pytest.raises(NothingDue):
        await shop.core.payments.start(booking.id, Purpose.BALANCE, by=CUSTOMER)


async def test_an_unknown_provider(shop: Shop) -> None:
    """A provider that is not configured is refused by name."""
    booking = await shop.booked()

    with pytest.raises(InvalidValue, match="did you mean 'memory'") as refused:
        await shop.core.payments.start(booking.id, Purpose.DEPOSIT, by=CUSTOMER, provider="memori")
    assert refused.value.pointer == "/provider"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.permutations([0, 1, 2, 3, 4, 5]))
async def test_any_order_of_news(shop: Shop, order: list[int]) -> None:
    """Webhooks, duplicates and look-ups in any order leave one receipt, one move and a ledger that agrees with the booking."""
    booking = await shop.booked()
    payment = await shop.core.payments.start(booking.id, Purpose.DEPOSIT, by=CUSTOMER)
    shop.gateway.approve(payment.provider_reference)
    webhook = shop.gateway.webhooks[-1]

    async def deliver() -> None:
        await shop.core.payments.receive_webhook("memory", *webhook)

    async def verify() -> None:
        await shop.core.payments.verify(payment.id)

    async def work() -> None:
        await shop.core.operations.worker.drain()

    steps = [deliver, deliver, verify, verify, work, work]
    for index in order:
        await steps[index]()
    await work()

    account = await shop.core.payments.statement(booking.id)
    stored = await shop.core.booking.get(booking.id)
    history = await shop.core.booking.history(booking.id)
    assert account.paid == stored.paid == Money(6200, "GBP")
    assert [entry.after for entry in history] == [Status.PENDING, Status.DEPOSIT_PAID]


async def test_racing_news(shop: Shop) -> None:
    """Look-ups and the webhook at the very same moment: one wins, the others see that it did."""
    booking = await shop.booked()
    payment = await shop.core.payments.start(booking.id, Purpose.DEPOSIT, by=CUSTOMER)
    shop.gateway.approve(payment.provider_reference)
    await shop.deliver()

    await asyncio.gather(
        shop.core.operations.worker.drain(), *(shop.core.payments.verify(payment.id) for _ in range(5))
    )

    async with shop.storage.unit_of_work() as work:
        keys = [entry.key for entry in await work.ledger.of_booking(booking.id)]
    assert sum(key.startswith("receipt/") for key in keys) == 1
