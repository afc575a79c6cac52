"""The priced result and the quote that holds it."""

from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from attrs import evolve, frozen

from repaircore.domain.errors import InvalidValue, QuoteChanged, QuoteExpired, QuoteUsed
from repaircore.domain.identity import BookingId, QuoteId
from repaircore.domain.money import Money
from repaircore.domain.pricing.facts import Facts


class LineKind(StrEnum):
    """What a line is for."""

    REPAIR = "repair"
    FEE = "fee"
    DELIVERY = "delivery"
    DISCOUNT = "discount"
    RELIEF = "relief"


@frozen(kw_only=True)
class Line:
    """One line of the quote. `amount` = `unit` × `quantity`; with inclusive tax the tax is inside it. Discounts on the order
    and the relief from a contained tax are lines with negative amounts.

    `labour` and `parts` are shares of `amount`, where it is priced by them; `cost` is what the parts cost the shop, and
    `labour_cost` what the work does. None is not known, or none.
    """

    code: str
    description: str
    kind: LineKind
    quantity: int
    unit: Money
    amount: Money
    labour: Money | None = None
    parts: Money | None = None
    cost: Money | None = None
    labour_cost: Money | None = None


@frozen(kw_only=True)
class TaxTotal:
    """One tax over all its lines: the sum of what was rounded per line, or rounded once. `rate` is in percent; `reason` says
    why nothing is due to one who is exempt."""

    name: str
    rate: Fraction
    inclusive: bool
    amount: Money
    reason: str = ""


@frozen(kw_only=True)
class Priced:
    """What the engine answers. `total` = `subtotal` + exclusive taxes; `deposit` is a part of `total`, never on top."""

    lines: tuple[Line, ...]
    subtotal: Money
    taxes: tuple[TaxTotal, ...]
    total: Money
    deposit: Money
    deposit_refundable: bool = True


class QuoteStatus(StrEnum):
    """Open quotes can be accepted and booked; `expired` is read from the clock and never stored."""

    OPEN = "open"
    ACCEPTED = "accepted"
    BOOKED = "booked"
    EXPIRED = "expired"


@frozen(kw_only=True)
class Quote:
    """A price, held until `valid_until`, with the receipt that proves how it came about."""

    id: QuoteId
    facts: Facts
    priced: Priced
    rulebook_version: str
    engine_version: str
    receipt_hash: str
    created_at: datetime
    valid_until: datetime
    status: QuoteStatus = QuoteStatus.OPEN
    booking_id: BookingId | None = None
    accepted_at: datetime | None = None
    version: int = 1

    def status_at(self, now: datetime) -> QuoteStatus:
        """Say what the quote is at that moment; only a quote that was not booked expires."""
        if self.status is not QuoteStatus.BOOKED and now >= self.valid_until:
            return QuoteStatus.EXPIRED
        return self.status

    def accept(self, receipt_hash: str, *, at: datetime) -> "Quote":
        """Bind the customer's approval to exactly these terms. Raises QuoteChanged, QuoteExpired or QuoteUsed."""
        self.must_be_open(at)
        if receipt_hash != self.receipt_hash:
            raise QuoteChanged(
                f"the quote's receipt is {self.receipt_hash}, not {receipt_hash}: read the quote again before accepting it"
            )
        return evolve(self, status=QuoteStatus.ACCEPTED, accepted_at=at, version=self.version + 1)

    def book(self, booking_id: BookingId, *, at: datetime) -> "Quote":
        """Turn the quote into that booking. Raises QuoteExpired or QuoteUsed."""
        self.must_be_open(at)
        return evolve(self, status=QuoteStatus.BOOKED, booking_id=booking_id, version=self.version + 1)

    def withdraw(self, *, at: datetime) -> "Quote":
        """End an agreed price now; what it was made of stays. Raises InvalidValue for the prices of the rules, QuoteExpired or
        QuoteUsed."""
        if self.facts.override is None:
            raise InvalidValue("only a price that was agreed is withdrawn: this quote has the prices of the rules")
        self.must_be_open(at)
        return evolve(self, valid_until=at, version=self.version + 1)

    def must_be_open(self, at: datetime) -> None:
        """Raise QuoteExpired or QuoteUsed unless the quote can still be acted on."""
        match self.status_at(at):
            case QuoteStatus.EXPIRED:
                raise QuoteExpired(f"the price was held until {self.valid_until.isoformat()}: ask for a new quote")
            case QuoteStatus.BOOKED:
                raise QuoteUsed("this quote already became a booking: ask for a new quote for another one")
            case _:
                return
