"""Moving a booking through its life."""

from datetime import datetime

from attrs import frozen

from repaircore.application.pricing.promotions import give_back
from repaircore.domain.actors import Actor
from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.ending import kept
from repaircore.domain.booking.lifecycle import Action, profile
from repaircore.domain.errors import VersionChanged
from repaircore.domain.identity import ENTRY, BookingId
from repaircore.domain.ledger.ledger import release
from repaircore.ports.clock import Clock
from repaircore.ports.ids import Ids
from repaircore.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory


@frozen
class MoveBooking:
    """Somebody makes one lifecycle move."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    ids: Ids

    async def __call__(
        self, booking_id: BookingId, action: Action, *, by: Actor, reason: str = "", expected_version: int | None = None
    ) -> Booking:
        """Raises NotFound, VersionChanged, IllegalTransition, Forbidden, ReasonRequired, DepositRequired or Conflict."""
        now = self.clock.now()
        async with self.unit_of_work() as work:
            before = await _read(work, booking_id, expected_version)
            booking, moved, history = before.move(action, profile(before.profile), by=by, at=now, reason=reason)
            if booking.ended_undone and booking.total:
                keep = kept(before, action, by=by)
                work.ledger.post(release(booking.id, booking.priced, kept=keep, id=self.ids.new(ENTRY), at=now))
            give_back(work, before, booking)
            work.bookings.save(booking, history)
            work.record(moved)
            await work.commit()
        return booking


@frozen
class RescheduleBooking:
    """The appointment moves."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock

    async def __call__(
        self,
        booking_id: BookingId,
        slot_start: datetime,
        *,
        by: Actor,
        reason: str = "",
        expected_version: int | None = None,
    ) -> Booking:
        """Raises NotFound, VersionChanged, IllegalTransition, InvalidValue (a past time) or Conflict."""
        async with self.unit_of_work() as work:
            before = await _read(work, booking_id, expected_version)
            booking, moved, history = before.reschedule(slot_start, by=by, at=self.clock.now(), reason=reason)
            work.bookings.save(booking, history)
            work.record(moved)
            await work.commit()
        return booking


@frozen
class ReassignBooking:
    """The job goes to another technician."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock

    async def __call__(
        self,
        booking_id: BookingId,
        technician_id: str,
        *,
        by: Actor,
        reason: str = "",
        expected_version: int | None = None,
    ) -> Booking:
        """Raises NotFound, VersionChanged, IllegalTransition or Conflict."""
        async with self.unit_of_work() as work:
            before = await _read(work, booking_id, expected_version)
            booking, moved, history = before.reassign(
                technician_id, profile(before.profile), by=by, at=self.clock.now(), reason=reason
            )
            work.bookings.save(booking, history)
            work.record(moved)
            await work.commit()
        return booking


async def _read(work: UnitOfWork, booking_id: BookingId, expected_version: int | None) -> Booking:
    booking = await work.bookings.get(booking_id)
    if expected_version is not None and expected_version != booking.version:
        raise VersionChanged(expected=expected_version, stored=booking.version)
    return booking
