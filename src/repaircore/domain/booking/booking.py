"""A booking: a priced job for one customer, moved through its lifecycle by named actors."""

from datetime import datetime

from attrs import evolve, field, frozen

from repaircore.domain.actors import SYSTEM, Actor
from repaircore.domain.booking.contact import Address, Contact, Fulfilment
from repaircore.domain.booking.events import BookingMoved, BookingReassigned, BookingRequested, BookingRescheduled
from repaircore.domain.booking.lifecycle import ENDED_UNDONE, Action, Lifecycle, Status
from repaircore.domain.errors import DepositRequired, IllegalTransition, InvalidValue
from repaircore.domain.identity import BookingId, QuoteId
from repaircore.domain.money import Money
from repaircore.domain.pricing.facts import DeviceFacts
from repaircore.domain.pricing.quote import Priced, Quote

DESCRIPTION_LENGTH = (10, 1500)  # rulebook §4.5
NOTES_LENGTH = 2000

_BEFORE_WORK = frozenset({Status.PENDING, Status.DEPOSIT_PAID, Status.CONFIRMED})


def _describes(_: object, __: object, value: str) -> None:
    shortest, longest = DESCRIPTION_LENGTH
    if not shortest <= len(value.strip()) <= longest:
        raise InvalidValue(
            f"describe the problem in {shortest} to {longest:,} characters; this has {len(value.strip())}",
            pointer="/issue_description",
        )


def _fits(_: object, __: object, value: str) -> None:
    if len(value) > NOTES_LENGTH:
        raise InvalidValue(f"notes are at most {NOTES_LENGTH:,} characters", pointer="/notes")


@frozen(kw_only=True)
class HistoryEntry:
    """One row of the booking's history: what was done, by whom, why, when, and where it led."""

    booking_id: BookingId
    action: str
    before: Status
    after: Status
    actor: Actor
    reason: str
    at: datetime
    version: int  # of the booking after it; orders the history


@frozen(kw_only=True)
class Booking:
    """The aggregate. Prices are a snapshot of the accepted quote; `paid` is the ledger's projection and never leads it."""

    id: BookingId
    reference: str
    profile: str
    quote_id: QuoteId
    receipt_hash: str
    priced: Priced
    device: DeviceFacts
    customer: Contact
    fulfilment: Fulfilment
    issue_description: str = field(validator=_describes)
    created_at: datetime
    updated_at: datetime
    paid: Money
    status: Status = Status.PENDING
    address: Address | None = None
    slot_start: datetime | None = None
    notes: str = field(default="", validator=_fits)
    technician_id: str = ""
    version: int = 1

    @property
    def total(self) -> Money:
        """What the job costs, tax included."""
        return self.priced.total

    @property
    def ended_undone(self) -> bool:
        """Whether the booking is over without the work being done: then nothing is charged any more."""
        return self.status in ENDED_UNDONE

    @property
    def is_before_work(self) -> bool:
        """Whether work has not begun."""
        return self.status in _BEFORE_WORK

    @property
    def deposit_settled(self) -> bool:
        """Whether what was paid covers the deposit; a booking without one is settled from the start."""
        return self.paid >= self.priced.deposit

    def move(
        self, action: Action, lifecycle: Lifecycle, *, by: Actor, at: datetime, reason: str = ""
    ) -> tuple["Booking", BookingMoved, HistoryEntry]:
        """Make one lifecycle move. Raises IllegalTransition, Forbidden, ReasonRequired or DepositRequired."""
        target = lifecycle.target(self.status, action, by=by, reason=reason)
        if (
            action is Action.CONFIRM
            and not self.deposit_settled
            and Status.DEPOSIT_PAID in lifecycle.table[self.status]
        ):
            raise DepositRequired(
                f"confirming needs the deposit of {self.priced.deposit} first; {self.paid} was received so far"
            )
        moved = self._next(at, status=target)
        event = BookingMoved(
            aggregate_id=self.id, at=at, by=by, action=action, before=self.status, after=target, reason=reason
        )
        return moved, event, moved._history(action, self.status, by, reason)

    def reschedule(
        self, slot_start: datetime, *, by: Actor, at: datetime, reason: str = ""
    ) -> tuple["Booking", BookingRescheduled, HistoryEntry]:
        """Move the appointment; possible until work starts. Raises IllegalTransition, or InvalidValue for a past time."""
        self._must_be_before_work("reschedule")
        in_future(slot_start, at)
        moved = self._next(at, slot_start=slot_start)
        event = BookingRescheduled(
            aggregate_id=self.id, at=at, by=by, before=self.slot_start, after=slot_start, reason=reason
        )
        return moved, event, moved._history("reschedule", self.status, by, reason)

    def reassign(
        self, technician_id: str, lifecycle: Lifecycle, *, by: Actor, at: datetime, reason: str = ""
    ) -> tuple["Booking", BookingReassigned, HistoryEntry]:
        """Give the job to another technician; possible until it ends. Raises IllegalTransition."""
        if lifecycle.is_final(self.status):
            raise IllegalTransition(current=self.status, wanted="reassigned", allowed=())
        moved = self._next(at, technician_id=technician_id)
        event = BookingReassigned(
            aggregate_id=self.id, at=at, by=by, before=self.technician_id, after=technician_id, reason=reason
        )
        return moved, event, moved._history("reassign", self.status, by, reason)

    def receive(
        self, amount: Money, lifecycle: Lifecycle, *, at: datetime
    ) -> tuple["Booking", tuple[BookingMoved, ...], tuple[HistoryEntry, ...]]:
        """Project a captured payment that the ledger holds; once it settles the deposit, the booking moves where its profile
        says."""
        received = self._next(at, paid=self.paid + amount)
        newly_settled = received.deposit_settled and not self.deposit_settled
        if not newly_settled or Action.PAY_DEPOSIT not in lifecycle.actions(self.status):
            return received, (), ()
        moved, event, history = evolve(received, version=self.version).move(
            Action.PAY_DEPOSIT, lifecycle, by=SYSTEM, at=at
        )
        return moved, (event,), (history,)

    def _next(self, at: datetime, **changes: object) -> "Booking":
        return evolve(self, updated_at=at, version=self.version + 1, **changes)  # type: ignore[arg-type]

    def _history(self, action: str, before: Status, by: Actor, reason: str) -> HistoryEntry:
        return HistoryEntry(
            booking_id=self.id,
            action=action,
            before=before,
            after=self.status,
            actor=by,
            reason=reason,
            at=self.updated_at,
            version=self.version,
        )

    def _must_be_before_work(self, action: str) -> None:
        if not self.is_before_work:
            raise IllegalTransition(current=self.status, wanted=f"{action}d", allowed=())


@frozen(kw_only=True)
class BookingRequest:
    """What a customer asks for when turning a quote into a booking. Amounts are never part of it."""

    customer: Contact
    issue_description: str
    fulfilment: Fulfilment
    slot_start: datetime | None = None
    address: Address | None = None
    notes: str = ""


def book(
    quote: Quote, request: BookingRequest, *, id: BookingId, reference: str, profile: str, by: Actor, at: datetime
) -> tuple[Booking, Quote, BookingRequested, HistoryEntry]:
    """Turn an open quote into a booking. Raises QuoteExpired, QuoteUsed or InvalidValue."""
    if request.fulfilment != quote.facts.fulfilment:
        raise InvalidValue(
            f"the price was made for {quote.facts.fulfilment}: ask for a new quote for {request.fulfilment}",
            pointer="/fulfilment",
        )
    if request.fulfilment.needs_address and request.address is None:
        raise InvalidValue(f"{request.fulfilment} needs an address", pointer="/address")
    if request.slot_start is not None:
        in_future(request.slot_start, at)
    booking = Booking(
        id=id,
        reference=reference,
        profile=profile,
        quote_id=quote.id,
        receipt_hash=quote.receipt_hash,
        priced=quote.priced,
        device=quote.facts.device,
        customer=request.customer,
        fulfilment=request.fulfilment,
        issue_description=request.issue_description,
        slot_start=request.slot_start,
        address=request.address,
        notes=request.notes,
        created_at=at,
        updated_at=at,
        paid=Money.zero(quote.priced.total.currency),
    )
    requested = BookingRequested(
        aggregate_id=id, at=at, by=by, reference=reference, quote_id=quote.id, total=booking.total
    )
    return booking, quote.book(id, at=at), requested, booking._history("book", Status.PENDING, by, "")


def in_future(slot_start: datetime, now: datetime) -> None:
    """Refuse a slot that has begun."""
    if slot_start <= now:
        raise InvalidValue(f"{slot_start.isoformat()} is in the past: choose a later time", pointer="/slot_start")
