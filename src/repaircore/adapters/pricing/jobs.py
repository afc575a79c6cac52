"""Jobs from a CSV, to simulate with: one row each, streamed, so that their number does not matter."""

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from attrs import frozen

from repaircore.adapters.shopfiles import values
from repaircore.adapters.shopfiles.records import Record, Report, Unreadable, hint
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.pricing.facts import DeviceFacts, Facts, Item
from repaircore.ports.catalog import FileProblems

REQUIRED = ("device", "service")
OPTIONAL = (
    "quantity",
    "urgency",
    "fulfilment",
    "condition",
    "complexity",
    "customer_type",
    "postcode",
    "at",
)
_WORDS = {"urgency": "standard", "fulfilment": "in_store", "condition": "", "complexity": "", "customer_type": ""}


def read_jobs(path: Path, catalogue: Catalogue, zone: ZoneInfo, now: datetime) -> Iterator[tuple[str, Facts]]:
    """Read one job after the other, each named by its line. Raises FileProblems at the first row with a fault."""
    report = Report()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _Jobs(path.name, catalogue, zone, now, report).read(file)
    except (OSError, UnicodeDecodeError, csv.Error) as wrong:
        report.add(path.name, 0, "", f"cannot be read as CSV in UTF-8: {wrong}")
        raise FileProblems(report.findings) from None


@frozen
class _Jobs:
    name: str
    catalogue: Catalogue
    zone: ZoneInfo
    now: datetime
    report: Report

    def read(self, file: TextIO) -> Iterator[tuple[str, Facts]]:
        reader = csv.DictReader(file, strict=True)
        self._check_columns(tuple(reader.fieldnames or ()))
        for row in reader:
            line = reader.line_num
            cells = {name: (cell or "").strip() for name, cell in row.items() if isinstance(name, str)}
            facts = self._facts(Record(self.report, self.name, line, cells))
            self.report.refuse()
            yield f"{self.name}:{line}", facts

    def _check_columns(self, header: tuple[str, ...]) -> None:
        for column in REQUIRED:
            if column not in header:
                self.report.add(self.name, 1, column, "this column is missing")
        for column in header:
            if column not in (*REQUIRED, *OPTIONAL):
                self.report.add(self.name, 1, column, f"is not a known column{hint(column, (*REQUIRED, *OPTIONAL))}")
        self.report.refuse()

    def _facts(self, record: Record) -> Facts:
        words: dict[str, Any] = {name: record.read(name, values.text, usual) for name, usual in _WORDS.items()}
        device = self._device(record.need("device", values.one_of("device", self.catalogue.devices), ""))
        service_id = record.need("service", values.one_of("service", self.catalogue.services), "")
        name = self.catalogue.services[service_id].name if service_id else ""
        item = Item(service_id=service_id, name=name, quantity=record.read("quantity", _quantity, 1))
        postcode = "".join(record.read("postcode", values.text, "").split()).upper()
        at = record.read("at", _moment, self.now).astimezone(self.zone)
        return Facts(device=device, items=(item,), local_time=at, postcode=postcode, **words)

    def _device(self, id: str) -> DeviceFacts:
        device = self.catalogue.devices.get(id)
        if device is None:
            return DeviceFacts(id="", name="", brand="", category="")
        return DeviceFacts(
            id=device.id, name=device.name, brand=device.brand, category=device.category, year=device.year
        )


def _quantity(value: object) -> int:
    written = str(value)
    if not (written.isascii() and written.isdigit() and 0 < int(written) <= 1000):
        raise Unreadable(f"{written!r} is not a number from 1 to 1000")
    return int(written)


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Unreadable(f"{value!r} is not a time with offset: write it like 2026-05-01T10:00:00+01:00")
    return moment
