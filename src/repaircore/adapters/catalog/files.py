"""The catalogue in sheets that a shop owner can edit: `categories.csv`, `devices.csv`, `services.csv`, and `aliases.csv` where
there are other words for parts of devices' names."""

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from attrs import frozen

from repaircore.adapters.shopfiles import values
from repaircore.adapters.shopfiles.records import Record, Report
from repaircore.adapters.shopfiles.sheets import read_columns
from repaircore.domain.catalog.catalogue import Catalogue, Category, Device, Service
from repaircore.domain.money import Money

T = TypeVar("T")

NONE: tuple[str, ...] = ()
CATEGORY = ("id", "name")
DEVICE = ("id", "brand", "model", "category")
DEVICE_EXTRA = ("year", "aliases", "popularity", "refurbished_only", "average_repair_cost", "source_id", "model_numbers")
ALIAS = ("alias", "stands_for")
SERVICE = ("id", "name")
SERVICE_EXTRA = (
    "description",
    "minutes",
    "turnaround",
    "warranty_days",
    "categories",
    "needs_price",
    "max_quantity",
)


@frozen
class CatalogueFiles:
    """Reads the catalogue from a folder of the business. File names in messages are relative to the business's folder."""

    root: Path
    currency: str
    folder: str = "catalog"

    def load(self) -> Catalogue:
        """Read the sheets. Raises FileProblems with every fault found; nothing is half-loaded."""
        report = Report()
        categories = self._sheet("categories.csv", CATEGORY, (), _category, report)
        devices = self._sheet("devices.csv", DEVICE, DEVICE_EXTRA, _device_of(categories, self.currency), report)
        services = self._sheet("services.csv", SERVICE, SERVICE_EXTRA, _service_of(categories), report)
        aliases = self._aliases(report)
        report.refuse()
        return Catalogue(categories, devices, services, aliases)

    def _aliases(self, report: Report) -> dict[str, str]:
        """Read the one sheet that need not be there."""
        name = f"{self.folder}/aliases.csv"
        if not (self.root / name).exists():
            return {}
        sheet = read_columns(self.root, name, report, required=ALIAS)
        return {
            record.need("alias", values.text, ""): record.need("stands_for", values.text, "")
            for record in _new(sheet.records, "alias")
        }

    def _sheet(
        self,
        name: str,
        required: Collection[str],
        optional: Collection[str],
        build: Callable[[Record], T],
        report: Report,
    ) -> dict[str, T]:
        sheet = read_columns(self.root, f"{self.folder}/{name}", report, required=required, optional=optional)
        _refuse_twins(sheet.records)
        return {str(record.values.get("id")): build(record) for record in _new(sheet.records)}


def _new(records: Iterable[Record], key: str = "id") -> Iterator[Record]:
    """Pass on records with a key not seen before; note the others."""
    seen: dict[object, int] = {}
    for record in records:
        named = record.values.get(key)
        if named and named in seen:
            record.fault(key, f"{named!r} stands already on line {seen[named]}")
            continue
        seen[named] = record.line
        yield record


def _refuse_twins(records: Iterable[Record]) -> None:
    """Note devices that nobody could tell apart, and brands written in two ways."""
    models: dict[tuple[object, object], int] = {}
    brands: dict[str, tuple[str, int]] = {}
    for record in records:
        brand, model = str(record.values.get("brand", "")), str(record.values.get("model", ""))
        if not (brand and model):
            continue
        twin = models.setdefault((brand.casefold(), model.casefold()), record.line)
        if twin != record.line:
            record.fault("model", f"{brand} {model} stands already on line {twin}: say what tells the two apart")
        written, line = brands.setdefault(brand.casefold(), (brand, record.line))
        if written != brand:
            record.fault("brand", f"{brand!r} is written {written!r} on line {line}")


def _category(record: Record) -> Category:
    return Category(record.need("id", values.identifier, ""), record.need("name", values.text, ""))


def _device_of(categories: Collection[str], currency: str) -> Callable[[Record], Device]:
    def build(record: Record) -> Device:
        cost = record.read("average_repair_cost", values.money(currency), None)
        return Device(
            id=record.need("id", values.identifier, ""),
            brand=record.need("brand", values.text, ""),
            model=record.need("model", values.text, ""),
            category=record.need("category", values.one_of("category", categories), ""),
            year=record.read("year", values.year, None),
            aliases=_aliases(record),
            popularity=record.read("popularity", values.whole, 0),
            refurbished_only=record.read("refurbished_only", values.flag, False),
            average_repair_cost=None if cost is None else Money(cost, currency),
            model_numbers=record.read("model_numbers", values.several(values.text), NONE),
        )

    return build


def _aliases(record: Record) -> tuple[str, ...]:
    """What people call it, and the id it had in the system it came from."""
    own = record.read("aliases", values.several(values.text), NONE)
    old = record.read("source_id", values.text, "")
    return (*own, old) if old else own


def _service_of(categories: Collection[str]) -> Callable[[Record], Service]:
    def build(record: Record) -> Service:
        return Service(
            id=record.need("id", values.identifier, ""),
            name=record.need("name", values.text, ""),
            description=record.read("description", values.text, ""),
            minutes=record.read("minutes", values.count, 60),
            turnaround=record.read("turnaround", values.text, ""),
            warranty_days=record.read("warranty_days", values.whole, 0),
            categories=record.read("categories", values.several(values.one_of("category", categories)), NONE),
            needs_price=record.read("needs_price", values.flag, False),
            max_quantity=record.read("max_quantity", values.count, 10),
        )

    return build
