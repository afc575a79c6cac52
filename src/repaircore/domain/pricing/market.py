"""The market as a business sees it: dated snapshots of a few whole numbers. Every quote names the one it used; none is made up."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum

from attrs import frozen

from repaircore.domain.actors import Actor
from repaircore.domain.errors import InvalidValue, nearest
from repaircore.domain.pricing.expressions import MARKET
from repaircore.domain.pricing.facts import MarketSnapshot
from repaircore.domain.pricing.rules import Rule, Scope

MOST_FIGURES = 50
LARGEST_FIGURE = 10**9

# The least and the most that each figure can be. Shares are in percent: of a usual week, of the usual parts, of our own prices.
KNOWN: Mapping[str, tuple[int, int]] = {
    "queue_length": (0, 100_000),
    "free_technicians": (0, 100_000),
    "demand": (0, 1_000),
    "parts_availability": (0, 100),
    "competitor_index": (0, 1_000),
    "parts_waiting": (0, 100_000),
}

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Source(StrEnum):
    """Who measured: somebody over the API, a file that was read in, or the core counting its own bookings."""

    API = "api"
    FILE = "file"
    CORE = "core"


@frozen(kw_only=True)
class DatedSnapshot:
    """Figures as they were at `at`; whole numbers by name, such as `queue_length` or `competitor_index`. Never changed."""

    id: str
    at: datetime
    figures: Mapping[str, int]
    source: Source
    by: Actor
    note: str = ""

    def facts(self) -> MarketSnapshot:
        """Answer what a quote keeps of it: enough to recompute the price without this snapshot."""
        return MarketSnapshot(id=self.id, figures=self.figures)


def figures_asked(rules: Iterable[Rule]) -> frozenset[str]:
    """Answer the figures that rules ask for, by a bound or in an expression."""
    return frozenset(name for rule in rules for name in _asked(rule.scope))


def _asked(scope: Scope) -> Iterator[str]:
    yield from (bound.figure for bound in scope.market)
    for name in scope.expression.names() if scope.expression else ():
        if name.startswith(MARKET):
            yield name.removeprefix(MARKET)


def taken(
    id: str,
    figures: Mapping[str, int],
    *,
    at: datetime,
    now: datetime,
    source: Source,
    by: Actor,
    note: str = "",
    asked: Collection[str] = (),
) -> DatedSnapshot:
    """Make a snapshot; `asked` are the names that the rulebook asks for beside those that everybody knows.

    Raises InvalidValue for a time to come, no figures or too many, a name that nobody asks for, or a figure out of bounds. What the
    core measures itself carries on what was reported before, under whatever name.
    """
    if at > now:
        raise InvalidValue(f"{at.isoformat()} is still to come: a snapshot says what was measured", pointer="/at")
    if not 1 <= len(figures) <= MOST_FIGURES:
        raise InvalidValue(f"a snapshot has 1 to {MOST_FIGURES} figures, not {len(figures)}", pointer="/figures")
    for name, figure in figures.items():
        _check(name, figure)
        if source is not Source.CORE:
            _check_meaning(name, figure, asked)
    return DatedSnapshot(id=id, at=at, figures=dict(figures), source=source, by=by, note=note)


def _check(name: str, figure: int) -> None:
    pointer = _pointer(name)
    if not _NAME.fullmatch(name):
        raise InvalidValue(
            f"{name!r} is not a figure's name: use small letters, digits and _, such as 'queue_length'", pointer=pointer
        )
    if not -LARGEST_FIGURE <= figure <= LARGEST_FIGURE:
        raise InvalidValue(f"{figure} is out of bounds: at most {LARGEST_FIGURE:,}", pointer=pointer)


def _check_meaning(name: str, figure: int, asked: Collection[str]) -> None:
    """Refuse a name that moves no price, most likely a typing error, and a figure that cannot be."""
    if name not in KNOWN and name not in asked:
        known = sorted({*KNOWN, *asked})
        closest = nearest(name, known)
        hint = f"did you mean {closest!r}? " if closest else ""
        raise InvalidValue(
            f"no rule in force asks for {name!r}; {hint}Known: {', '.join(known)}", pointer=_pointer(name)
        )
    least, most = KNOWN.get(name, (-LARGEST_FIGURE, LARGEST_FIGURE))
    if not least <= figure <= most:
        raise InvalidValue(f"{figure} is out of bounds: {name} is {least:,} to {most:,}", pointer=_pointer(name))


def _pointer(name: str) -> str:
    return "/figures/" + name.replace("~", "~0").replace("/", "~1")
