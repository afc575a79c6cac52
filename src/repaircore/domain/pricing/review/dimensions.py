"""What may differ between quotes for one of the same service and device, and how rules tell its values apart.

A dimension is a fact that a quote may have otherwise: a word, the day, the hour, a figure of the market, a code, how many. A `Sight`
is what some rules look at; values of the same kind are one value to them.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any

from attrs import field, frozen

from repaircore.domain.pricing.cells import linear
from repaircore.domain.pricing.expressions import MARKET, MARKET_FIGURES, Expression, Tree
from repaircore.domain.pricing.rules import MarketBound, Per, Rule, Scope, Stage
from repaircore.domain.pricing.scoping import ITEM_WORDS, WORDS, fits_postcode, fits_quantity, has_hours, hours

Tell = Callable[[Any], Hashable]
At = Mapping[str, Any]  # a value of each dimension that matters

DAY, HOUR, MINUTE, QUANTITY, POSTCODE, CODE = "day", "hour", "minute", "quantity", "postcode", "code "
FLAGS = ("first_order", "referred")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_READ: Mapping[str, tuple[str, Tell]] = {
    "weekday": (DAY, lambda day: _DAYS[day.weekday()]),
    "day": (DAY, lambda day: day.day),
    "month": (DAY, lambda day: day.month),
    "calendar_year": (DAY, lambda day: day.year),
    "grades": ("grade", lambda grade: (grade,)),
    "warranties": ("warranty", lambda warranty: (warranty,)),
    "total_quantity": (QUANTITY, lambda quantity: quantity),
}
_ASKED_FOR = frozenset({"device", "device_name", "brand", "category", "year", "services"})
_AS_IT_IS = frozenset({*(fact for _, fact, _ in WORDS), *FLAGS, HOUR, MINUTE, QUANTITY, POSTCODE})


@frozen(eq=False)
class Sight:
    """What some rules look at: for each dimension, how they tell its values apart."""

    tells: Mapping[str, tuple[Tell, ...]]
    _kinds: dict[tuple[str, Any], Hashable] = field(factory=dict, init=False)

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> "Sight":
        """Gather what the rules ask for beyond device and service."""
        tells: dict[str, list[Tell]] = defaultdict(list)
        for rule in rules:
            for name, tell in _conditions(rule):
                tells[name].append(tell)
        return cls({name: tuple(tells[name]) for name in sorted(tells)})

    @classmethod
    def both(cls, *sights: "Sight") -> "Sight":
        """Answer what all of them look at."""
        names = sorted({name for sight in sights for name in sight.tells})
        return cls(
            {name: tuple(dict.fromkeys(t for each in sights for t in each.tells.get(name, ()))) for name in names}
        )

    def kind(self, name: str, value: Any) -> Hashable:
        """Answer something equal for values that the rules do not tell apart."""
        known = self._kinds.get((name, value), self)
        if known is self:
            known = self._kinds[name, value] = tuple([tell(value) for tell in self.tells.get(name, ())])
        return known

    def kinds(self, at: At) -> Hashable:
        """Answer something equal for situations that the rules do not tell apart, as far as they are settled."""
        return tuple([self.kind(name, at[name]) for name in self.tells if name in at])

    def one_of_each(self, name: str, values: Iterable[Any]) -> tuple[Any, ...]:
        """Answer the first value of each kind."""
        found: dict[Hashable, Any] = {}
        for value in values:
            found.setdefault(self.kind(name, value), value)
        return tuple(found.values())


def counts(rule: Rule) -> bool:
    """Whether the amount over all pieces decides if the rule applies."""
    scope = rule.scope
    windowed = (scope.amount_from, scope.amount_until) != (None, None)
    return windowed and (rule.per is Per.ORDER or rule.stage is Stage.TAX)


def _conditions(rule: Rule) -> Iterator[tuple[str, Tell]]:
    scope = rule.scope
    for name, fact, _ in (*WORDS, *ITEM_WORDS):
        if allowed := getattr(scope, name):
            yield fact, allowed.__contains__
    if scope.postcode_prefixes:
        yield POSTCODE, partial(fits_postcode, scope)
    if (scope.quantity_from, scope.quantity_until) != (None, None):
        yield QUANTITY, partial(fits_quantity, scope)
    if counts(rule):
        yield QUANTITY, _itself
    if rule.per is Per.ORDER and rule.stage is Stage.DISCOUNTS:
        yield QUANTITY, _alike  # the more there are, the less of a difference it hides
    yield from _of_time(rule, scope)
    yield from ((name, _itself) for name in FLAGS if getattr(scope, name) is not None)
    yield from ((CODE + code, _itself) for code in sorted(scope.promo_codes))
    for bound in scope.market:
        yield MARKET + bound.figure, partial(_is_bounded, bound)
    if scope.expression:
        for atom in _atoms(scope.expression.tree):
            yield from _of_atom(atom)


def _of_time(rule: Rule, scope: Scope) -> Iterator[tuple[str, Tell]]:
    if has_hours(scope):
        yield HOUR, hours(scope).__contains__
    if scope.weekdays:
        yield DAY, lambda day: day.weekday() in scope.weekdays
    if scope.months:
        yield DAY, lambda day: day.month in scope.months
    for first, last in ((scope.date_from, scope.date_until), (rule.valid_from, rule.valid_until)):
        if first is not None or last is not None:
            yield DAY, partial(_is_between, first or date.min, last or date.max)


def _is_between(first: date, last: date, day: date) -> bool:
    return first <= day <= last


def _is_bounded(bound: MarketBound, value: int | None) -> bool:
    return bound.holds({} if value is None else {bound.figure: value})


def _itself(value: Any) -> Hashable:
    return value  # type: ignore[no-any-return]


def _alike(value: Any) -> Hashable:
    return ()


def _atoms(tree: Tree) -> Iterator[Tree]:
    """Answer the comparisons that a condition is made of."""
    match tree:
        case ("and" | "or", left, right):
            yield from _atoms(left)
            yield from _atoms(right)
        case ("not", part):
            yield from _atoms(part)
        case _:
            yield tree


def _of_atom(atom: Tree) -> Iterator[tuple[str, Tell]]:
    """A comparison of one fact parts its values in those that fulfil it and others; one of several tells all values apart."""
    names = Expression("", atom).names()
    for fact in names:
        if fact == "promo_codes":
            yield from ((CODE + code, _itself) for code in _texts(atom))
            continue
        name, read = dimension_of(fact)
        if name:
            yield name, partial(_truth, atom, read) if len(names) == 1 else read


def dimension_of(fact: str) -> tuple[str, Tell]:
    """Answer the dimension that an expression's fact is read from, and how; without a name where it is settled by what is asked for."""
    if fact in MARKET_FIGURES or fact.startswith(MARKET):
        return MARKET + fact.removeprefix(MARKET), _itself
    return _READ.get(fact, (fact if fact in _AS_IT_IS else "", _itself))


def looks_at_what_is_asked_for(rule: Rule) -> bool:
    """Whether its expression looks at the device or the service."""
    facts = rule.scope.expression.names() if rule.scope.expression else ()
    return any(fact in _ASKED_FOR for fact in facts)


def is_sampled(rule: Rule) -> bool:
    """Whether its expression computes with a figure of the market, or the year, so that no finite set of values tells all."""
    atoms = _atoms(rule.scope.expression.tree) if rule.scope.expression else ()
    endless = (atom for atom in atoms if any(map(_is_endless, Expression("", atom).names())))
    return not all(map(_is_a_cut, endless))


def _is_endless(fact: str) -> bool:
    return fact == "calendar_year" or dimension_of(fact)[0].startswith(MARKET)


def _is_a_cut(atom: Tree) -> bool:
    """Whether it parts the values of one fact at a figure."""
    if len(Expression("", atom).names()) > 1:
        return False
    match atom:
        case ("in", member, _):
            return linear(member) is not None
        case (_, left, right):
            return linear(("sub", left, right)) is not None
        case _:
            return True


def _truth(atom: Tree, read: Tell, value: Any) -> Hashable:
    """Whether the comparison holds, whether its contrary does; neither where it cannot be computed."""
    return tuple(Expression("", tree).holds_for(lambda name: read(value)) for tree in (atom, ("not", atom)))


def _texts(tree: Tree) -> Iterator[str]:
    sign, *parts = tree
    if sign == "value":
        found = parts[0] if isinstance(parts[0], tuple) else parts
        yield from (each for each in found if isinstance(each, str))
    elif sign != "fact":
        for part in parts:
            yield from _texts(part)
