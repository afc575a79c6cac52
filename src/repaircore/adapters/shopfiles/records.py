"""A record is one row of a sheet or one table of a TOML file; a report gathers what is wrong with all of them."""

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from attrs import define, field, frozen

from repaircore.domain.errors import nearest
from repaircore.ports.catalog import FileProblems, Finding

T = TypeVar("T")
MOST_SHOWN = 1_000
NO_LINES: Mapping[str, int] = {}


class Unreadable(ValueError):
    """A value that cannot be read as what its field wants. The text says what is wrong and what would be right."""


@define
class Report:
    """Gathers faults, so that the owner hears of all of them at once."""

    findings: list[Finding] = field(factory=list)

    def add(self, file: str, line: int, field: str, message: str) -> None:
        """Note a fault. Line 0 is the file as a whole, an empty field the line as a whole."""
        self.findings.append(Finding(file, line, _short(field), _short(message)))

    def refuse(self) -> None:
        """Raise FileProblems when anything was noted."""
        if self.findings:
            raise FileProblems(self.findings)


def _short(text: str) -> str:
    """Cut what nobody would read to its end: a cell may hold anything."""
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN // 2]} … {text[-MOST_SHOWN // 4 :]}"


@frozen
class Record:
    """Values by field, each with the line it stands on. Reading notes a fault and answers the default, so reading goes on."""

    report: Report
    file: str
    line: int
    values: Mapping[str, object]
    lines: Mapping[str, int] = NO_LINES
    prefix: str = ""

    @property
    def place(self) -> str:
        """Where it stands, for messages about rules: `rulebook.toml:33`."""
        return f"{self.file}:{self.line}"

    def has(self, field: str) -> bool:
        """Say whether something is written there; a blank cell is nothing."""
        return self.values.get(field) not in (None, "")

    def read(self, field: str, parse: Callable[[object], T], default: T) -> T:
        """Read one field; nothing written is the default."""
        if not self.has(field):
            return default
        try:
            return parse(self.values[field])
        except Unreadable as wrong:
            self.fault(field, str(wrong))
            return default

    def need(self, field: str, parse: Callable[[object], T], default: T) -> T:
        """Read one field that must be written; the default only keeps the reading going."""
        if not self.has(field):
            self.fault(field, "is missing")
        return self.read(field, parse, default)

    def fault(self, field: str, message: str) -> None:
        """Note a fault at that field."""
        shown = f"{self.prefix}{field}" if field else self.prefix.rstrip(".")
        self.report.add(self.file, self.lines.get(f"{self.prefix}{field}", self.line), shown, message)

    def inner(self, field: str, values: Mapping[str, object]) -> "Record":
        """Answer the table written in that field, whose own fields are then called `field.name`."""
        prefix = f"{self.prefix}{field}."
        own = self.lines.get(f"{self.prefix}{field}", self.line)
        return Record(self.report, self.file, own, values, self.lines, prefix)

    def allow_only(self, known: Collection[str]) -> None:
        """Note every field that nobody reads, naming the nearest that somebody does."""
        for name in self.values:
            if name not in known:
                self.fault(name, f"is not a known field{hint(name, known)}")


MANY = 2_000
"""Of more names than this only those that begin alike are held against a wrong one: looking at all would take seconds."""


def hint(wanted: str, known: Collection[str]) -> str:
    """Answer `; did you mean 'x'?`, or nothing when nothing is close."""
    near = nearest(wanted, tuple(known if len(known) <= MANY else (each for each in known if each[:2] == wanted[:2])))
    return f"; did you mean {near!r}?" if near else ""
