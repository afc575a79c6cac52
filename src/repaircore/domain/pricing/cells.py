"""The values of facts that free conditions tell apart: finitely many, one from every cell that their comparisons cut."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import chain, combinations
from math import ceil, floor
from typing import Any

from attrs import define, field

from repaircore.domain.pricing.expressions import ARITHMETIC, MARKET, MARKET_FIGURES, Kind, Tree, fact_named
from repaircore.domain.pricing.market import LARGEST_FIGURE

OTHER = "\x00"  # a word that no condition names
MOST_MEMBERS = 6  # of one list of texts, looked at in every combination
FINITE: Mapping[str, tuple[Any, ...]] = {
    "hour": tuple(range(24)),
    "minute": tuple(range(60)),
    "day": tuple(range(1, 32)),
    "month": tuple(range(1, 13)),
    "weekday": ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
}
_AT_LEAST = {"quantity": 1, "total_quantity": 1, "items": 1, "year": 1, "calendar_year": 1, "competitor_price": 0}
_SAMPLES = (-100, -10, -1, 0, 1, 2, 3, 5, 10, 20, 50, 100, 1000)

Linear = dict[str, Fraction]  # the factor of each fact; "" is what stands alone


@define
class Cells:
    """Gathers where conditions cut each fact. `exact` says that no cell is missed."""

    cuts: dict[str, set[Fraction]] = field(factory=lambda: defaultdict(set))
    words: dict[str, set[str]] = field(factory=lambda: defaultdict(set))
    names: dict[str, None] = field(factory=dict)
    sampled: set[str] = field(factory=set)
    exact: bool = True

    def look_at(self, tree: Tree) -> None:
        """Cut by every comparison of a condition."""
        match tree:
            case ("and" | "or", left, right):
                self.look_at(left)
                self.look_at(right)
            case ("not", part):
                self.look_at(part)
            case ("fact", name):
                self.names[name] = None
            case ("in", member, container):
                self._contained(member, container)
            case (_, left, right):
                self._compared(left, right)

    def values(self, name: str, known: Iterable[str] | None) -> tuple[Any, ...]:
        """Answer a value from each cell. `known` are the words that a request may use, where they are all known."""
        kind = fact_named(name).kind
        if name in FINITE:
            return FINITE[name]
        if kind is Kind.TRUTH:
            return False, True
        if kind is Kind.NUMBER:
            return tuple(self._numbers(name))
        if kind is Kind.TEXT:
            return tuple(sorted({*self.words[name], "", OTHER} if known is None else set(known)))
        members = sorted(self.words[name])
        self.exact = self.exact and len(members) <= MOST_MEMBERS
        members = members[:MOST_MEMBERS]
        sizes = (combinations(members, size) for size in range(len(members) + 1))
        chosen = tuple(chain.from_iterable(sizes))
        return tuple((*each, OTHER) if name == "services" and not each else each for each in chosen)

    def _numbers(self, name: str) -> Iterator[int | None]:
        low = _AT_LEAST.get(name, -LARGEST_FIGURE)
        cuts = {*self.cuts[name], *(map(Fraction, _SAMPLES) if name in self.sampled else ())}
        near = {each for cut in cuts for each in (floor(cut), ceil(cut), floor(cut) + 1, ceil(cut) - 1)}
        yield from sorted(each for each in near | {low, LARGEST_FIGURE} if low <= each <= LARGEST_FIGURE)
        if name in ("year", "competitor_price", *MARKET_FIGURES) or name.startswith(MARKET):
            yield None

    def _contained(self, member: Tree, container: Tree) -> None:
        self.names.update((name, None) for name in _facts(member, container))
        values = container[1] if container[0] == "value" else ()
        if all(isinstance(value, int) for value in values) and container[0] == "value":
            for value in values:
                self._compared(member, ("value", value))
        elif container[0] == "value" and member[0] == "fact":
            self.words[member[1]].update(values)
        elif container[0] == "fact" and member[0] == "value":
            self.words[container[1]].add(member[1])
        elif container[0] == "fact":
            self.exact = False

    def _compared(self, left: Tree, right: Tree) -> None:
        facts = tuple(_facts(left, right))
        self.names.update((name, None) for name in facts)
        if any(fact_named(name).kind is not Kind.NUMBER for name in facts):
            self._told_apart(left, right)
        elif not all(name in FINITE for name in facts):
            self._cut(left, right, facts)

    def _told_apart(self, left: Tree, right: Tree) -> None:
        for one, other in ((left, right), (right, left)):
            if one[0] == "fact" and other[0] == "value" and isinstance(other[1], str):
                self.words[one[1]].add(other[1])
        self.exact = self.exact and not (left[0] == right[0] == "fact")

    def _cut(self, left: Tree, right: Tree, facts: tuple[str, ...]) -> None:
        form = linear(("sub", left, right))
        [*factors] = [name for name in form or () if name and form and form[name]]
        if form is not None and len(factors) == 1 and set(facts) == set(factors):
            self.cuts[factors[0]].add(-form[""] / form[factors[0]])
            return
        self.exact = False
        self.sampled.update(facts)
        for name in facts:
            self.cuts[name].update((form or {}).values())


def linear(tree: Tree) -> Linear | None:
    """Answer a figure as a sum of multiples of facts; None where it is no such sum."""
    match tree:
        case ("fact", name):
            return {"": Fraction(0), name: Fraction(1)}
        case ("value", value):
            return {"": Fraction(value)}
        case ("neg", part):
            return linear(("mul", ("value", -1), part))
        case (sign, left, right) if sign in ARITHMETIC:
            one, other = linear(left), linear(right)
            return None if one is None or other is None else _combined(sign, one, other)
        case _:
            return None


def _combined(sign: str, one: Linear, other: Linear) -> Linear | None:
    if sign in ("add", "sub"):
        times = 1 if sign == "add" else -1
        return {name: one.get(name, Fraction(0)) + times * other.get(name, 0) for name in {**one, **other}}
    if sign == "mul" and set(one) == {""}:
        one, other = other, one
    if set(other) != {""} or (sign == "div" and not other[""]):
        return None
    factor = other[""] if sign == "mul" else 1 / other[""]
    return {name: value * factor for name, value in one.items()}


def _facts(*trees: Tree) -> Iterator[str]:
    for sign, *parts in trees:
        if sign == "fact":
            yield parts[0]
        elif sign != "value":
            yield from _facts(*parts)
