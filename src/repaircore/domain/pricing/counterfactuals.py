"""What would have changed the price: the nearest changes of one input, each priced by the same rulebook."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum

from attrs import frozen

from repaircore.domain.errors import DomainError
from repaircore.domain.money import Money
from repaircore.domain.pricing.changes import Change, changes
from repaircore.domain.pricing.engine import CompiledRulebook, price
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.margin import Verdict, margin_of
from repaircore.domain.pricing.quote import Priced

MOST = 24  # told at most: more than a person reads


class Direction(StrEnum):
    """Whether a change saves money or costs more."""

    LOWER = "lower"
    HIGHER = "higher"


@frozen(kw_only=True)
class Counterfactual:
    """One change that a new request could make, the total it would come to, and by how much that differs."""

    change: Change
    total: Money
    difference: Money

    @property
    def direction(self) -> Direction:
        """Whether it saves money."""
        return Direction.LOWER if self.difference.amount < 0 else Direction.HIGHER


def counterfactuals(
    compiled: CompiledRulebook,
    facts: Facts,
    *,
    most: Mapping[str, int] | None = None,
    codes: bool = False,
    at: datetime | None = None,
) -> tuple[Counterfactual, ...]:
    """List what would lower or raise the total, the nearest first, of equally near ones the greater effect first.

    Of times and quantities only the nearest in each direction is told. `most` is how often a service can be asked for at once;
    `codes` also tries promotion codes that the customer did not name, which are for staff to see; `at` is when they would be given,
    without it at the slot. What would be refused for its margin is left out, unless this price needed an approval as well.
    Takes a few milliseconds, whatever the size of the rulebook.
    """
    present = price(compiled, facts)
    found = _found(compiled, present, changes(compiled, facts, most or {}, codes=codes, at=at))
    return tuple(_nearest(sorted(found, key=_rank)))[:MOST]


def _found(compiled: CompiledRulebook, present: Priced, tried: Iterable[Change]) -> Iterator[Counterfactual]:
    """Price the changes. Slots come in the order of nearness: once there is one each way, the later ones are not looked at."""
    ways: set[Direction] = set()
    approved = _is_refused(compiled, present)
    for change in tried:
        is_slot = change.input == "slot_start"
        if is_slot and len(ways) == len(Direction):
            continue
        other = _priced(compiled, change.facts)
        if other is None or other.total == present.total or (_is_refused(compiled, other) and not approved):
            continue
        one = Counterfactual(change=change, total=other.total, difference=other.total - present.total)
        ways.update((one.direction,) if is_slot else ())
        yield one


def _priced(compiled: CompiledRulebook, facts: Facts) -> Priced | None:
    """Price it; None where it is not offered that way."""
    try:
        return price(compiled, facts)
    except DomainError:
        return None


def _is_refused(compiled: CompiledRulebook, priced: Priced) -> bool:
    """Whether nobody would be given that price without an admin's approval."""
    margins = compiled.rulebook.margins
    return margins is not None and margins.judge(margin_of(priced)) is Verdict.REFUSED


def _rank(one: Counterfactual) -> tuple[int, int, str, str, str]:
    change = one.change
    return change.distance, -abs(one.difference.amount), change.input, change.line, change.value


def _nearest(found: Iterable[Counterfactual]) -> Iterator[Counterfactual]:
    seen: set[tuple[str, int | None, bool, Direction]] = set()
    for one in found:
        key = (one.change.input, one.change.index, one.change.more, one.direction)
        if not (one.change.is_a_figure and key in seen):
            seen.add(key)
            yield one
