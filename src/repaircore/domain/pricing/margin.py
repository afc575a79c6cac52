"""What a price leaves the shop: net of taxes, after what parts and work cost. Where a cost is not known, that is said."""

from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from attrs import frozen

from repaircore.domain.actors import Actor, Role
from repaircore.domain.errors import DomainError, Forbidden, ReasonRequired
from repaircore.domain.pricing.overrides import CODE

if TYPE_CHECKING:
    from repaircore.domain.pricing.quote import Line, Priced


_ASK_AN_ADMIN = "a margin below the minimum is not yours to approve: ask an admin"
_SAY_WHY = "say why: to approve a margin below the minimum needs a reason"
_NEEDS_APPROVAL = "this price is below what the shop works for without approval: an admin may approve it with a reason"
_ASK_THE_SHOP = "a price for this cannot be given online: please contact the shop, who will give you one"


class MarginTooLow(DomainError):
    """The price leaves the shop less than it may without approval."""

    code = "margin_too_low"


class NotPricedOnline(MarginTooLow):
    """The same, as a customer is told: what the shop works for is its own affair."""

    code = "not_priced_online"


class Known(StrEnum):
    """How much of the cost of what is sold is known."""

    FULL = "full"
    PARTLY = "partly"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """How a margin is judged. `unknown`: too little of the cost is known to call it good, and what is known is not too much."""

    UNKNOWN = "unknown"
    GOOD = "good"
    BELOW_TARGET = "below_target"
    ALERT = "alert"
    REFUSED = "refused"


@frozen(kw_only=True)
class Margins:
    """The shop's margins in percent of the net price: what it aims for, below which it wants to know, and below which it wants
    to be asked."""

    target: Fraction = Fraction(65)
    alert: Fraction = Fraction(45)
    minimum: Fraction = Fraction(40)

    def judge(self, margin: "Margin") -> Verdict:
        """Judge a margin; a bound itself is still good enough."""
        if not margin.is_known:
            return Verdict.UNKNOWN
        bounds = ((self.minimum, Verdict.REFUSED), (self.alert, Verdict.ALERT), (self.target, Verdict.BELOW_TARGET))
        otherwise = Verdict.UNKNOWN if margin.partial else Verdict.GOOD
        return next((verdict for bound, verdict in bounds if margin.is_below(bound)), otherwise)


@frozen(kw_only=True)
class Margin:
    """What is left of `net` after `cost`, in minor units, over those lines of whose cost something is known; `unknown` names
    those of whose cost something is not. With some of both, `partial`, at most that much is left."""

    net: Fraction
    cost: int
    is_known: bool
    unknown: tuple[str, ...]
    partial: bool = False

    @property
    def percent(self) -> Fraction | None:
        """The share of the net price that is left; None where no cost is known, or nothing is paid."""
        return 100 * (self.net - self.cost) / self.net if self.is_known and self.net > 0 else None

    @property
    def known(self) -> Known:
        """How much of the cost is known."""
        if not self.is_known:
            return Known.UNKNOWN
        return Known.PARTLY if self.unknown else Known.FULL

    def is_below(self, percent: Fraction) -> bool:
        """Whether less than that many percent are left; what is given away is below any when it costs something."""
        return 100 * (self.net - self.cost) < percent * self.net

    def __str__(self) -> str:
        """Write it for people: `41.3 %`."""
        if not self.is_known:
            return "unknown"
        if self.percent is None:
            return "nothing is paid"
        return f"{'at most ' if self.partial else ''}{float(self.percent):.1f} %"


def margin_of(priced: "Priced", by_rules: "Priced | None" = None) -> Margin:
    """Work out a price's margin. `by_rules` is what the rules alone give, where a price was agreed: it knows what the lines
    are made of.

    Taxes, discounts on the order and agreed adjustments are shared by all lines in proportion to their amounts.
    """
    made_of = dict(enumerate((by_rules or priced).lines))
    charged, known, unknown, partial = list[int](), list[tuple[int, int]](), list[str](), False
    for position, line in enumerate(priced.lines):
        if line.amount.amount < 0 or line.code == CODE:
            continue
        cost, is_whole = _cost_of(line), _is_whole(made_of.get(position, line))
        charged.append(line.amount.amount)
        if cost is not None:
            known.append((line.amount.amount, cost))
        if cost is None or not is_whole:
            unknown.append(line.code)
            partial = partial or cost is not None
    everything = sum(charged)
    net = priced.total.amount - sum(tax.amount.amount for tax in priced.taxes)
    return Margin(
        net=Fraction(net * sum(amount for amount, _ in known), everything or 1),
        cost=sum(cost for _, cost in known),
        is_known=bool(known),
        unknown=tuple(unknown),
        partial=partial,
    )


def _cost_of(line: "Line") -> int | None:
    """Add up what is known of a line's cost."""
    known = [cost.amount for cost in (line.cost, line.labour_cost) if cost is not None]
    return sum(known) if known else None


def _is_whole(line: "Line") -> bool:
    """Whether nothing that the line is made of has an unknown cost; of work priced as a whole, none is known."""
    if line.labour is None or line.parts is None:
        return True
    untold = [share for share, cost in ((line.labour, line.labour_cost), (line.parts, line.cost)) if cost is None]
    return not any(untold) and line.labour + line.parts == line.amount


def guard(margin: Margin, margins: Margins, *, by: Actor, approval: str | None) -> Verdict:
    """Judge a margin, and refuse one below the minimum unless an admin approves it, with a reason.

    Raises MarginTooLow, for customers NotPricedOnline; Forbidden when somebody else approves; ReasonRequired for an approval
    without one.
    """
    if approval is not None:
        if by.role is not Role.ADMIN:
            raise Forbidden(_ASK_AN_ADMIN if by.is_staff else "to approve a price is for the shop's administrators")
        if not approval.strip():
            raise ReasonRequired(_SAY_WHY, pointer="/margin_approval")
    verdict = margins.judge(margin)
    if verdict is Verdict.REFUSED and approval is None:
        raise MarginTooLow(_NEEDS_APPROVAL) if by.is_staff else NotPricedOnline(_ASK_THE_SHOP)
    return verdict
