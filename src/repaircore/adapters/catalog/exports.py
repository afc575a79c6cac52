"""Writing the catalogue, its prices and rules, in the form in which they are taken in again."""

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from io import StringIO
from pathlib import Path

from attrs import evolve

from repaircore.adapters.pricing.writing import in_major_units, rulebook_lines
from repaircore.adapters.shopfiles.writing import Value, lines
from repaircore.domain.catalog.catalogue import Catalogue, Device, Service
from repaircore.domain.catalog.parts import Part
from repaircore.domain.money import Money
from repaircore.domain.pricing.rules import Rule, Rulebook, Scope, Stage

Row = dict[str, Value]
Wrote = Callable[[int], None]
"""Told of every so many entries that were written."""

EVERY = 500
RULEBOOK = "rulebook.toml"
FLAGS = {True: "yes", False: "no"}


class Format(StrEnum):
    """How entries are written: sheets, one for each room, or one TOML file."""

    CSV = "csv"
    TOML = "toml"


def export(catalogue: Catalogue, rulebook: Rulebook, folder: Path, format: Format, wrote: Wrote) -> list[Path]:
    """Write every room that has an entry, the price list and the rules; answer the files. Each appears whole or not at all."""
    rooms = {name: rows for name, rows in rooms_of(catalogue, rulebook).items() if rows}
    folder.mkdir(parents=True, exist_ok=True)
    if format is Format.TOML:
        content = (
            line for room, rows in rooms.items() for row in _counted(rows, wrote) for line in lines(row, f"[[{room}]]")
        )
        rules = rulebook_lines(rulebook, rules=rulebook.rules)
        return [_write(folder / "catalog.toml", content), _write(folder / RULEBOOK, rules)]
    sheets = [_write(folder / f"{room}.csv", _sheet(rows, wrote)) for room, rows in rooms.items()]
    others = [rule for rule in rulebook.rules if not is_listed(rule)]
    named = ["prices.csv"] if "prices" in rooms else []
    return [*sheets, _write(folder / RULEBOOK, rulebook_lines(rulebook, sheets=named, rules=others))]


def rooms_of(catalogue: Catalogue, rulebook: Rulebook) -> dict[str, Sequence[Row]]:
    """Answer the entries of each room as rows; prices are the base rules that a price list can hold."""
    return {
        "categories": [{"id": each.id, "name": each.name} for each in catalogue.categories.values()],
        "services": [_service(each) for each in catalogue.services.values()],
        "aliases": [{"alias": word, "stands_for": meant} for word, meant in catalogue.aliases.items()],
        "devices": [_device(each) for each in catalogue.devices.values()],
        "parts": [_part(each) for each in catalogue.parts.values()],
        "prices": [_price(rule, rulebook.currency) for rule in rulebook.rules if is_listed(rule)],
    }


def is_listed(rule: Rule) -> bool:
    """Whether a base price can stand in a price list: for one service, and at most one device, by brand, category or year."""
    scope = rule.scope
    plain = Scope(
        brand=scope.brand,
        category=scope.category,
        year_from=scope.year_from,
        year_until=scope.year_until,
    )
    others = evolve(scope, models=frozenset(), services=frozenset())
    return rule.stage is Stage.BASE and others == plain and len(scope.services) == 1 and len(scope.models) <= 1


def _device(device: Device) -> Row:
    return {
        "id": device.id,
        "brand": device.brand,
        "model": device.model,
        "category": device.category,
        "year": device.year,
        "aliases": device.aliases,
        "model_numbers": device.model_numbers,
        "popularity": device.popularity,
        "refurbished_only": device.refurbished_only,
        "average_repair_cost": None
        if device.average_repair_cost is None
        else in_major_units(device.average_repair_cost),
    }


def _service(service: Service) -> Row:
    return {
        "id": service.id,
        "name": service.name,
        "description": service.description,
        "minutes": service.minutes,
        "turnaround": service.turnaround,
        "warranty_days": service.warranty_days,
        "categories": service.categories,
        "needs_price": service.needs_price,
        "max_quantity": service.max_quantity,
    }


def _part(part: Part) -> Row:
    return {
        "supplier": part.supplier,
        "supplier_part": part.number,
        "device": part.device,
        "service": part.service,
        "grade": part.grade,
        "cost": in_major_units(part.cost),
        "date": part.as_of,
    }


def _price(rule: Rule, currency: str) -> Row:
    scope = rule.scope
    return {
        "service": "".join(scope.services),
        "device": "".join(scope.models),
        "brand": scope.brand,
        "category": scope.category,
        "year_from": scope.year_from,
        "year_until": scope.year_until,
        "price": in_major_units(Money(int(rule.value), currency)),
        "source": rule.source,
    }


def _counted(rows: Sequence[Row], wrote: Wrote) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        yield row
        if number % EVERY == 0:
            wrote(EVERY)
    wrote(len(rows) % EVERY)


def _sheet(rows: Sequence[Row], wrote: Wrote) -> Iterator[str]:
    line = StringIO(newline="")
    writer = csv.writer(line, lineterminator="\n")
    for cells in (list(rows[0]), *([_cell(cell) for cell in row.values()] for row in _counted(rows, wrote))):
        writer.writerow(cells)
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _cell(cell: Value) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return FLAGS[cell]
        case str() | int() | date():
            return str(cell)
        case _:
            return "; ".join(cell or ())


def _write(file: Path, content: Iterable[str]) -> Path:
    """Write beside the file, then put it in its place."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="") as out:
            out.writelines(content)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
    return file
