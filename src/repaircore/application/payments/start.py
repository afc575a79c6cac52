"""Starting a payment: the intent is on record before the provider hears of it."""

from contextlib import suppress

from attrs import frozen

from repaircore.application.payments.gateways import Gateways
from repaircore.application.payments.settle import SettlePayment
from repaircore.domain.actors import Actor
from repaircore.domain.booking.booking import Booking
from repaircore.domain.errors import NothingDue
from repaircore.domain.identity import PAYMENT, BookingId, PaymentId
from repaircore.domain.payments.events import PaymentStarted
from repaircore.domain.payments.payment import Fact, FactKind, Payment, Purpose, amount_due
from repaircore.ports.clock import Clock
from repaircore.ports.errors import AlreadyExists, Conflict, Declined, Rejected, Unavailable
from repaircore.ports.ids import Ids
from repaircore.ports.payments import Capability, Order, Outcome, PaymentGateway
from repaircore.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory

_TRIES = 3


@frozen
class StartPayment:
    """A customer sets out to pay the deposit or the balance."""

    unit_of_work: UnitOfWorkFactory
    gateways: Gateways
    settle: SettlePayment
    clock: Clock
    ids: Ids

    async def __call__(
        self, booking_id: BookingId, purpose: Purpose, *, by: Actor, provider: str = "", return_url: str = ""
    ) -> Payment:
        """Answer the payment with what the customer does next. Asked again, it is the same payment as long as that one is open.

        Raises NotFound, NothingDue, DepositRequired, InvalidValue (provider), and the gateway's errors: after OutcomeUnknown the
        payment stays open and the next call looks it up first.
        """
        for _ in range(_TRIES - 1):
            try:
                return await self._start(booking_id, purpose, by, provider, return_url)
            except (AlreadyExists, Conflict):  # somebody opened or changed it at this very moment: go on with theirs
                continue
        return await self._start(booking_id, purpose, by, provider, return_url)

    async def _start(
        self, booking_id: BookingId, purpose: Purpose, by: Actor, provider: str, return_url: str
    ) -> Payment:
        gateway = self.gateways.get(provider)
        payment, fresh = await self._intent(booking_id, purpose, gateway, by, return_url)
        return await self._begin(gateway if fresh else self.gateways.get(payment.provider), payment, fresh=fresh)

    async def _intent(
        self, booking_id: BookingId, purpose: Purpose, gateway: PaymentGateway, by: Actor, return_url: str
    ) -> tuple[Payment, bool]:
        """Find the open payment for this purpose, or put a new intent on record."""
        now = self.clock.now()
        async with self.unit_of_work() as work:
            booking = await work.bookings.get(booking_id)
            amount = amount_due(purpose, total=booking.total, deposit=booking.priced.deposit, paid=booking.paid)
            _refuse_if_over(booking)
            open_one = await _open_payment(work, booking_id, purpose)
            if open_one is not None:
                return open_one, False
            payment = Payment(
                id=PaymentId(self.ids.new(PAYMENT)),
                booking_id=booking_id,
                purpose=purpose,
                amount=amount,
                provider=gateway.name,
                created_at=now,
                return_url=return_url,
            )
            work.payments.add(payment)
            work.record(PaymentStarted.of(payment, at=now, by=by))
            await work.commit(now=True)
        return payment, True

    async def _begin(self, gateway: PaymentGateway, payment: Payment, *, fresh: bool) -> Payment:
        """Ask the provider; an intent it may have heard of already is looked up first."""
        if not fresh and Capability.LOOK_UP in gateway.capabilities:
            known = await gateway.look_up(payment.id)
            if known is not None:
                return await self.settle(known)
        if not fresh:
            payment = await self._ask_again(payment)
        try:
            outcome = await gateway.sale(_order(payment))
        except Declined as declined:
            await self._decline(payment, declined.reason)
            raise
        except (Rejected, Unavailable) as refusal:
            # Of an intent asked about before, an earlier request may still be under way: only reconciliation may close it.
            if fresh:
                await self._close(payment, str(refusal))
            raise
        return await self.settle(outcome)

    async def _ask_again(self, payment: Payment) -> Payment:
        """Put on record that the provider is asked once more, so that nobody closes the intent meanwhile. Raises Conflict."""
        fact = self._fact(payment, FactKind.PENDING, "asked again", reference=f"{payment.id}/{payment.version}")
        return await self._learn(payment, fact)

    async def _close(self, payment: Payment, detail: str) -> None:
        """Close the intent, unless somebody else has asked the provider about it since: then it is theirs."""
        with suppress(Conflict):
            await self._learn(payment, self._fact(payment, FactKind.NOT_STARTED, detail))

    async def _learn(self, payment: Payment, fact: Fact) -> Payment:
        """Raises Conflict when somebody changed the payment since it was read."""
        learned, _ = payment.learn(fact)
        async with self.unit_of_work() as work:
            work.payments.save(learned)
            await work.commit(now=True)
        return learned

    async def _decline(self, payment: Payment, reason: str) -> None:
        fact = self._fact(payment, FactKind.DECLINED, reason)
        await self.settle(Outcome(key=payment.id, reference="", facts=(fact,)))

    def _fact(self, payment: Payment, kind: FactKind, detail: str, *, reference: str = "") -> Fact:
        return Fact(
            kind=kind, reference=reference or payment.id, amount=payment.amount, at=self.clock.now(), detail=detail
        )


async def _open_payment(work: UnitOfWork, booking_id: BookingId, purpose: Purpose) -> Payment | None:
    payments = await work.payments.of_booking(booking_id)
    return next((each for each in payments if each.purpose is purpose and each.is_open), None)


def _refuse_if_over(booking: Booking) -> None:
    if booking.ended_undone:
        raise NothingDue(f"nothing is due: the booking is {booking.status}")


def _order(payment: Payment) -> Order:
    return Order(
        key=payment.id,
        amount=payment.amount,
        description=payment.purpose.value,
        return_url=payment.return_url,
        metadata={"booking_id": payment.booking_id},
    )
