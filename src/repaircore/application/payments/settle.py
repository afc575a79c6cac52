"""Taking in what a provider says: facts become ledger entries, the booking's projection and events, each exactly once."""

from attrs import frozen

from repaircore.domain.actors import Actor, Role
from repaircore.domain.booking.lifecycle import profile
from repaircore.domain.events import Event
from repaircore.domain.identity import ENTRY
from repaircore.domain.ledger.ledger import receipt
from repaircore.domain.payments.events import PaymentCaptured, PaymentDeclined, PaymentDisputedAmount
from repaircore.domain.payments.payment import Fact, FactKind, Payment
from repaircore.ports.clock import Clock
from repaircore.ports.errors import AlreadyExists, Conflict
from repaircore.ports.ids import Ids
from repaircore.ports.payments import Outcome
from repaircore.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory

_TRIES = 8


@frozen
class SettlePayment:
    """Records an outcome. Safe to repeat and to race: a webhook, a look-up and the first answer may all bring the same fact."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    ids: Ids

    async def __call__(self, outcome: Outcome) -> Payment:
        """Answer the payment as it stands now. Raises NotFound for a key that is not ours, Conflict when others keep winning."""
        for _ in range(_TRIES - 1):
            try:
                return await self._settle(outcome)
            except (Conflict, AlreadyExists):  # somebody brought the same news first: look again
                continue
        return await self._settle(outcome)

    async def _settle(self, outcome: Outcome) -> Payment:
        async with self.unit_of_work() as work:
            before = await work.payments.get(outcome.key)
            payment, news = before.learn(*outcome.facts, reference=outcome.reference, next_action=outcome.next_action)
            if payment is before:
                return before
            work.payments.save(payment)
            for fact in news:
                work.record(*self._events(payment, fact))
            received = [fact for fact in news if fact.kind is FactKind.CAPTURED and not payment.disagrees(fact)]
            if received:
                await self._receive(work, payment, received[0])
            # What the outside said must not depend on whether an answer to somebody else gets through.
            await work.commit(now=True)
        return payment

    async def _receive(self, work: UnitOfWork, payment: Payment, fact: Fact) -> None:
        """A payment is captured once: its whole amount, in one fact."""
        now = self.clock.now()
        before = await work.bookings.get(payment.booking_id)
        booking, events, history = before.receive(fact.amount, profile(before.profile), at=now)
        entry = receipt(
            booking.id,
            fact.amount,
            provider=payment.provider,
            key=payment.id,
            id=self.ids.new(ENTRY),
            at=now,
            memo=payment.purpose,
        )
        work.ledger.post(entry)
        work.bookings.save(booking, *history)
        work.record(*events)

    def _events(self, payment: Payment, fact: Fact) -> tuple[Event, ...]:
        at, by = self.clock.now(), Actor(Role.SYSTEM, payment.provider)
        if payment.disagrees(fact):
            return (PaymentDisputedAmount.of(payment, at=at, by=by, reported=fact.amount),)
        match fact.kind:
            case FactKind.CAPTURED:
                return (PaymentCaptured.of(payment, at=at, by=by),)
            case FactKind.DECLINED:
                return (PaymentDeclined.of(payment, at=at, by=by, detail=fact.detail),)
            case _:
                return ()
