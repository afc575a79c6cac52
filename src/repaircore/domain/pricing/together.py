"""Whether two rules with free conditions can both hold: found out over the finite cells that their comparisons cut.

A situation in which both hold proves a tie; that there is none proves that there is no tie, where no cell was missed.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from itertools import islice, product
from math import prod
from typing import Any

from repaircore.domain.pricing.cells import FINITE, OTHER, Cells
from repaircore.domain.pricing.expressions import MARKET, Expression
from repaircore.domain.pricing.rules import MarketBound, Rule, Scope
from repaircore.domain.pricing.scoping import WORDS, fits_quantity, fits_year, has_dates, has_hours, hours

MOST = 20_000
"""Situations looked at for one pair of rules."""

_CLOCK = frozenset({"day", "month", "weekday", "calendar_year"})
_DEVICE = frozenset({"device", "device_name", "brand", "category", "year"})
_LEAP = 2028
_REQUIRED = frozenset({"urgencies", "fulfilments"})

Words = Callable[[str], frozenset[str]]
Situation = Mapping[str, Any]


class Verdict(StrEnum):
    """Whether both can hold."""

    YES = "yes"
    NO = "no"
    PERHAPS = "perhaps"


def together(one: Rule, other: Rule, words: Words, *, whole_order: bool = False) -> Verdict:
    """Answer whether some quote fulfils both rules' conditions; their other conditions are known to meet.

    `words` answers the words a request may use for a scope field. With `whole_order` each may speak of another service.
    """
    first, second = one.scope.expression, other.scope.expression
    if first is None or second is None:
        return Verdict.YES
    cells = Cells()
    cells.look_at(first.tree)
    cells.look_at(second.tree)
    scopes = (one.scope, other.scope)
    for scope in scopes:
        _cut_by(scope, cells)
    values = {name: _candidates(name, cells, scopes, words, whole_order) for name in cells.names}
    found = any(
        first.holds_for(at.__getitem__) and second.holds_for(at.__getitem__) for at in islice(_situations(values), MOST)
    )
    if found:
        return Verdict.PERHAPS if _entangled(set(values), (one, other)) else Verdict.YES
    if cells.exact and prod(map(len, values.values())) <= MOST:
        return Verdict.NO
    return Verdict.YES if _same(first, second) else Verdict.PERHAPS


def _same(one: Expression, other: Expression) -> bool:
    return one.tree == other.tree


def _situations(values: Mapping[str, Sequence[Any]]) -> Iterator[Situation]:
    for given in product(*values.values()):
        at = dict(zip(values, given, strict=True))
        if _is_possible(at):
            yield at


def _is_possible(at: Situation) -> bool:
    """Quantities add up, and the day is one of the month."""
    quantity, total, items = at.get("quantity"), at.get("total_quantity"), at.get("items")
    if items is not None and len(at.get("services", ())) > items:
        return False
    different = len(set(at.get("services", ()))) or 1
    if total is not None and total < max((quantity or 1) + different - 1, items or 1):
        return False
    if total is not None and quantity is not None and items is not None and total > quantity * items:
        return False
    return "day" not in at or "month" not in at or at["day"] <= monthrange(_LEAP, at["month"])[1]


def _entangled(names: set[str], rules: Sequence[Rule]) -> bool:
    """Whether facts are looked at that depend on one another in ways that cells do not tell: dates, or one certain device."""
    dated = any(has_dates(rule.scope) or rule.valid_from or rule.valid_until for rule in rules)
    models = any(rule.scope.models for rule in rules)
    of_device = names & _DEVICE
    return bool(
        (dated and names & _CLOCK)
        or ("calendar_year" in names and names & _CLOCK != {"calendar_year"})
        or (models and of_device)
        or (of_device & {"device", "device_name"} and len(of_device) > 1)
    )


def _cut_by(scope: Scope, cells: Cells) -> None:
    for name, bounds in (
        ("quantity", (scope.quantity_from, scope.quantity_until)),
        ("year", (scope.year_from, scope.year_until)),
    ):
        cells.cuts[name].update(Fraction(bound) for bound in bounds if bound is not None)
    for bound in scope.market:
        for name in (bound.figure, MARKET + bound.figure):
            cells.cuts[name].update(Fraction(each) for each in (bound.at_least, bound.below) if each is not None)
    named = {"brand": {scope.brand}, "category": {scope.category}, "device": scope.models, "channel": scope.channels}
    for name, words in (*named.items(), ("services", scope.services), ("promo_codes", scope.promo_codes)):
        cells.words[name].update(sorted(words - {""})[:1] if name == "services" else words - {""})
    cells.words["postcode"].update(scope.postcode_prefixes)


def _candidates(name: str, cells: Cells, scopes: Sequence[Scope], words: Words, whole_order: bool) -> tuple[Any, ...]:
    if name == "services" and not whole_order and scopes[0].services and scopes[1].services:
        shared = sorted(scopes[0].services & scopes[1].services)
        cells.words[name].update(shared[:1])
        allowed = frozenset(shared)
        return tuple(value for value in cells.values(name, None) if not allowed.isdisjoint(value))
    values = cells.values(name, _known(name, words))
    return tuple(value for value in values if all(_allows(scope, name, value) for scope in scopes))


def _known(name: str, words: Words) -> frozenset[str] | None:
    for dimension, fact, _ in WORDS:
        if fact == name and dimension != "channels":
            return words(dimension) | (frozenset() if dimension in _REQUIRED else {""})
    return None


def _allows(scope: Scope, name: str, value: Any) -> bool:
    """Whether the scope's own conditions leave the fact that value."""
    for dimension, fact, _ in WORDS:
        if fact == name:
            allowed = getattr(scope, dimension)
            return not allowed or value in allowed
    match name:
        case "brand" | "category":
            return getattr(scope, name) in ("", value)
        case "device":
            return not scope.models or value in scope.models
        case "year":
            return fits_year(scope, value)
        case "quantity":
            return fits_quantity(scope, value)
        case "hour":
            return not has_hours(scope) or value in hours(scope)
        case "month":
            return not scope.months or value in scope.months
        case "weekday":
            return not scope.weekdays or FINITE["weekday"].index(value) in scope.weekdays
        case "first_order" | "referred":
            return getattr(scope, name) in (None, value)
        case "postcode":
            return not scope.postcode_prefixes or value.startswith(tuple(scope.postcode_prefixes))
        case "services" | "promo_codes" | "grades" | "warranties":
            allowed = getattr(scope, name)
            return not allowed or OTHER in value or not allowed.isdisjoint(value)
        case _:
            return all(_within(bound, value) for bound in scope.market if bound.figure == name.removeprefix(MARKET))


def _within(bound: MarketBound, value: int | None) -> bool:
    return value is not None and bound.holds({bound.figure: value})
