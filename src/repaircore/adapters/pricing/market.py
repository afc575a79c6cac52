"""Market snapshots in files: a sheet with a row for each moment, or a TOML file with one."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from repaircore.adapters.shopfiles.records import Record, Report, Unreadable
from repaircore.adapters.shopfiles.sheets import read_sheet
from repaircore.adapters.shopfiles.toml import read_toml

Measured = tuple[datetime | None, dict[str, int]]

_AT = "at"
_WHOLE = re.compile(r"[+-]?\d{1,10}")


def read_snapshots(path: Path, zone: ZoneInfo) -> tuple[Measured, ...]:
    """Read what was measured. A time without offset is meant in the zone, none at all is the moment of reading.

    `.toml` holds `at` and `[figures]`; anything else is a CSV sheet with a column `at` and one for each figure, blank where it
    was not measured. Raises FileProblems with every fault.
    """
    report = Report()
    read = _document if path.suffix == ".toml" else _sheet
    measured = tuple(read(path, zone, report))
    report.refuse()
    return measured


def _document(path: Path, zone: ZoneInfo, report: Report) -> Iterator[Measured]:
    document = read_toml(path.parent, path.name, report)
    if document is not None:
        top = document.top()
        top.allow_only((_AT, "figures"))
        yield _measured(top.read(_AT, _moment(zone), None), document.table("figures"))


def _sheet(path: Path, zone: ZoneInfo, report: Report) -> Iterator[Measured]:
    for row in read_sheet(path.parent, path.name, report).records:
        yield _measured(row.read(_AT, _moment(zone), None), row)


def _measured(at: datetime | None, table: Record) -> Measured:
    figures = {name: table.read(name, _whole, 0) for name in table.values if name != _AT and table.has(name)}
    if not figures:
        table.fault("", "has no figures")
    return at, figures


def _whole(value: object) -> int:
    if isinstance(value, bool) or not _WHOLE.fullmatch(str(value)):
        raise Unreadable(f"{value!r} is not a whole number")
    return int(str(value))


def _moment(zone: ZoneInfo) -> Callable[[object], datetime]:
    def read(value: object) -> datetime:
        try:
            at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        except ValueError as wrong:
            raise Unreadable(f"{value!r} is not a time: write it like 2025-06-01T09:30") from wrong
        return at if at.tzinfo else at.replace(tzinfo=zone)

    return read
