"""Reading bookings: one, many, their history, their timeline."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from repaircore.domain.actors import Actor
from repaircore.domain.booking.booking import Booking, HistoryEntry
from repaircore.domain.booking.lifecycle import Action, profile
from repaircore.domain.identity import BookingId
from repaircore.ports.unit_of_work import BookingFilter, Position, UnitOfWorkFactory

_TITLES = {
    "booking.requested": "Booking received",
    "booking.deposit_paid": "Deposit paid",
    "booking.confirmed": "Booking confirmed",
    "booking.rejected": "Booking declined by the shop",
    "booking.cancelled": "Booking cancelled",
    "booking.picked_up": "Device collected",
    "booking.started": "Work started",
    "booking.waiting_for_parts": "Waiting for parts",
    "booking.approval_requested": "Your approval is needed",
    "booking.approved": "Approved: work goes on",
    "booking.declined": "Not approved: booking cancelled",
    "booking.ready": "Ready for pickup",
    "booking.out_for_delivery": "On its way back",
    "booking.completed": "Completed",
    "booking.no_show": "Appointment missed",
    "booking.rescheduled": "Appointment moved",
    "booking.reassigned": "Technician changed",
    "payment.started": "Payment started",
    "payment.captured": "Payment received",
    "payment.declined": "Payment declined",
    "payment.amount_mismatch": "Payment needs a look: another amount than asked for",
    "message.sent": "Message sent",
}


@frozen(kw_only=True)
class TimelineEntry:
    """One thing that happened, for people: `kind` is the event's stable name, `title` says it in words."""

    at: datetime
    kind: str
    title: str
    actor: Actor
    data: Mapping[str, Any]


@frozen
class ReadBookings:
    """Every way of looking at bookings."""

    unit_of_work: UnitOfWorkFactory

    async def get(self, booking_id: BookingId) -> Booking:
        """Read one. Raises NotFound."""
        async with self.unit_of_work() as work:
            return await work.bookings.get(booking_id)

    async def find(
        self, wanted: BookingFilter, *, limit: int, after: Position | None = None, newest_first: bool = True
    ) -> Sequence[Booking]:
        """List a page, by time of creation."""
        async with self.unit_of_work() as work:
            return await work.bookings.find(wanted, limit=limit, after=after, newest_first=newest_first)

    async def history(self, booking_id: BookingId) -> Sequence[HistoryEntry]:
        """List every move, oldest first. Raises NotFound."""
        async with self.unit_of_work() as work:
            await work.bookings.get(booking_id)
            return await work.bookings.history(booking_id)

    async def timeline(self, booking_id: BookingId) -> tuple[TimelineEntry, ...]:
        """Tell the booking's story: moves, payments, messages. Raises NotFound."""
        async with self.unit_of_work() as work:
            await work.bookings.get(booking_id)
            events = await work.events.of_aggregate(booking_id)
        return tuple(
            TimelineEntry(at=e.at, kind=e.name, title=_TITLES.get(e.name, e.name), actor=e.by, data=e.data)
            for e in events
        )


def allowed(booking: Booking) -> tuple[Action, ...]:
    """Name the moves that are open from here, whoever makes them."""
    return profile(booking.profile).actions(booking.status)
