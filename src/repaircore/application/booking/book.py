"""Turning a quote into a booking."""

from attrs import frozen

from repaircore.application.pricing.promotions import Promotions
from repaircore.application.pricing.standing import must_be_the_customer
from repaircore.domain.actors import Actor
from repaircore.domain.booking import reference
from repaircore.domain.booking.booking import Booking, BookingRequest, book
from repaircore.domain.identity import BOOKING, ENTRY, BookingId, QuoteId
from repaircore.domain.ledger.ledger import charge
from repaircore.ports.clock import Clock
from repaircore.ports.errors import AlreadyExists
from repaircore.ports.ids import Ids
from repaircore.ports.unit_of_work import UnitOfWorkFactory

_TRIES = 3


@frozen
class BookQuote:
    """A customer books the job that a quote priced."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    ids: Ids
    profile: str
    promotions: Promotions

    async def __call__(self, quote_id: QuoteId, request: BookingRequest, *, by: Actor) -> Booking:
        """Book and charge the customer's account, in one transaction. Raises NotFound, QuoteExpired, QuoteUsed,
        NotTheCustomer, PromotionUnusable or InvalidValue."""
        for _ in range(_TRIES - 1):
            try:
                return await self._book(quote_id, request, by)
            except AlreadyExists as clash:
                if clash.constraint != "booking.reference":
                    raise
        return await self._book(quote_id, request, by)

    async def _book(self, quote_id: QuoteId, request: BookingRequest, by: Actor) -> Booking:
        now = self.clock.now()
        async with self.unit_of_work() as work:
            held = await work.quotes.get(quote_id)
            booking, quote, requested, first = book(
                held,
                request,
                id=BookingId(self.ids.new(BOOKING)),
                reference=reference.reference(self.ids.number(reference.BITS)),
                profile=self.profile,
                by=by,
                at=now,
            )
            await must_be_the_customer(work, held, booking)
            await self.promotions.claim(work, held, booking)
            work.quotes.save(quote)
            work.bookings.add(booking, first)
            if booking.total:
                work.ledger.post(charge(booking.id, booking.priced, id=self.ids.new(ENTRY), at=now))
            work.record(requested)
            await work.commit()
        return booking
