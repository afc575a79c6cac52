"""The journal of what was acknowledged, compared with the database itself."""

from collections.abc import AsyncIterator

from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.errors import NotFound
from repaircore.domain.identity import BookingId, PaymentId
from repaircore.domain.ledger.ledger import statement
from repaircore.domain.payments.payment import PaymentStatus
from repaircore.ports.unit_of_work import UnitOfWork
from tests.chaos.programs.load import Journal
from tests.chaos.programs.shop import stored


async def losses(database: str, journal: Journal) -> list[str]:
    """Answer whatever was acknowledged and is not there, or is not as it was told."""
    async with stored(database) as storage, storage.unit_of_work() as work:
        found = [loss async for loss in _bookings(work, journal)]
        found += [loss async for loss in _payments(work, journal)]
        balance = sum((await work.ledger.balances()).values())
    return [*journal.wrong, *found, *([f"the ledger is off by {balance}"] if balance else [])]


async def _bookings(work: UnitOfWork, journal: Journal) -> AsyncIterator[str]:
    for booking_id, reference in journal.booked.items():
        try:
            booking = await work.bookings.get(BookingId(booking_id))
        except NotFound:
            yield f"{booking_id} was acknowledged, and is lost"
            continue
        told = [event.name for event in await work.events.of_aggregate(booking_id)]
        if booking.reference != reference or told.count("booking.requested") != 1:
            yield f"{booking_id} was acknowledged as {reference}: it is {booking.reference}, and its events are {told}"
        if booking_id in journal.confirmed and (
            booking.status is not Status.CONFIRMED or told.count("booking.confirmed") != 1
        ):
            yield f"{booking_id} was confirmed: it is {booking.status}, and its events are {told}"


async def _payments(work: UnitOfWork, journal: Journal) -> AsyncIterator[str]:
    for payment_id, booking_id in {**journal.started, **journal.paid}.items():
        try:
            payment = await work.payments.get(PaymentId(payment_id))
        except NotFound:
            yield f"{payment_id} was acknowledged, and is lost"
            continue
        entries = await work.ledger.of_booking(BookingId(booking_id))
        paid = statement(BookingId(booking_id), entries, payment.amount.currency).paid
        events = [event.name for event in await work.events.of_aggregate(booking_id)]
        if payment_id in journal.paid and (
            payment.status is not PaymentStatus.SUCCEEDED
            or paid != payment.amount
            or events.count("payment.captured") != 1
        ):
            yield f"{payment_id} was paid: it is {payment.status}, the ledger says {paid}, its events are {events}"
