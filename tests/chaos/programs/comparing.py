"""The journal of what was acknowledged, compared with the database itself."""

from collections.abc import AsyncIterator

from repaircore.adapters.storage.keeping.postgresql_snapshot import reading_postgresql
from repaircore.adapters.storage.keeping.snapshot import take_inventory
from repaircore.adapters.storage.keeping.sqlite_snapshot import reading_sqlite
from repaircore.adapters.storage.sqlite.connections import database_path
from repaircore.adapters.storage.urls import is_postgresql
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
    return [*journal.wrong, *found, *_faults(database)]


def _faults(database: str) -> tuple[str, ...]:
    """Look at all of it: a ledger that does not balance, a stream of events with a hole."""
    opened = reading_postgresql(database) if is_postgresql(database) else reading_sqlite(database_path(database))
    with opened as snapshot:
        return take_inventory(snapshot).faults()


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
        booking = await work.bookings.get(BookingId(booking_id))
        entries = await work.ledger.of_booking(booking.id)
        paid = statement(booking.id, entries, payment.amount.currency).paid
        events = [event.name for event in await work.events.of_aggregate(booking_id)]
        if booking.paid != paid or events.count("payment.started") != 1:
            yield f"{payment_id} was started: its booking has {booking.paid}, the ledger {paid}, its events are {events}"
        if payment_id in journal.paid and (
            payment.status is not PaymentStatus.SUCCEEDED
            or paid != payment.amount
            or events.count("payment.captured") != 1
        ):
            yield f"{payment_id} was paid: it is {payment.status}, the ledger says {paid}, its events are {events}"
