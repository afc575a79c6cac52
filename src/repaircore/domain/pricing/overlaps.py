"""Rules that could both win: equally specific, in the same contest, with scopes that meet.

Comparing every two of many thousand rules would take minutes, so rules are first parted by what must be equal or shared
for two of them to meet; only what is left together is compared.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from itertools import islice
from math import inf

from attrs import frozen

from repaircore.domain.pricing.rules import MarketBound, Per, Rule, Scope, Stage
from repaircore.domain.pricing.scoping import ITEM_WORDS, WORDS, Specificity, by_prefix_length, hours, specificity

_PARTED_BY: tuple[Callable[[Scope], Collection[object]], ...] = (
    lambda scope: scope.models or {(scope.brand, scope.category)},
    lambda scope: scope.services,
    *((lambda scope, name=name: getattr(scope, name)) for name, _, _ in WORDS),
    lambda scope: scope.postcode_prefixes,
    lambda scope: scope.weekdays,
    lambda scope: scope.months,
)
_SERVICES = 1
_ENOUGH = 20  # pairs named for one rule: a file given twice is told in thousands of lines, not in millions

Wanted = Callable[[Rule, Rule], bool]
Span = Callable[[Scope], tuple[float, float]]

_OF_ITEMS = ("services", *(name for name, _, _ in ITEM_WORDS))
_SETS = ("models", *(name for name, _, _ in WORDS), "weekdays", "months", "postcode_prefixes", "line_kinds")
_FLAGS = ("first_order", "referred")


@frozen(eq=False)
class Contender:
    """A rule, with the part of its scope whose postcode prefixes are equally long."""

    rule: Rule
    scope: Scope


def contenders(rules: Iterable[Rule]) -> dict[tuple[str, Specificity], list[Contender]]:
    """Gather the rules that neither stack nor are in a group by contest and specificity: only within one group can two rules tie."""
    groups: dict[tuple[str, Specificity], list[Contender]] = defaultdict(list)
    for rule in rules:
        if not rule.stacks and not rule.group:
            for scope in by_prefix_length(rule.scope):
                groups[rule.contest, specificity(scope)].append(Contender(rule, scope))
    return groups


def per_order(rule: Rule) -> bool:
    """Whether the rule is held against the whole order, so that two services may both be in it."""
    return rule.stage is Stage.DEPOSIT or rule.per is Per.ORDER


def meeting(group: list[Contender], wanted: Wanted = lambda *_: True) -> Iterator[tuple[Rule, Rule]]:
    """Answer the wanted pairs of the group whose scopes meet; each rule is named as the later one at most once."""
    named: set[int] = set()
    for together in _parted(group, 0):
        for first, second in _sweep(together, wanted):
            if id(second) not in named:
                named.add(id(second))
                yield first, second


def _parted(group: list[Contender], depth: int) -> Iterator[list[Contender]]:
    if len(group) < 2:
        return
    if depth == len(_PARTED_BY):
        yield group
        return
    values = [_PARTED_BY[depth](one.scope) for one in group]
    if not all(values) or (depth == _SERVICES and per_order(group[0].rule)):
        yield from _parted(group, depth + 1)
        return
    parts: dict[object, list[Contender]] = defaultdict(list)
    for one, shared in zip(group, values, strict=True):
        for value in shared:
            parts[value].append(one)
    for part in parts.values():
        yield from _parted(part, depth + 1)


def _sweep(group: list[Contender], wanted: Wanted) -> Iterator[tuple[Rule, Rule]]:
    span = _years if any(_years(one.scope) != (-inf, inf) for one in group) else _amounts
    group = sorted(group, key=lambda one: span(one.scope)[0])
    for index, first in enumerate(group):
        yield from islice(_met(first, group[index + 1 :], span, wanted), _ENOUGH)


def _met(first: Contender, later: list[Contender], span: Span, wanted: Wanted) -> Iterator[tuple[Rule, Rule]]:
    end = span(first.scope)[1]
    for second in later:
        if span(second.scope)[0] >= end:
            return
        together = meet(first.scope, second.scope, services=not per_order(first.rule))
        together = together and _spans_meet(_validity(first.rule), _validity(second.rule))
        if together and second.rule is not first.rule and wanted(first.rule, second.rule):
            yield first.rule, second.rule


def meet(first: Scope, second: Scope, *, services: bool = True) -> bool:
    """Whether some quote is in both scopes. With `services=False` two different services, or two grades, may be in one order.
    What an expression asks for is not looked into."""
    return (
        all(_share(getattr(first, name), getattr(second, name)) for name in (*_SETS, *(_OF_ITEMS if services else ())))
        and all(
            "" in (one, other) or one == other
            for one, other in ((first.brand, second.brand), (first.category, second.category))
        )
        and bool(hours(first) & hours(second))
        and _spans_meet(_years(first), _years(second))
        and _spans_meet(_amounts(first), _amounts(second))
        and _further_meet(first, second)
    )


def _further_meet(first: Scope, second: Scope) -> bool:
    return (
        all(None in (pair := (getattr(first, name), getattr(second, name))) or pair[0] is pair[1] for name in _FLAGS)
        and _spans_meet(
            _span(first.quantity_from, first.quantity_until), _span(second.quantity_from, second.quantity_until)
        )
        and _spans_meet(_days(first.date_from, first.date_until), _days(second.date_from, second.date_until))
        and all(
            _spans_meet(_bounds(one), _bounds(other))
            for one in first.market
            for other in second.market
            if one.figure == other.figure
        )
    )


def _share(one: frozenset[object], other: frozenset[object]) -> bool:
    return not one or not other or not one.isdisjoint(other)


def _spans_meet(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _years(scope: Scope) -> tuple[float, float]:
    return _span(scope.year_from, scope.year_until)


def _span(start: int | None, last: int | None) -> tuple[float, float]:
    return -inf if start is None else start, inf if last is None else last + 1


def _days(start: date | None, last: date | None) -> tuple[float, float]:
    return _span(start.toordinal() if start else None, last.toordinal() if last else None)


def _validity(rule: Rule) -> tuple[float, float]:
    return _days(rule.valid_from, rule.valid_until)


def _bounds(bound: MarketBound) -> tuple[float, float]:
    return -inf if bound.at_least is None else bound.at_least, inf if bound.below is None else bound.below


def _amounts(scope: Scope) -> tuple[float, float]:
    return (
        -inf if scope.amount_from is None else scope.amount_from,
        inf if scope.amount_until is None else scope.amount_until,
    )
