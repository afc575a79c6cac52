"""The catalogue in sheets that a shop owner can edit: `categories.csv`, `devices.csv` and `services.csv`; where there
are any, `aliases.csv` has other words for parts of devices' names, and `parts.csv` what parts cost."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from attrs import frozen

from repaircore.adapters.catalog.entries import COLUMNS, alias, category, device_of, part_of, service_of
from repaircore.adapters.shopfiles import values
from repaircore.adapters.shopfiles.records import Record, Report
from repaircore.adapters.shopfiles.sheets import read_columns
from repaircore.domain.catalog.catalogue import Catalogue

T = TypeVar("T")


@frozen
class CatalogueFiles:
    """Reads the catalogue from a folder of the business. File names in messages are relative to the business's folder."""

    root: Path
    currency: str
    folder: str = "catalog"

    def load(self) -> Catalogue:
        """Read the sheets. Raises FileProblems with every fault found; nothing is half-loaded."""
        report = Report()
        categories = self._entries("categories", category, report)
        devices = self._entries("devices", device_of(categories, self.currency), report)
        services = self._entries("services", service_of(categories), report)
        aliases = dict(self._optional("aliases", alias, report, "alias"))
        parts = self._optional(
            "parts",
            part_of(values.one_of("device", devices), services, self.currency),
            report,
            "supplier",
            "supplier_part",
        )
        report.refuse()
        return Catalogue(categories, devices, services, aliases, {part.key: part for part in parts})

    def service_places(self) -> dict[str, str]:
        """Answer the file and line of each service, by id."""
        return {str(record.values.get("id")): record.place for record in self._records("services", Report())}

    def _entries(self, room: str, build: Callable[[Record], T], report: Report) -> dict[str, T]:
        records = without_twins(self._records(room, report))
        return {str(record.values.get("id")): build(record) for record in new_ones(records, "id")}

    def _optional(self, room: str, build: Callable[[Record], T], report: Report, *keys: str) -> list[T]:
        """Read a sheet that need not be there."""
        if not (self.root / self.folder / f"{room}.csv").exists():
            return []
        return [build(record) for record in new_ones(self._records(room, report), *keys)]

    def _records(self, room: str, report: Report) -> Sequence[Record]:
        required, optional = COLUMNS[room]
        name = f"{self.folder}/{room}.csv"
        return read_columns(self.root, name, report, required=required, optional=optional).records


def new_ones(records: Iterable[Record], *keys: str) -> Iterator[Record]:
    """Pass on records with a key not seen before; note the others."""
    seen: dict[tuple[object, ...], int] = {}
    for record in records:
        named = tuple(record.values.get(key) for key in keys)
        line = seen.setdefault(named, record.line)
        if all(named) and line != record.line:
            record.fault(keys[-1], f"{named[-1]!r} stands already on line {line}")
            continue
        yield record


def without_twins(records: Iterable[Record]) -> Iterator[Record]:
    """Pass on records, noting devices that nobody could tell apart, and brands written in two ways."""
    models: dict[tuple[object, object], int] = {}
    brands: dict[str, tuple[str, int]] = {}
    for record in records:
        brand, model = str(record.values.get("brand", "")), str(record.values.get("model", ""))
        if brand and model:
            _note_twins(record, brand, model, models, brands)
        yield record


def _note_twins(
    record: Record,
    brand: str,
    model: str,
    models: dict[tuple[object, object], int],
    brands: dict[str, tuple[str, int]],
) -> None:
    twin = models.setdefault((brand.casefold(), model.casefold()), record.line)
    if twin != record.line:
        record.fault("model", f"{brand} {model} stands already on line {twin}: say what tells the two apart")
    written, line = brands.setdefault(brand.casefold(), (brand, record.line))
    if written != brand:
        record.fault("brand", f"{brand!r} is written {written!r} on line {line}")
