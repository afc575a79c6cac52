"""One entry of the catalogue from one record, whether it stands in a sheet's row or in a TOML table."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime

from repaircore.adapters.shopfiles import values
from repaircore.adapters.shopfiles.records import Record, Unreadable
from repaircore.domain.catalog.catalogue import Catalogue, Category, Device, Service
from repaircore.domain.catalog.parts import Part
from repaircore.domain.money import Money

NONE: tuple[str, ...] = ()

PART = ("supplier_part", "device", "service", "cost", "date")
COLUMNS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "categories": (("id", "name"), ()),
    "services": (
        ("id", "name"),
        ("description", "minutes", "turnaround", "warranty_days", "categories", "needs_price", "max_quantity"),
    ),
    "devices": (
        ("id", "brand", "model", "category"),
        (
            *("year", "aliases", "popularity", "refurbished_only", "average_repair_cost", "source_id"),
            "model_numbers",
        ),
    ),
    "aliases": (("alias", "stands_for"), ()),
    "parts": (("supplier", *PART), ("grade",)),
}
"""What each sheet may hold: the columns it must have, and those it may."""


def category(record: Record) -> Category:
    """Read a category."""
    return Category(record.need("id", values.identifier, ""), record.need("name", values.text, ""))


def alias(record: Record) -> tuple[str, str]:
    """Read a word and what it stands for."""
    return record.need("alias", values.text, ""), record.need("stands_for", values.text, "")


def device_of(categories: Collection[str], currency: str) -> Callable[[Record], Device]:
    """Answer how a device is read: in one of those categories."""

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


def service_of(categories: Collection[str]) -> Callable[[Record], Service]:
    """Answer how a service is read: for some of those categories, or for all."""

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


def part_of(
    device: Callable[[object], str],
    services: Collection[str],
    currency: str,
    supplier: str = "",
    grades: Collection[str] = (),
) -> Callable[[Record], Part]:
    """Answer how a part is read, of that supplier or of the one in its row; `device` reads what it is for. Without known
    `grades` any is one."""

    def build(record: Record) -> Part:
        return Part(
            supplier=supplier or record.need("supplier", values.text, ""),
            number=record.need("supplier_part", values.text, ""),
            device=record.need("device", device, ""),
            service=record.need("service", values.one_of("service", services), ""),
            grade=record.read("grade", values.one_of("grade", grades), ""),
            cost=Money(record.need("cost", values.money(currency), 0), currency),
            as_of=record.need("date", day, date.min),
        )

    return build


def day(value: object) -> date:
    """Read a day: 2026-05-01."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as wrong:
        raise Unreadable(f"{value!r} is not a day: write it like 2026-05-01") from wrong


def device_named(catalogue: Catalogue) -> Callable[[object], str]:
    """Answer how a device is read by its id, or by a name that is certainly its own."""

    def read(value: object) -> str:
        name = values.text(value)
        found = None if name in catalogue.devices else catalogue.named(name)
        return found.id if found else values.one_of("device", catalogue.devices)(name)

    return read
