"""Taking in a catalogue and its prices from files: sheets row by row, TOML tables, all of them or nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from attrs import define, evolve, field, frozen

from repaircore.adapters.catalog.entries import COLUMNS, alias, category, device_named, device_of, part_of, service_of
from repaircore.adapters.catalog.files import new_ones, without_twins
from repaircore.adapters.catalog.sources import PRICES, Source, sources_of
from repaircore.adapters.pricing.prices import long_price, wide_prices
from repaircore.adapters.pricing.vocabulary import names_of
from repaircore.adapters.shopfiles.records import Record
from repaircore.adapters.shopfiles.streaming import CappedReport, Tick
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.pricing.rules import Rule

Build = Callable[[Record], Any]
KEYS: Mapping[str, tuple[str, ...]] = {
    "categories": ("id",),
    "services": ("id",),
    "aliases": ("alias",),
    "devices": ("id",),
    "parts": ("supplier", "supplier_part"),
}
"""By what an entry of each room is known, in the order in which rooms are read: what is named comes before who names it."""


@frozen(kw_only=True)
class Imported:
    """What the files make of the catalogue, and the prices that stand in them."""

    catalogue: Catalogue
    prices: tuple[Rule, ...]
    rooms: frozenset[str]


@define
class Import:
    """Reads files over a catalogue: entries with a known key replace it, others are added.

    With `replace`, what a room's files do not name is gone from that room.
    """

    base: Catalogue
    currency: str
    replace: bool = False
    _report: CappedReport = field(factory=CappedReport)

    def read(self, files: Sequence[Path], tick: Tick) -> Imported:
        """Read every file. Raises FileProblems with the faults found, and then nothing is taken in."""
        sources = [source for file in files for source in sources_of(file, self.base.services, self._report, tick)]
        rooms: dict[str, dict[str, Any]] = {}
        for room in KEYS:
            rooms[room] = self._room(room, [each for each in sources if each.room == room], rooms)
        catalogue = evolve(self.base, **rooms)
        prices = self._prices([each for each in sources if each.room == PRICES], catalogue)
        self._report.refuse()
        return Imported(catalogue=catalogue, prices=prices, rooms=frozenset(each.room for each in sources))

    def _room(self, room: str, sources: Sequence[Source], done: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        known: dict[str, Any] = {} if self.replace and sources else dict(getattr(self.base, room))
        if not sources:
            return known
        build, (required, optional) = self._builder(room, done), COLUMNS[room]
        records = chain.from_iterable(source.records(required, optional) for source in sources)
        for record in new_ones(without_twins(records), *KEYS[room]):
            key, entry = _keyed(build(record))
            known[key] = entry
        return known

    def _builder(self, room: str, done: Mapping[str, Mapping[str, Any]]) -> Build:
        match room:
            case "categories":
                return category
            case "services":
                return service_of(done["categories"])
            case "aliases":
                return alias
            case "devices":
                return device_of(done["categories"], self.currency)
            case _:
                so_far = evolve(self.base, **done)
                return part_of(device_named(so_far), so_far.services, self.currency)

    def _prices(self, sources: Sequence[Source], catalogue: Catalogue) -> tuple[Rule, ...]:
        found: dict[str, Rule] = {}
        for rule in self._price_rules(sources, catalogue):
            known = found.setdefault(rule.id, rule)
            if known is not rule:
                file, _, line = rule.place.rpartition(":")
                self._report.add(file, int(line), "", f"this price stands already at {known.place}")
        return tuple(found.values())

    def _price_rules(self, sources: Sequence[Source], catalogue: Catalogue) -> Iterator[Rule]:
        names = names_of(catalogue, self.currency, {})
        for source in sources:
            required, optional = source.price_columns(catalogue.services)
            columns = [column for column in source.header if column in catalogue.services]
            for record in source.records(required, optional):
                if source.is_wide:
                    yield from wide_prices(record, columns, names)
                else:
                    yield long_price(record, names)


def _keyed(entry: Any) -> tuple[str, Any]:
    """Answer an entry with the key it has in its room; an alias is its own pair."""
    if isinstance(entry, tuple):
        return entry[0], entry[1]
    return getattr(entry, "key", None) or entry.id, entry
