"""The facts that a rulebook's rules look at, as one tuple: quotes with equal tuples and items are priced by the same plan."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import NamedTuple

from attrs import fields, frozen

from repaircore.domain.pricing.expressions import Expression
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.rules import Action, Per, Rule, Scope, Stage
from repaircore.domain.pricing.scoping import ITEM_WORDS, WORDS, has_hours, hours, words_of

WEEKDAY, HOUR, MONTH, POSTCODE = range(len(WORDS), len(WORDS) + 4)
_FURTHER = POSTCODE + 1
_FLAGS = ("first_order", "referred")
_CODES, _QUANTITY, _DATE = "promo_codes", "quantity", "date"
_COMPETITOR = len(ITEM_WORDS)

Context = tuple[Hashable, ...]  # the words, then weekday, hour, month, postcode, then whatever else the rules look at
Detail = tuple[str, str, int | None]  # an item's grade, warranty and competitor's price
Test = tuple[int, Container[Hashable]]  # what must be at that index
Dimension = str | tuple[str] | Expression  # a market figure is a tuple of its name


class Case(NamedTuple):
    """What conditions are held against: the context, the items in question where they matter, what the amount is for."""

    context: Context
    details: tuple[Detail, ...] = ()
    kind: str = "repair"


@frozen(eq=False)
class _AnyCode:
    """Holds the quotes with one of these codes."""

    codes: frozenset[str]

    def __contains__(self, given: object) -> bool:
        return isinstance(given, frozenset) and not self.codes.isdisjoint(given)


@frozen(eq=False)
class _Known:
    """Holds whatever is known."""

    def __contains__(self, value: object) -> bool:
        return value is not None


@frozen(eq=False)
class Looks:
    """What the rules of one rulebook look at beyond the usual words. Ordered figures are parted where some rule parts them."""

    indexes: Mapping[Dimension, int]
    cuts: Mapping[Dimension, list[int]]
    readers: tuple[Callable[[Facts], Hashable], ...]
    at_items: bool
    at_kinds: bool  # some tax is for one kind of line alone

    def further(self, facts: Facts) -> Context:
        """Answer the part of the context that only these rules need."""
        return tuple([read(facts) for read in self.readers])

    def details(self, facts: Facts) -> tuple[Detail, ...]:
        """Answer what matters of each item; nothing where no rule looks at items."""
        if not self.at_items:
            return ()
        return tuple([(item.grade, item.warranty, item.competitor_price) for item in facts.items])

    def tests(self, rule: Rule, scope: Scope) -> Iterator[Test]:
        """Answer the conditions on the context, but for the postcode."""
        for index, allowed in enumerate(words_of(scope)):
            if allowed:
                yield (index, allowed)
        if scope.weekdays:
            yield (WEEKDAY, scope.weekdays)
        if has_hours(scope):
            yield (HOUR, hours(scope))
        if scope.months:
            yield (MONTH, scope.months)
        if self.readers and not _is_plain(rule):
            yield from self._further_tests(rule, scope)

    def _further_tests(self, rule: Rule, scope: Scope) -> Iterator[Test]:
        for name in _FLAGS:
            wanted = getattr(scope, name)
            if wanted is not None:
                yield (self.indexes[name], frozenset({wanted}))
        if scope.promo_codes:
            yield (self.indexes[_CODES], _AnyCode(scope.promo_codes))
        for dimension, start, end in _spans(rule, scope):
            cuts = self.cuts[dimension]
            low = 0 if start is None else bisect_right(cuts, start)
            high = len(cuts) + 1 if end is None else bisect_right(cuts, end)
            yield (self.indexes[dimension], range(low, high))
        if scope.expression:
            yield (self.indexes[scope.expression], frozenset({True}))


def looks(rules: Iterable[Rule]) -> Looks:
    """Gather what the rules look at."""
    cuts: dict[Dimension, set[int]] = defaultdict(set)
    others: dict[Dimension, None] = {}
    at_items = at_kinds = False
    for rule in rules:
        scope = rule.scope
        at_items = at_items or bool(scope.grades or scope.warranties or rule.action is Action.MATCH)
        at_kinds = at_kinds or bool(scope.line_kinds)
        if _is_plain(rule):
            continue
        for dimension, start, end in _spans(rule, scope):
            cuts[dimension].update(bound for bound in (start, end) if bound is not None)
        others.update((name, None) for name in _FLAGS if getattr(scope, name) is not None)
        if scope.promo_codes:
            others[_CODES] = None
        if scope.expression:
            others[scope.expression] = None
    ordered = {dimension: sorted(bounds) for dimension, bounds in cuts.items()}
    dimensions = (*ordered, *others)
    return Looks(
        indexes={dimension: _FURTHER + place for place, dimension in enumerate(dimensions)},
        cuts=ordered,
        readers=tuple(_reader(dimension, ordered.get(dimension, [])) for dimension in dimensions),
        at_items=at_items,
        at_kinds=at_kinds,
    )


def _is_plain(rule: Rule) -> bool:
    """Whether nothing beyond the usual words, hours and months is asked for: so it is with most of many thousand rules."""
    scope = rule.scope
    return (
        scope.quantity_from is None
        and scope.quantity_until is None
        and scope.date_from is None
        and scope.date_until is None
        and rule.valid_from is None
        and rule.valid_until is None
        and scope.first_order is None
        and scope.referred is None
        and scope.expression is None
        and not scope.promo_codes
        and not scope.market
    )


def is_price(rule: Rule) -> bool:
    """Whether it is a price of services for devices and asks for nothing more: so it is with most of many thousand rules."""
    return (
        rule.stage is Stage.BASE
        and rule.action is Action.SET
        and rule.per is Per.LINE
        and not rule.group
        and rule.valid_from is None
        and rule.valid_until is None
        and _conditions(rule.scope) == _NO_CONDITIONS
    )


_conditions = attrgetter(*(each.name for each in fields(Scope) if each.name not in ("models", "services")))
_NO_CONDITIONS = _conditions(Scope())


def item_tests(rule: Rule, scope: Scope) -> tuple[Test, ...]:
    """Answer the conditions that some item in question must fulfil."""
    tests = [(place, allowed) for place, (name, _, _) in enumerate(ITEM_WORDS) if (allowed := getattr(scope, name))]
    return (*tests, (_COMPETITOR, _Known())) if rule.action is Action.MATCH else tuple(tests)


def competitor_price(case: Case) -> int | None:
    """Answer what another shop asks for the line's item."""
    return case.details[0][2] if case.details else None


def _spans(rule: Rule, scope: Scope) -> Iterator[tuple[Dimension, int | None, int | None]]:
    """Answer the windows over ordered figures, their ends excluded."""
    if scope.quantity_from is not None or scope.quantity_until is not None:
        yield _QUANTITY, scope.quantity_from, None if scope.quantity_until is None else scope.quantity_until + 1
    for first, last in ((scope.date_from, scope.date_until), (rule.valid_from, rule.valid_until)):
        if first is not None or last is not None:
            yield _DATE, first.toordinal() if first else None, last.toordinal() + 1 if last else None
    for bound in scope.market:
        yield (bound.figure,), bound.at_least, bound.below


def _reader(dimension: Dimension, cuts: list[int]) -> Callable[[Facts], Hashable]:
    match dimension:
        case Expression():
            return dimension.holds
        case (figure,):
            return lambda facts: _part(cuts, facts.market.figures.get(figure))
        case "quantity":
            return lambda facts: bisect_right(cuts, facts.quantity)
        case "date":
            return lambda facts: bisect_right(cuts, facts.local_time.toordinal())
        case "promo_codes":
            return lambda facts: frozenset(facts.promo_codes)
        case name:
            return lambda facts: bool(getattr(facts, str(name)))


def _part(cuts: list[int], value: int | None) -> int:
    return -1 if value is None else bisect_right(cuts, value)
