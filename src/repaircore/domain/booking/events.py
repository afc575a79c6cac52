"""What happens to bookings."""

from datetime import datetime

from attrs import frozen

from repaircore.domain.booking.lifecycle import MOVES, Action, Status
from repaircore.domain.events import Event
from repaircore.domain.identity import QuoteId
from repaircore.domain.money import Money


@frozen(kw_only=True)
class BookingRequested(Event):
    """A customer turned a quote into a booking."""

    reference: str
    quote_id: QuoteId
    total: Money

    @property
    def name(self) -> str:
        """`booking.requested`."""
        return "booking.requested"


@frozen(kw_only=True)
class BookingMoved(Event):
    """A lifecycle move was made."""

    action: Action
    before: Status
    after: Status
    reason: str = ""

    @property
    def name(self) -> str:
        """The move's own name, such as `booking.confirmed`."""
        return MOVES[self.action].event


@frozen(kw_only=True)
class BookingRescheduled(Event):
    """The appointment moved."""

    before: datetime | None
    after: datetime
    reason: str = ""

    @property
    def name(self) -> str:
        """`booking.rescheduled`."""
        return "booking.rescheduled"


@frozen(kw_only=True)
class BookingReassigned(Event):
    """Another technician has the job."""

    before: str
    after: str
    reason: str = ""

    @property
    def name(self) -> str:
        """`booking.reassigned`."""
        return "booking.reassigned"
