"""The customer's page of one booking, without a login."""

from repaircore.domain.errors import NotFound
from repaircore.domain.identity import BookingId
from repaircore.entrypoints.http.callers import Caller
from repaircore.entrypoints.http.rooms.bookings import open_to
from repaircore.entrypoints.http.routes import Routes
from repaircore.entrypoints.http.schemas.tracking import Tracked, tracked
from repaircore.wiring.core import Core

routes = Routes("Bookings")


@routes.get("/v1/track/{token}", page="track.html")
async def track(core: Core, caller: Caller, token: str) -> Tracked:
    """Show the customer how the job stands.

    The link itself is the permission; it names nobody, because links are passed on. A browser is given a page that reads this.
    """
    subject = core.access.subject(token)
    if subject is None:
        raise LinkNotValid
    booking = await core.booking.get(BookingId(subject))
    story = await core.booking.timeline(booking.id)
    due = (await core.payments.statement(booking.id)).due
    return tracked(booking, due, open_to(core, booking, caller.actor), story, core.business)


class LinkNotValid(NotFound):
    """The link is wrong or its time is over; which, is not told, and neither is the token."""

    def __init__(self) -> None:
        super().__init__("booking", "this link")
        self.args = ("this link is not valid, or its time is over: ask the shop for a new one",)
