"""What holds for the whole rulebook: how groups of discounts stack, how far the market may go, who may say who they are."""

from collections.abc import Collection, Mapping
from fractions import Fraction

from repaircore.adapters.shopfiles import values
from repaircore.adapters.shopfiles.records import Record, Unreadable
from repaircore.domain.pricing.rules import GroupMode, Reach

_ORDER = "order"


def read_groups(table: Record) -> tuple[dict[str, GroupMode], tuple[str, ...]]:
    """Read `[groups]`: for each group of discounts `best_of`, `exclusive` or `sequential`; and `order`, a list of all of them.

    Without an order groups apply by name. A group may itself be called `order`, but then none can be given.
    """
    groups = {}
    ordered = isinstance(table.values.get(_ORDER), list)
    for name in table.values:
        if name == _ORDER and ordered:
            continue
        if not values.is_identifier(name):
            table.fault(name, "is not a name for a group: use small letters, digits and hyphens")
        groups[name] = table.read(name, values.member("way to stack", GroupMode), GroupMode.BEST_OF)
    return groups, _order(table, groups) if ordered else ()


def read_reach(top: Record, groups: Mapping[str, GroupMode]) -> Reach:
    """Read `exclusive_reach`: exclusive discounts shut out others on the whole quote, unless it says `each`."""
    reach = top.read("exclusive_reach", values.member("reach", Reach), Reach.QUOTE)
    return reach if GroupMode.EXCLUSIVE in groups.values() else Reach.EACH


def _order(table: Record, groups: Collection[str]) -> tuple[str, ...]:
    order = table.read(_ORDER, values.several(values.one_of("group", groups)), None)
    if order is None:
        return ()
    for name in groups:
        if order.count(name) != 1:
            table.fault(_ORDER, f"names {name!r} {order.count(name)} times: name every group once")
    return order


def read_market(table: Record) -> tuple[Fraction | None, Fraction | None]:
    """Read `[market]`: by how many percent the whole market stage raises a price `at_most`, and lowers it (`at_least = -30`)."""
    table.allow_only(("at_most", "at_least"))
    return table.read("at_most", _up, None), table.read("at_least", _down, None)


def _up(value: object) -> Fraction | None:
    return values.factor(value)


def _down(value: object) -> Fraction | None:
    percentage = values.percentage(value)
    if not -100 <= percentage <= 0:
        raise Unreadable(f"{value!r} is not a percentage to lower a price by: write it like -30")
    return percentage
