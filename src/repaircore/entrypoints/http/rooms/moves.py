"""Lifecycle moves: one POST for each action, and the two changes that leave the status as it is."""

from repaircore.domain.booking.lifecycle import MOVES, Action
from repaircore.domain.identity import BookingId
from repaircore.entrypoints.http.callers import STAFF, Caller, reaching
from repaircore.entrypoints.http.conditions import IfMatch
from repaircore.entrypoints.http.rooms.bookings import shown
from repaircore.entrypoints.http.routes import Handler, Routes
from repaircore.entrypoints.http.schemas.bookings import Booking, MoveDetails, NewSlot, NewTechnician
from repaircore.entrypoints.http.schemas.words import sane
from repaircore.wiring.core import Core

routes = Routes("Bookings")

_REACHING = reaching("booking_id")
_NO_DETAILS = MoveDetails()

_SAID = {
    Action.CONFIRM: "Confirm a booking; where the policy asks for a deposit, it must be paid first.",
    Action.REJECT: "Decline a booking; needs a reason.",
    Action.CANCEL: "Call a booking off; needs a reason. Customers can until work starts.",
    Action.COLLECT: "Collect the device from the customer.",
    Action.START: "Start the work, or go on when the parts have come.",
    Action.WAIT_FOR_PARTS: "Wait for parts; needs a reason.",
    Action.REQUEST_APPROVAL: "Ask the customer to approve a change; needs a reason.",
    Action.APPROVE: "Approve: the work goes on.",
    Action.DECLINE: "Do not approve: the booking is cancelled; needs a reason.",
    Action.READY: "Put the device on the shelf for pickup.",
    Action.DISPATCH: "Send the device on its way back.",
    Action.COMPLETE: "Complete the job.",
    Action.NO_SHOW: "Record that the customer did not come; needs a reason.",
}


async def expected_version(core: Core, booking_id: str, if_match: IfMatch) -> int | None:
    """Answer the version the change must find, from what the client decided on. Raises NotFound or VersionChanged."""
    if if_match.versions is None:
        return None
    return if_match.expected((await core.booking.get(BookingId(booking_id))).version)


def _moving(action: Action) -> Handler:
    async def move(
        core: Core, caller: Caller, booking_id: str, if_match: IfMatch, body: MoveDetails = _NO_DETAILS
    ) -> Booking:
        expected = await expected_version(core, booking_id, if_match)
        moved = await core.booking.move(
            BookingId(booking_id), action, by=caller.actor, reason=body.reason, expected_version=expected
        )
        return await shown(core, moved, caller.actor)

    move.__name__ = action
    move.__doc__ = f"{_SAID[action]}\n\nLeads to `{MOVES[action].target}`."
    return move


for _action in _SAID:
    routes.post(f"/v1/bookings/{{booking_id}}/{_action}", auth=_REACHING)(_moving(_action))


@routes.post("/v1/bookings/{booking_id}/reschedule", auth=_REACHING)
async def reschedule(core: Core, caller: Caller, booking_id: str, if_match: IfMatch, body: NewSlot) -> Booking:
    """Move the appointment; possible until work starts."""
    expected = await expected_version(core, booking_id, if_match)
    start = sane(body.slot_start, "/slot_start") or body.slot_start
    moved = await core.booking.reschedule(
        BookingId(booking_id), start, by=caller.actor, reason=body.reason, expected_version=expected
    )
    return await shown(core, moved, caller.actor)


@routes.post("/v1/bookings/{booking_id}/reassign", auth=STAFF)
async def reassign(core: Core, caller: Caller, booking_id: str, if_match: IfMatch, body: NewTechnician) -> Booking:
    """Give the job to another technician; possible until it ends."""
    expected = await expected_version(core, booking_id, if_match)
    moved = await core.booking.reassign(
        BookingId(booking_id), body.technician_id, by=caller.actor, reason=body.reason, expected_version=expected
    )
    return await shown(core, moved, caller.actor)
