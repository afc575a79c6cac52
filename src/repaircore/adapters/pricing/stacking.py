"""What holds for the whole rulebook: how groups of discounts stack, how far the market may go, who may say who they are."""

from fractions import Fraction

from repaircore.adapters.shopfiles import values
from repaircore.adapters.shopfiles.records import Record, Unreadable
from repaircore.domain.pricing.rules import GroupMode


def read_groups(table: Record) -> dict[str, GroupMode]:
    """Read `[groups]`: for each group of discounts `best_of`, `exclusive` or `sequential`."""
    groups = {}
    for name in table.values:
        if not values.is_identifier(name):
            table.fault(name, "is not a name for a group: use small letters, digits and hyphens")
        groups[name] = table.read(name, values.member("way to stack", GroupMode), GroupMode.BEST_OF)
    return groups


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
