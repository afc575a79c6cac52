"""Following payments: webhooks taken in, providers asked, what stayed open looked up. The client's word is never enough."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from repaircore.application.payments.gateways import Gateways
from repaircore.application.payments.settle import SettlePayment
from repaircore.domain.errors import NotFound
from repaircore.domain.identity import BookingId, PaymentId
from repaircore.domain.ledger.ledger import Statement, statement
from repaircore.domain.payments.payment import Fact, FactKind, Payment
from repaircore.ports.clock import Clock
from repaircore.ports.errors import AlreadyExists
from repaircore.ports.jobs import Job, NewJob
from repaircore.ports.payments import Capability
from repaircore.ports.unit_of_work import InboxMessage, Position, UnitOfWorkFactory

APPLY_WEBHOOK = "payments.apply_webhook"
RECONCILE = "payments.reconcile"

# Long enough for the slowest call under way to be over; then a provider that never heard of a key never will.
_SETTLED_BY = timedelta(minutes=10)
_QUIET_FOR = timedelta(minutes=2)
_BATCH = 100


@frozen
class ReceiveWebhook:
    """A provider tells us something: verified, stored, answered; the rest is a job."""

    unit_of_work: UnitOfWorkFactory
    gateways: Gateways
    clock: Clock

    async def __call__(self, provider: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Store it and answer True, or False for one that is stored already. Raises NotFound (provider), InvalidSignature,
        InvalidResponse."""
        if provider not in self.gateways.by_name:
            raise NotFound("payment provider", provider, tuple(self.gateways.by_name))
        now = self.clock.now()
        news = self.gateways.get(provider).read_webhook(headers, body, now=now)
        message = InboxMessage(provider=provider, event_id=news.event_id, headers=headers, body=body, received_at=now)
        async with self.unit_of_work() as work:
            work.inbox.add(message)
            work.enqueue(NewJob(name=APPLY_WEBHOOK, payload={"provider": provider, "event_id": news.event_id}))
            try:
                await work.commit(now=True)
            except AlreadyExists:
                return False
        return True


@frozen
class ApplyWebhook:
    """Job: what a stored webhook says is taken in."""

    unit_of_work: UnitOfWorkFactory
    gateways: Gateways
    settle: SettlePayment

    async def __call__(self, job: Job) -> None:
        provider, event_id = str(job.payload["provider"]), str(job.payload["event_id"])
        async with self.unit_of_work() as work:
            message = await work.inbox.get(provider, event_id)
        news = self.gateways.get(provider).read_webhook(message.headers, message.body, now=message.received_at)
        if news.outcome is not None:
            await self.settle(news.outcome)


@frozen
class VerifyPayment:
    """Somebody wants to know for sure: the provider is asked."""

    unit_of_work: UnitOfWorkFactory
    gateways: Gateways
    settle: SettlePayment
    clock: Clock

    async def __call__(self, payment_id: PaymentId) -> Payment:
        """Answer the payment as the provider knows it. Raises NotFound and the gateway's errors."""
        async with self.unit_of_work() as work:
            payment = await work.payments.get(payment_id)
        gateway = self.gateways.get(payment.provider)
        if Capability.LOOK_UP not in gateway.capabilities:
            return payment
        outcome = await gateway.look_up(payment.id)
        if outcome is not None:
            return await self.settle(outcome)
        if payment.is_open and self.clock.now() - payment.asked_at >= _SETTLED_BY:
            return await self._never_heard_of(payment)
        return payment

    async def _never_heard_of(self, payment: Payment) -> Payment:
        """Close the intent, unless the provider is being asked again at this very moment. Raises Conflict then."""
        fact = Fact(
            kind=FactKind.NOT_STARTED,
            reference=payment.id,
            amount=payment.amount,
            at=self.clock.now(),
            detail="the provider never heard of it",
        )
        closed, _ = payment.learn(fact)
        async with self.unit_of_work() as work:
            work.payments.save(closed)
            await work.commit(now=True)
        return closed


@frozen
class ReconcilePayments:
    """Periodic job: payments that stayed open are looked up, so that a lost webhook loses nothing."""

    unit_of_work: UnitOfWorkFactory
    verify: VerifyPayment
    clock: Clock

    async def __call__(self, job: Job) -> None:
        failures = []
        async for payment in self._quiet(self.clock.now() - _QUIET_FOR):
            try:
                await self.verify(payment.id)
            except Exception as error:  # one provider's trouble must not keep the others' payments waiting
                failures.append(error)
        if failures:
            raise failures[0]

    async def _quiet(self, since: datetime) -> AsyncIterator[Payment]:
        """Answer all of them, some at a time: those that stay open for days must not hide the newer ones."""
        last, more = None, True
        while more:
            async with self.unit_of_work() as work:
                payments = await work.payments.open(created_before=since, limit=_BATCH, after=last)
            for payment in payments:
                yield payment
                last = Position(payment.created_at, payment.id)
            more = len(payments) == _BATCH


@frozen
class ReadPayments:
    """Looking at payments and at what the ledger says."""

    unit_of_work: UnitOfWorkFactory

    async def get(self, payment_id: PaymentId) -> Payment:
        """Read one. Raises NotFound."""
        async with self.unit_of_work() as work:
            return await work.payments.get(payment_id)

    async def of_booking(self, booking_id: BookingId) -> Sequence[Payment]:
        """List a booking's payments, oldest first."""
        async with self.unit_of_work() as work:
            return await work.payments.of_booking(booking_id)

    async def statement(self, booking_id: BookingId) -> Statement:
        """Say what the ledger says of a booking. Raises NotFound."""
        async with self.unit_of_work() as work:
            booking = await work.bookings.get(booking_id)
            return statement(booking_id, await work.ledger.of_booking(booking_id), booking.total.currency)
