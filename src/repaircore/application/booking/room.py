"""The booking room: what the library's user calls as `core.booking`."""

from datetime import datetime

from attrs import frozen

from repaircore.application.booking.book import BookQuote
from repaircore.application.booking.contact import ReadContact
from repaircore.application.booking.move import MoveBooking, ReassignBooking, RescheduleBooking
from repaircore.application.booking.read import ReadBookings, allowed
from repaircore.domain.actors import GUEST, Actor
from repaircore.domain.booking.booking import Booking, BookingRequest
from repaircore.domain.booking.contact import Address, Contact, Fulfilment
from repaircore.domain.booking.lifecycle import Action
from repaircore.domain.identity import QuoteId


@frozen
class BookingRoom(ReadBookings):
    """Bookings: made from quotes, read, moved. `request`, `move`, `reschedule` and `reassign` are the use cases themselves."""

    request: BookQuote
    move: MoveBooking
    reschedule: RescheduleBooking
    reassign: ReassignBooking
    contact: ReadContact

    async def book(
        self,
        quote_id: QuoteId,
        *,
        customer: Contact,
        issue_description: str,
        fulfilment: Fulfilment = Fulfilment.IN_STORE,
        slot_start: datetime | None = None,
        address: Address | None = None,
        notes: str = "",
        by: Actor = GUEST,
    ) -> Booking:
        """Book the job that a quote priced. `customer` comes from `contact(name, email, phone)`; `slot_start` is an aware time.

        Raises NotFound, QuoteExpired, QuoteUsed or InvalidValue.
        """
        request = BookingRequest(
            customer=customer,
            issue_description=issue_description,
            fulfilment=fulfilment,
            slot_start=slot_start,
            address=address,
            notes=notes,
        )
        return await self.request(quote_id, request, by=by)

    def allowed(self, booking: Booking) -> tuple[Action, ...]:
        """Name the moves that are open from here, whoever makes them."""
        return allowed(booking)
