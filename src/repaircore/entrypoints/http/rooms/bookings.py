"""Bookings: made from quotes, found, read."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from repaircore.domain.actors import Actor
from repaircore.domain.booking import booking
from repaircore.domain.booking.lifecycle import MOVES, Action, Status
from repaircore.domain.errors import NotFound
from repaircore.domain.identity import BookingId, QuoteId
from repaircore.entrypoints.http import cursors
from repaircore.entrypoints.http.callers import STAFF, Caller, reaching
from repaircore.entrypoints.http.refusals import FieldError, InvalidRequest
from repaircore.entrypoints.http.routes import Routes
from repaircore.entrypoints.http.schemas import bookings, tracking
from repaircore.entrypoints.http.schemas.words import Limit, sane
from repaircore.ports.unit_of_work import BookingFilter
from repaircore.wiring.core import Core

routes = Routes("Bookings")

_REACHING = reaching("booking_id")


class Sort(StrEnum):
    """The order of a list of bookings."""

    NEWEST_FIRST = "-created_at"
    OLDEST_FIRST = "created_at"


@routes.post("/v1/bookings", status=201, location="/v1/bookings/{id}")
async def book(core: Core, caller: Caller, body: bookings.NewBooking) -> bookings.BookingWithToken:
    """Turn a quote into a booking.

    The answer's `tracking_token` opens this booking, and nothing else, to whoever has it.
    """
    customer = core.booking.contact(body.customer.name, body.customer.email, body.customer.phone)
    wanted = booking.BookingRequest(
        customer=customer,
        issue_description=body.issue_description,
        fulfilment=body.fulfilment,
        slot_start=sane(body.slot_start, "/slot_start"),
        address=body.address.address() if body.address else None,
        notes=body.notes,
    )
    try:
        made = await core.booking.request(QuoteId(body.quote_id), wanted, by=caller.actor)
    except NotFound as missing:
        missing.pointer = missing.pointer or "/quote_id"
        raise
    return bookings.show_new(made, open_to(core, made, caller.actor), core.access.token(made.id))


@routes.get("/v1/bookings", auth=STAFF)
async def find(
    core: Core,
    status: Status | None = None,
    from_: str = "",
    to: str = "",
    technician_id: str = "",
    q: str = "",
    sort: Sort = Sort.NEWEST_FIRST,
    limit: Limit = 20,
    cursor: str = "",
) -> bookings.Bookings:
    """Find bookings. `q` searches reference, name, e-mail, phone and device.

    `from` and `to` bound the time of booking: a date in the business's zone (`to` includes that day) or a time with offset.
    """
    wanted = BookingFilter(
        status=status,
        created_from=_bound(core, from_, "/from"),
        created_until=_bound(core, to, "/to", end_of_day=True),
        technician_id=technician_id,
        text=q,
    )
    name = f"bookings{sort}"
    after = cursors.position(name, cursor)
    newest_first = sort is Sort.NEWEST_FIRST
    found = await core.booking.find(wanted, limit=limit + 1, after=after, newest_first=newest_first)
    shown = found[:limit]
    following = cursors.of_position(name, shown[-1].created_at, shown[-1].id) if len(found) > limit else None
    return bookings.Bookings(items=[bookings.show_item(each) for each in shown], next_cursor=following)


@routes.get("/v1/bookings/{booking_id}", auth=_REACHING)
async def read(core: Core, caller: Caller, booking_id: str) -> bookings.Booking:
    """Read a booking."""
    return await shown(core, await core.booking.get(BookingId(booking_id)), caller.actor)


@routes.get("/v1/bookings/{booking_id}/history", auth=_REACHING)
async def history(core: Core, booking_id: str) -> bookings.History:
    """List every move a booking made: what, by whom, why, when."""
    moves = await core.booking.history(BookingId(booking_id))
    return bookings.History(items=[bookings.move(each) for each in moves])


@routes.get("/v1/bookings/{booking_id}/timeline", auth=_REACHING)
async def timeline(core: Core, booking_id: str) -> tracking.Timeline:
    """Tell a booking's story: moves, payments, messages."""
    story = await core.booking.timeline(BookingId(booking_id))
    return tracking.Timeline(items=[tracking.timeline_item(each) for each in story])


def open_to(core: Core, held: booking.Booking, by: Actor) -> tuple[Action, ...]:
    """Name the moves that are open from here and that this actor's role may make."""
    return tuple(action for action in core.booking.allowed(held) if by.role in MOVES[action].roles)


async def shown(core: Core, held: booking.Booking, by: Actor) -> bookings.Booking:
    """Show a booking. Of one that ended without the work, only the ledger knows what is still owed."""
    account = await core.payments.statement(held.id) if held.ended_undone else None
    return bookings.show(held, open_to(core, held, by), account)


def _bound(core: Core, text: str, pointer: str, *, end_of_day: bool = False) -> datetime | None:
    if not text:
        return None
    try:
        if len(text) == len("2026-05-01"):
            day = date.fromisoformat(text) + timedelta(days=end_of_day)
            return datetime.combine(day, time(), core.business.zone)
        moment = sane(datetime.fromisoformat(text), pointer)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.tzinfo is None:
        message = "is not a date such as 2026-05-01, or a time with offset such as 2026-05-01T10:00:00+01:00"
        raise InvalidRequest([FieldError(pointer, message)])
    return moment
