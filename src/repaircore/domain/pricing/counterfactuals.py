"""What would have changed the price: the nearest changes of one input, each priced by the same rulebook."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from attrs import frozen

from repaircore.domain.errors import DomainError
from repaircore.domain.money import Money
from repaircore.domain.pricing.changes import Change, changes
from repaircore.domain.pricing.engine import CompiledRulebook, price
from repaircore.domain.pricing.facts import Facts

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
    compiled: CompiledRulebook, facts: Facts, *, most: Mapping[str, int] | None = None, codes: bool = False
) -> tuple[Counterfactual, ...]:
    """List what would lower or raise the total, the nearest first, of equally near ones the greater effect first.

    Of times and quantities only the nearest in each direction is told. `most` is how often a service can be asked for at once;
    `codes` also tries promotion codes that the customer did not name, which are for staff to see.
    Takes a few milliseconds, whatever the size of the rulebook.
    """
    present = price(compiled, facts).total
    found = _found(compiled, present, changes(compiled, facts, most or {}, codes=codes))
    return tuple(_nearest(sorted(found, key=_rank)))[:MOST]


def _found(compiled: CompiledRulebook, present: Money, tried: Iterable[Change]) -> Iterator[Counterfactual]:
    """Price the changes. Slots come in the order of nearness: once there is one each way, the later ones are not looked at."""
    ways: set[Direction] = set()
    for change in tried:
        is_slot = change.input == "slot_start"
        if is_slot and len(ways) == len(Direction):
            continue
        one = _priced(compiled, present, change)
        if one is not None:
            ways.update((one.direction,) if is_slot else ())
            yield one


def _priced(compiled: CompiledRulebook, present: Money, change: Change) -> Counterfactual | None:
    try:
        total = price(compiled, change.facts).total
    except DomainError:  # not offered that way
        return None
    if total == present:
        return None
    return Counterfactual(change=change, total=total, difference=total - present)


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
