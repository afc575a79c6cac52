"""Writing the catalogue and its prices for people and for other programs, in the form in which they are taken in again."""

import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from io import StringIO
from pathlib import Path

from attrs import evolve

from repaircore.domain.catalog.catalogue import Catalogue, Device, Service
from repaircore.domain.catalog.parts import Part
from repaircore.domain.money import Money, digits
from repaircore.domain.pricing.rules import Rule, Rulebook, Scope, Stage

Cell = str | int | bool | date | Sequence[str] | None
Row = dict[str, Cell]
Wrote = Callable[[int], None]
"""Told of every so many entries that were written."""

EVERY = 500
FLAGS = {True: "yes", False: "no"}


class Format(StrEnum):
    """How entries are written: sheets, one for each room, or one TOML file."""

    CSV = "csv"
    TOML = "toml"


class Bare(str):
    """A number with a point, written as it is."""


def export(catalogue: Catalogue, rulebook: Rulebook, folder: Path, format: Format, wrote: Wrote) -> list[Path]:
    """Write every room that has an entry, and the price list; answer the files. Each appears whole or not at all."""
    rooms = {name: rows for name, rows in rooms_of(catalogue, rulebook).items() if rows}
    folder.mkdir(parents=True, exist_ok=True)
    if format is Format.TOML:
        lines = (line for room, rows in rooms.items() for row in _counted(rows, wrote) for line in _table(room, row))
        return [_write(folder / "catalog.toml", lines)]
    return [_write(folder / f"{room}.csv", _sheet(rows, wrote)) for room, rows in rooms.items()]


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


def in_major_units(money: Money) -> Bare:
    """Write an amount as people do: 12.50; JPY 1200."""
    places = digits(money.currency)
    whole, rest = divmod(money.amount, 10**places)
    return Bare(f"{whole}.{rest:0{places}}" if rest else str(whole))


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


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return FLAGS[cell]
        case str() | int() | date():
            return str(cell)
        case _:
            return "; ".join(cell)


def _table(room: str, row: Mapping[str, Cell]) -> Iterator[str]:
    yield f"[[{room}]]\n"
    for name, cell in row.items():
        if cell is not None and cell != "" and cell != ():
            yield f"{name} = {_literal(cell)}\n"
    yield "\n"


def _literal(cell: Cell) -> str:
    match cell:
        case bool():
            return str(cell).lower()
        case Bare() | int() | date():
            return str(cell)
        case str():
            return json.dumps(cell, ensure_ascii=False).replace("\x7f", "\\u007f")
        case _:
            return f"[{', '.join(_literal(each) for each in cell or ())}]"


def _write(file: Path, lines: Iterable[str]) -> Path:
    """Write beside the file, then put it in its place."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="") as out:
            out.writelines(lines)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
    return file
