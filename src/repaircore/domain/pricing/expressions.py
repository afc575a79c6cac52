"""Free-form conditions as trees of plain values: the same today and in ten years, whatever parses their text.

A tree is a nested tuple: `("and", a, b)`, `("or", a, b)`, `("not", a)`, `("eq", x, y)` and the other comparisons,
`("in", x, list)`, over `("fact", name)` and `("value", literal)`.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from operator import eq, ge, gt, le, lt, ne
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


MARKET_FIGURES = ("queue_length", "free_technicians", "demand", "parts_availability", "competitor_index")

FACTS: Mapping[str, Fact] = {
    "device": Fact(Kind.TEXT, lambda facts: facts.device.id),
    "brand": Fact(Kind.TEXT, lambda facts: facts.device.brand),
    "category": Fact(Kind.TEXT, lambda facts: facts.device.category),
    "year": Fact(Kind.NUMBER, lambda facts: facts.device.year),
    "services": Fact(Kind.TEXTS, lambda facts: tuple(item.service_id for item in facts.items)),
    "quantity": Fact(Kind.NUMBER, lambda facts: max(item.quantity for item in facts.items)),
    "total_quantity": Fact(Kind.NUMBER, lambda facts: sum(item.quantity for item in facts.items)),
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
    "day": Fact(Kind.NUMBER, lambda facts: facts.local_time.day),
    "month": Fact(Kind.NUMBER, lambda facts: facts.local_time.month),
    **{name: _figure(name) for name in MARKET_FIGURES},
}

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {"eq": eq, "ne": ne, "lt": lt, "le": le, "gt": gt, "ge": ge}


@frozen
class Expression:
    """A condition as it was written, and what it says."""

    text: str
    tree: Tree

    def holds(self, facts: Facts) -> bool:
        """Whether the facts fulfil it. A comparison with a missing value (an unknown year, an unreported figure) fails."""
        return _holds(self.tree, facts)

    def names(self) -> tuple[str, ...]:
        """Name the facts that it looks at, in the order of reading."""
        return tuple(dict.fromkeys(_names(self.tree)))

    def says(self, facts: Facts) -> str:
        """Say what the facts it looks at are: `total_quantity is 1, urgency is low`."""
        shown = ((name, FACTS[name].read(facts)) for name in self.names())
        return ", ".join(f"{name} is {_shown(value)}" for name, value in shown)


def _holds(tree: Tree, facts: Facts) -> bool:
    match tree:
        case ("and", left, right):
            return _holds(left, facts) and _holds(right, facts)
        case ("or", left, right):
            return _holds(left, facts) or _holds(right, facts)
        case ("not", part):
            return not _holds(part, facts)
        case ("fact" | "value", _):
            return bool(_value(tree, facts))
        case (sign, left, right):
            one, other = _value(left, facts), _value(right, facts)
            if one is None or other is None:
                return False
            return one in other if sign == "in" else _COMPARISONS[sign](one, other)
        case _:
            return False


def _value(operand: Tree, facts: Facts) -> Any:
    kind, value = operand
    return FACTS[value].read(facts) if kind == "fact" else value


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
            return " and ".join(map(str, value)) or "none"
        case "":
            return "not given"
        case _:
            return str(value)
