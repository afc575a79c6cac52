"""Writing the catalogue, its prices and rules, in the form in which they are taken in again."""

import csv
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from enum import StrEnum
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import Any, Generic, TypeVar

from attrs import frozen

from repaircore.adapters.pricing.prices import is_listed
from repaircore.adapters.pricing.sheets import fits, row_of
from repaircore.adapters.pricing.writing import in_major_units, rulebook_lines
from repaircore.adapters.shopfiles.sheets import harmless
from repaircore.adapters.shopfiles.writing import Bare, Value, lines
from repaircore.domain.catalog.catalogue import Catalogue, Device, Service
from repaircore.domain.catalog.parts import Part
from repaircore.domain.money import Money
from repaircore.domain.pricing.rules import Rule, Rulebook

T = TypeVar("T")
Row = dict[str, Value]
Wrote = Callable[[int], None]
"""Told of every so many entries that were written."""

EVERY = 500
RULEBOOK = "rulebook.toml"
RULES = "rules"
FLAGS = {True: "yes", False: "no"}


class Format(StrEnum):
    """How entries are written: sheets, one for each room, or one TOML file."""

    CSV = "csv"
    TOML = "toml"


@frozen
class Room(Generic[T]):
    """The entries of one room, and how each is written as a row, which it is only when its turn comes."""

    entries: Collection[T]
    row: Callable[[T], Row]

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Row]:
        return map(self.row, self.entries)


def export(catalogue: Catalogue, rulebook: Rulebook, folder: Path, format: Format, wrote: Wrote) -> list[Path]:
    """Write every room that has an entry, the price list and the rules; answer the files. Each appears whole or not at all."""
    rooms = {name: rows for name, rows in rooms_of(catalogue, rulebook).items() if rows}
    folder.mkdir(parents=True, exist_ok=True)
    if format is Format.TOML:
        content = (
            line
            for name, rows in rooms.items()
            if name != RULES
            for row in _counted(rows, wrote)
            for line in lines(row, f"[[{name}]]")
        )
        rules = rulebook_lines(rulebook, rules=rulebook.rules)
        return [_write(folder / "catalog.toml", content), _write(folder / RULEBOOK, rules)]
    sheets = [_write(folder / f"{name}.csv", _sheet(rows, wrote)) for name, rows in rooms.items()]
    others = (rule for rule in rulebook.rules if not (is_listed(rule) or fits(rule)))
    prices, rules_in = ([f"{name}.csv"] if name in rooms else [] for name in ("prices", RULES))
    book = rulebook_lines(rulebook, sheets=prices, rule_sheets=rules_in, rules=others)
    return [*sheets, _write(folder / RULEBOOK, book)]


def rooms_of(catalogue: Catalogue, rulebook: Rulebook) -> dict[str, Room[Any]]:
    """Answer the entries of each room; prices are the base rules that a price list says all of, rules those a sheet can hold."""
    currency = rulebook.currency
    listed = [rule for rule in rulebook.rules if is_listed(rule)]
    others = [rule for rule in rulebook.rules if not is_listed(rule) and fits(rule)]
    return {
        "categories": Room(catalogue.categories.values(), lambda each: {"id": each.id, "name": each.name}),
        "services": Room(catalogue.services.values(), _service),
        "aliases": Room(catalogue.aliases.items(), lambda each: {"alias": each[0], "stands_for": each[1]}),
        "devices": Room(catalogue.devices.values(), _device),
        "parts": Room(catalogue.parts.values(), _part),
        "prices": Room(listed, lambda rule: _price(rule, currency)),
        RULES: Room(others, lambda rule: row_of(rule, currency)),
    }


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


def _counted(rows: Room[Any], wrote: Wrote) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        yield row
        if number % EVERY == 0:
            wrote(EVERY)
    wrote(len(rows) % EVERY)


def _sheet(rows: Room[Any], wrote: Wrote) -> Iterator[str]:
    line = StringIO(newline="")
    writer = csv.writer(line, lineterminator="\n")
    header = list(next(iter(rows)))
    for cells in chain([header], ([_cell(cell) for cell in row.values()] for row in _counted(rows, wrote))):
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
        case Bare() | int() | date():
            return str(cell)
        case str():
            return harmless(cell)
        case _:
            return harmless("; ".join(cell or ()))


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
