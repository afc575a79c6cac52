"""Free-form conditions as trees of plain values: the same today and in ten years, whatever parses their text.

A tree is a nested tuple: `("and", a, b)`, `("or", a, b)`, `("not", a)`, `("eq", x, y)` and the other comparisons,
`("in", x, list)`, over `("fact", name)`, `("value", literal)` and figures: `("add", x, y)`, `sub`, `mul`, `div`, `("neg", x)`.
Figures are exact; a decimal such as 1.5 is a quotient of whole numbers.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from fractions import Fraction
from operator import add, eq, ge, gt, le, lt, mul, ne, sub
from typing import Any, TypeAlias

from attrs import frozen

from repaircore.domain.pricing.facts import Facts

Literal: TypeAlias = str | int | bool | tuple[str | int, ...]
Tree: TypeAlias = tuple[Any, ...]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Kind(StrEnum):
    """The type of a fact."""

    TEXT = "text"
    NUMBER = "number"
    TRUTH = "truth"
    TEXTS = "texts"


@frozen
class Fact:
    """One name that an expression may use, and how its value is read. A missing value is None."""

    kind: Kind
    read: Callable[[Facts], Literal | None]


def _figure(name: str) -> Fact:
    return Fact(Kind.NUMBER, lambda facts: facts.market.figures.get(name))


def _cheapest(facts: Facts) -> int | None:
    return min((item.competitor_price for item in facts.items if item.competitor_price is not None), default=None)


MARKET = "market."  # `market.parts_waiting`: any figure of the snapshot, also those that have no name of their own here
MARKET_FIGURES = ("queue_length", "free_technicians", "demand", "parts_availability", "competitor_index")

FACTS: Mapping[str, Fact] = {
    "device": Fact(Kind.TEXT, lambda facts: facts.device.id),
    "brand": Fact(Kind.TEXT, lambda facts: facts.device.brand),
    "category": Fact(Kind.TEXT, lambda facts: facts.device.category),
    "year": Fact(Kind.NUMBER, lambda facts: facts.device.year),
    "device_name": Fact(Kind.TEXT, lambda facts: facts.device.name),
    "services": Fact(Kind.TEXTS, lambda facts: tuple(item.service_id for item in facts.items)),
    "quantity": Fact(Kind.NUMBER, lambda facts: facts.quantity),
    "total_quantity": Fact(Kind.NUMBER, lambda facts: sum(item.quantity for item in facts.items)),
    "items": Fact(Kind.NUMBER, lambda facts: len(facts.items)),
    "grades": Fact(Kind.TEXTS, lambda facts: tuple(item.grade for item in facts.items)),
    "warranties": Fact(Kind.TEXTS, lambda facts: tuple(item.warranty for item in facts.items)),
    "competitor_price": Fact(Kind.NUMBER, _cheapest),  # the lowest, in minor units
    "urgency": Fact(Kind.TEXT, lambda facts: facts.urgency),
    "condition": Fact(Kind.TEXT, lambda facts: facts.condition),
    "complexity": Fact(Kind.TEXT, lambda facts: facts.complexity),
    "fulfilment": Fact(Kind.TEXT, lambda facts: facts.fulfilment),
    "channel": Fact(Kind.TEXT, lambda facts: facts.channel),
    "customer_type": Fact(Kind.TEXT, lambda facts: facts.customer_type),
    "tier": Fact(Kind.TEXT, lambda facts: facts.tier),
    "tax_status": Fact(Kind.TEXT, lambda facts: facts.tax_status),
    "place": Fact(Kind.TEXT, lambda facts: facts.place),
    "postcode": Fact(Kind.TEXT, lambda facts: facts.postcode),
    "first_order": Fact(Kind.TRUTH, lambda facts: facts.first_order),
    "referred": Fact(Kind.TRUTH, lambda facts: facts.referred),
    "promo_codes": Fact(Kind.TEXTS, lambda facts: facts.promo_codes),
    "weekday": Fact(Kind.TEXT, lambda facts: _DAYS[facts.local_time.weekday()]),
    "hour": Fact(Kind.NUMBER, lambda facts: facts.local_time.hour),
    "minute": Fact(Kind.NUMBER, lambda facts: facts.local_time.minute),
    "day": Fact(Kind.NUMBER, lambda facts: facts.local_time.day),
    "month": Fact(Kind.NUMBER, lambda facts: facts.local_time.month),
    "calendar_year": Fact(Kind.NUMBER, lambda facts: facts.local_time.year),
    **{name: _figure(name) for name in MARKET_FIGURES},
}

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {"eq": eq, "ne": ne, "lt": lt, "le": le, "gt": gt, "ge": ge}
ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {"add": add, "sub": sub, "mul": mul, "div": Fraction}
LARGEST = 10**36  # of a figure's numerator and denominator, on the way: no condition takes long, whatever the facts


class Incomputable(ArithmeticError):
    """A figure that does not exist, such as a quotient by zero, or that is beyond all bounds."""


@frozen
class Expression:
    """A condition as it was written, and what it says."""

    text: str
    tree: Tree

    def holds(self, facts: Facts) -> bool:
        """Whether the facts fulfil it. A comparison with a missing value (an unknown year, an unreported figure) fails, and
        where a figure cannot be computed, the whole condition does."""
        return self.holds_for(lambda name: fact_named(name).read(facts))

    def holds_for(self, read: "Read") -> bool:
        """Whether these values of the facts fulfil it."""
        try:
            return _holds(self.tree, read)
        except Incomputable:
            return False

    def names(self) -> tuple[str, ...]:
        """Name the facts that it looks at, in the order of reading."""
        return tuple(dict.fromkeys(_names(self.tree)))

    def says(self, facts: Facts) -> str:
        """Say what the facts it looks at are: `total_quantity is 1, urgency is low`."""
        shown = ((name, fact_named(name).read(facts)) for name in self.names())
        said = [f"{name} is {_shown(value)}" for name, value in shown]
        try:
            _holds(self.tree, lambda name: fact_named(name).read(facts))
        except Incomputable as why:
            said.append(str(why))
        return ", ".join(said)


Read = Callable[[str], Any]


def fact_named(name: str) -> Fact:
    """Answer the fact of that name; `market.` and a figure's name is that figure. Raises KeyError for any other."""
    return _figure(name.removeprefix(MARKET)) if name.startswith(MARKET) else FACTS[name]


def _holds(tree: Tree, read: Read) -> bool:
    match tree:
        case ("and", left, right):
            return _holds(left, read) and _holds(right, read)
        case ("or", left, right):
            return _holds(left, read) or _holds(right, read)
        case ("not", part):
            return not _holds(part, read)
        case ("fact" | "value", _):
            return bool(_value(tree, read))
        case (sign, left, right):
            one, other = _value(left, read), _value(right, read)
            if one is None or other is None:
                return False
            return one in other if sign == "in" else _COMPARISONS[sign](one, other)
        case _:
            return False


def _value(operand: Tree, read: Read) -> Any:
    match operand:
        case ("fact", name):
            return read(name)
        case ("value", value):
            return value
        case ("neg", part):
            figure = _value(part, read)
            return None if figure is None else -figure
        case (sign, left, right):
            one, other = _value(left, read), _value(right, read)
            return None if one is None or other is None else _computed(sign, one, other)


def _computed(sign: str, one: Any, other: Any) -> Any:
    if sign == "div" and not other:
        raise Incomputable("it divides by zero")
    figure = ARITHMETIC[sign](one, other)
    if max(abs(figure.numerator), figure.denominator) > LARGEST:
        raise Incomputable("it comes to a figure beyond all bounds")
    return figure


def _names(tree: Tree) -> Iterator[str]:
    sign, *parts = tree
    if sign == "fact":
        yield parts[0]
    elif sign != "value":
        for part in parts:
            yield from _names(part)


def _shown(value: Literal | None) -> str:
    match value:
        case None:
            return "unknown"
        case True | False:
            return "true" if value else "false"
        case tuple():
            return " and ".join(str(part) or "not given" for part in value) or "none"
        case "":
            return "not given"
        case _:
            return str(value)
