"""The market as a business sees it: dated snapshots of a few whole numbers. Every quote names the one it used; none is made up."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from attrs import frozen

from repaircore.domain.actors import Actor
from repaircore.domain.errors import InvalidValue
from repaircore.domain.pricing.facts import MarketSnapshot

MOST_FIGURES = 50
LARGEST_FIGURE = 10**9

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


def taken(
    id: str, figures: Mapping[str, int], *, at: datetime, now: datetime, source: Source, by: Actor, note: str = ""
) -> DatedSnapshot:
    """Make a snapshot. Raises InvalidValue for a time to come, no figures or too many, a strange name or a figure out of bounds."""
    if at > now:
        raise InvalidValue(f"{at.isoformat()} is still to come: a snapshot says what was measured", pointer="/at")
    if not 1 <= len(figures) <= MOST_FIGURES:
        raise InvalidValue(f"a snapshot has 1 to {MOST_FIGURES} figures, not {len(figures)}", pointer="/figures")
    for name, figure in figures.items():
        _check(name, figure)
    return DatedSnapshot(id=id, at=at, figures=dict(figures), source=source, by=by, note=note)


def _check(name: str, figure: int) -> None:
    pointer = "/figures/" + name.replace("~", "~0").replace("/", "~1")
    if not _NAME.fullmatch(name):
        raise InvalidValue(
            f"{name!r} is not a figure's name: use small letters, digits and _, such as 'queue_length'", pointer=pointer
        )
    if not -LARGEST_FIGURE <= figure <= LARGEST_FIGURE:
        raise InvalidValue(f"{figure} is out of bounds: at most {LARGEST_FIGURE:,}", pointer=pointer)
