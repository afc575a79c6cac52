"""Where imported entries stand: a sheet is known by its header, a table in a TOML file by its name."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from attrs import frozen

from repaircore.adapters.catalog.entries import COLUMNS
from repaircore.adapters.pricing.prices import LONG, LONG_EXTRA
from repaircore.adapters.pricing.sheets import REQUIRED as RULE_COLUMNS
from repaircore.adapters.shopfiles.records import Record, Report, hint
from repaircore.adapters.shopfiles.streaming import Stream, Tick, stream_file, unwatched
from repaircore.adapters.shopfiles.toml import Document, stream_toml

PRICES = "prices"
_VERSION = re.compile(r"version\s*=")
_MOST_TELLING = ("parts", "devices", "aliases", "categories", "services")


@frozen
class Source:
    """One sheet or table, and the room that its entries are for."""

    room: str
    header: tuple[str, ...]
    _content: Stream | tuple[Document, str]

    @property
    def is_wide(self) -> bool:
        """Whether prices stand in a column for each service."""
        return isinstance(self._content, Stream) and "price" not in self.header

    def price_columns(self, services: Collection[str]) -> tuple[Collection[str], Collection[str]]:
        """Answer the columns that a price list of this shape must and may have."""
        return (("device",), services) if self.is_wide else (LONG, LONG_EXTRA)

    def records(self, required: Collection[str], optional: Collection[str]) -> Iterator[Record]:
        """Answer record after record; unknown fields are noted."""
        if isinstance(self._content, Stream):
            yield from self._content.records(required=required, optional=optional)
            return
        document, name = self._content
        for record in document.tables(name):
            record.allow_only((*required, *optional))
            yield record


def is_rulebook(file: Path) -> bool:
    """Whether the file is a TOML file of rules: it has a version, which nothing else has."""
    if file.suffix != ".toml" or not file.is_file():
        return False
    with file.open(encoding="utf-8", errors="replace") as lines:
        return any(_VERSION.match(line) for line in lines)


def is_rule_sheet(file: Path) -> bool:
    """Whether the file is a sheet of rules, by its columns."""
    if file.suffix == ".toml" or not file.is_file():
        return False
    unheard = Report()
    header = Stream.of(stream_file(file, unheard, unwatched), file.name, unheard).header
    return set(RULE_COLUMNS) <= set(header)


def sources_of(file: Path, services: Collection[str], report: Report, tick: Tick) -> Iterator[Source]:
    """Open a file and answer what stands in it; a file that is neither is noted."""
    if file.suffix == ".toml":
        yield from _tables(file, report, tick)
        return
    stream = Stream.of(stream_file(file, report, tick), file.name, report)
    room = _room_of(file.stem, stream.header, services)
    if room:
        yield Source(room, stream.header, stream)
    elif stream.header:
        known = ", ".join((*COLUMNS, PRICES, "rules"))
        report.add(file.name, 1, "", f"has the columns of no sheet that can be taken in: {known}")


def _tables(file: Path, report: Report, tick: Tick) -> Iterator[Source]:
    rooms = (*COLUMNS, PRICES)
    document = stream_toml(file.parent, file.name, report, rooms, tick)
    if document is None:
        return
    for name in document.data:
        if name in rooms:
            yield Source(name, (), (document, name))
        else:
            document.top().fault(name, f"is not a table that can be taken in{hint(name, rooms)}")


def _room_of(stem: str, header: Collection[str], services: Collection[str]) -> str:
    """Choose by the columns; where they would do for several rooms, by the file's name, then by the columns nobody knows."""
    fitting = [room for room in _MOST_TELLING if set(COLUMNS[room][0]) <= set(header)]
    if fitting:
        return min(fitting, key=lambda room: (not stem.startswith(room), len(set(header).difference(*COLUMNS[room]))))
    is_long = set(LONG) <= set(header)
    return PRICES if is_long or ("device" in header and any(column in services for column in header)) else ""
