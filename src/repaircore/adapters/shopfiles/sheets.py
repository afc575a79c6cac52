"""CSV sheets: a header, then one record per row. Blank rows do not count; trailing blank cells may be missing."""

import csv
import re
from collections.abc import Collection, Iterable, Iterator
from io import StringIO
from pathlib import Path

from attrs import frozen

from repaircore.adapters.shopfiles.records import Record, Report, hint
from repaircore.adapters.shopfiles.text import read_text

_OTHER_MARKS = {";": "semicolons", "\t": "tabs"}
_WORDS = {
    "field larger": "has a cell of more than 131,072 characters: close every quotation mark that is opened",
    "unexpected end": "is not CSV: a quotation mark that is opened here is never closed",
}
_FORMULA = re.compile(r"'*[=+@-]")


@frozen
class Sheet:
    """A sheet that could be read as CSV; its cells are still to be read as values."""

    file: str
    header: tuple[str, ...]
    records: tuple[Record, ...]


EMPTY = Sheet("", (), ())


def read_sheet(root: Path, name: str, report: Report) -> Sheet:
    """Read a sheet with any columns. After noting a fault it answers what can still be examined."""
    content = read_text(root, name, report)
    if content is None:
        return EMPTY
    rows = rows_of(StringIO(content, newline=""), name, report)
    header = header_of(rows, name, report)
    if not header:
        return EMPTY
    records = tuple(record_of(name, header, at, cells, report) for at, cells in rows)
    if not records:
        report.add(name, 0, "", "has no rows under its header")
    return Sheet(name, header, records)


def read_columns(
    root: Path, name: str, report: Report, *, required: Collection[str], optional: Collection[str] = ()
) -> Sheet:
    """Read a sheet whose columns are known. Missing and unknown columns are noted once, at the header."""
    return check_columns(read_sheet(root, name, report), report, required=required, optional=optional)


def check_columns(sheet: Sheet, report: Report, *, required: Collection[str], optional: Collection[str]) -> Sheet:
    """Note missing and unknown columns. With a required column missing there are no records to read."""
    missing = [column for column in required if column not in sheet.header] if sheet.header else []
    known = (*required, *optional)
    for column in missing:
        report.add(sheet.file, 1, column, "this column is missing")
    for column in sheet.header:
        if column not in known:
            report.add(sheet.file, 1, column, f"is not a known column{hint(column, known)}")
    return Sheet(sheet.file, sheet.header, ()) if missing else sheet


def header_of(rows: Iterator[tuple[int, tuple[str, ...]]], name: str, report: Report) -> tuple[str, ...]:
    """Take the header off the rows; after noting a fault it is nothing."""
    line, header = next(rows, (1, ()))
    for mark, words in _OTHER_MARKS.items() if len(header) == 1 else ():
        if mark in header[0]:
            report.add(name, line, "", f"has {words} between its columns: save the sheet with commas")
            return ()
    if twice := {column for column in header if header.count(column) > 1}:
        for column in twice:
            report.add(name, line, column, "stands twice in the header")
        return ()
    return header


def harmless(cell: str) -> str:
    """Answer a text as a cell that no spreadsheet takes for a formula; `plain` answers the text again."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def plain(cell: str) -> str:
    """Answer what a cell says without the mark that keeps it from being a formula."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def rows_of(lines: Iterable[str], name: str, report: Report) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Answer every row that is not blank, one at a time, with the line it begins on."""
    reader, line = csv.reader(lines, strict=True), 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, tuple(plain(cell.strip()) for cell in cells)
            line = reader.line_num + 1
    except csv.Error as wrong:
        report.add(
            name,
            line,
            "",
            next((words for said, words in _WORDS.items() if said in str(wrong)), f"is not CSV: {wrong}"),
        )


def record_of(name: str, header: tuple[str, ...], line: int, cells: tuple[str, ...], report: Report) -> Record:
    """Answer a row as a record of its columns."""
    if len(cells) > len(header):
        message = (
            f"has {len(cells)} cells, but the header has {len(header)}: put a cell with a comma in quotation marks"
        )
        report.add(name, line, "", message)
    return Record(report, name, line, dict(zip(header, cells, strict=False)))
