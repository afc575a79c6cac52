"""Sheets read row by row, so that a hundred thousand rows need no more room than what is made of them."""

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from attrs import define

from repaircore.adapters.shopfiles.records import Record, Report
from repaircore.adapters.shopfiles.sheets import Sheet, check_columns, header_of, record_of, rows_of
from repaircore.ports.catalog import FileProblems, Finding

MOST_FINDINGS = 50

Tick = Callable[[int], None]
"""Told how many characters were read."""


def unwatched(read: int) -> None:
    """Nobody wants to be told."""


@define
class CappedReport(Report):
    """Gives up reading when there are more faults than anybody would read."""

    limit: int = MOST_FINDINGS

    def add(self, file: str, line: int, field: str, message: str) -> None:
        """Note a fault. Raises FileProblems at the limit."""
        Report.add(self, file, line, field, message)
        if len(self.findings) >= self.limit:
            stop = Finding(file, line, "", f"reading stopped here, after {self.limit} faults")
            raise FileProblems((*self.findings, stop))


def stream_file(path: Path, report: Report, tick: Tick, *, shown: str = "") -> Iterator[str]:
    """Answer the lines of a file, which faults call as it is `shown`. After noting a fault it ends."""
    lines, name = 0, shown or path.name
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for text in file:
                lines += 1
                tick(len(text))
                yield text
    except FileNotFoundError:
        report.add(name, 0, "", "there is no such file")
    except UnicodeDecodeError:
        report.add(name, lines + 1, "", "is not UTF-8: save the file as UTF-8")
    except OSError as wrong:
        report.add(name, 0, "", f"cannot be read: {wrong.strerror}")


@define
class Stream:
    """A sheet whose header was read, and whose rows are still to come."""

    file: str
    header: tuple[str, ...]
    _rows: Iterator[tuple[int, tuple[str, ...]]]
    _report: Report

    @classmethod
    def of(cls, lines: Iterable[str], file: str, report: Report) -> "Stream":
        """Read the header. After noting a fault it is nothing."""
        before, rows = len(report.findings), rows_of(lines, file, report)
        header = header_of(rows, file, report)
        if not header and len(report.findings) == before:
            report.add(file, 0, "", "is empty")
        return cls(file, header, rows, report)

    def records(self, *, required: Collection[str], optional: Collection[str]) -> Iterator[Record]:
        """Answer row after row. Missing and unknown columns are noted once; with a column missing there are no rows."""
        before, read = len(self._report.findings), False
        check_columns(Sheet(self.file, self.header, ()), self._report, required=required, optional=optional)
        if self.header and set(required) <= set(self.header):
            for line, cells in self._rows:
                read = True
                yield record_of(self.file, self.header, line, cells, self._report)
            if not read and len(self._report.findings) == before:
                self._report.add(self.file, 0, "", "has no rows under its header")
