"""What a price leaves the shop: net of taxes, after what the parts cost. Where a cost is not known, that is said."""

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from attrs import frozen

from repaircore.domain.actors import Actor, Role
from repaircore.domain.errors import DomainError, Forbidden, ReasonRequired

if TYPE_CHECKING:
    from repaircore.domain.pricing.quote import Line, Priced


class MarginTooLow(DomainError):
    """The price leaves the shop less than it may without approval."""

    code = "margin_too_low"


class Verdict(StrEnum):
    """How a margin is judged. `unknown`: no line's cost is known, so nothing can be said."""

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
        if margin.percent is None:
            return Verdict.UNKNOWN
        bounds = ((self.minimum, Verdict.REFUSED), (self.alert, Verdict.ALERT), (self.target, Verdict.BELOW_TARGET))
        return next((verdict for bound, verdict in bounds if margin.percent < bound), Verdict.GOOD)


@frozen(kw_only=True)
class Margin:
    """The margin over those lines whose cost is known. `percent` is None when there are none; `unknown` names the others."""

    percent: Fraction | None
    unknown: tuple[str, ...]

    def __str__(self) -> str:
        """Write it for people: `41.3 %`."""
        return "unknown" if self.percent is None else f"{float(self.percent):.1f} %"


def margin_of(priced: "Priced", costs: Mapping[str, int] | None = None) -> Margin:
    """Work out a price's margin.

    A line's cost is its own, or else that of its code in `costs` (minor units for one). Lines with a negative amount, taxes and
    agreed adjustments are shared by all lines in proportion to their amounts.
    """
    charged = [(line, _cost(line, costs or {})) for line in priced.lines if line.amount.amount >= 0]
    known = [(line.amount.amount, cost) for line, cost in charged if cost is not None]
    unknown = tuple(line.code for line, cost in charged if cost is None)
    everything = sum(line.amount.amount for line, _ in charged)
    net = priced.total.amount - sum(tax.amount.amount for tax in priced.taxes)
    revenue = Fraction(net * sum(amount for amount, _ in known), everything) if everything else Fraction(0)
    if not known or (revenue <= 0 and not any(cost for _, cost in known)):
        return Margin(percent=None, unknown=unknown)
    spent = sum(cost for _, cost in known)
    percent = 100 * (revenue - spent) / revenue if revenue > 0 else Fraction(-(10**6))
    return Margin(percent=percent, unknown=unknown)


def _cost(line: "Line", costs: Mapping[str, int]) -> int | None:
    if line.cost is not None:
        return line.cost.amount
    return costs[line.code] * line.quantity if line.code in costs else None


def guard(margin: Margin, margins: Margins, *, by: Actor, approval: str | None) -> Verdict:
    """Judge a margin, and refuse one below the minimum unless an admin approves it, with a reason.

    Raises MarginTooLow; Forbidden when somebody else approves; ReasonRequired for an approval without one.
    """
    if approval is not None:
        if by.role is not Role.ADMIN:
            raise Forbidden("a margin below the minimum is not yours to approve: ask an admin")
        if not approval.strip():
            raise ReasonRequired("say why: to approve a margin below the minimum needs a reason")
    verdict = margins.judge(margin)
    if verdict is Verdict.REFUSED and approval is None:
        raise MarginTooLow(
            "this price is below what the shop works for without approval: an admin may approve it with a reason"
        )
    return verdict
