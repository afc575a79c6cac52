"""What one unit of work has gathered to send."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from repaircore.adapters.storage.sqlite.reader import Reader
from repaircore.domain.errors import DomainError
from repaircore.ports.errors import Conflict

Cells = tuple[Any, ...]


class Write(NamedTuple):
    """One statement; a guarded one must touch its row, or else `refusal` says what became of it."""

    sql: str
    parameters: Sequence[Any]
    guarded: bool = False
    refusal: DomainError | None = None


class Gathered:
    """Shared by the repositories of one unit of work."""

    __slots__ = ("after", "reader", "writes")

    def __init__(self, reader: Reader) -> None:
        self.reader: Final = reader
        self.writes: list[Write] = []
        self.after: list[Callable[[], None]] = []

    def write(self, sql: str, parameters: Cells) -> None:
        """Gather a statement."""
        self.writes.append(Write(sql, parameters))

    def save(self, sql: str, row: Cells) -> None:
        """Gather an update of the row (id first, version last), provided that the stored version is the one before."""
        self.writes.append(Write(sql, (*row[1:], row[0], row[-1] - 1), guarded=True))

    def claim(self, sql: str, parameters: Cells, refusal: DomainError) -> None:
        """Gather a statement that must do something when it is sent, or else the unit is refused with that error."""
        self.writes.append(Write(sql, parameters, guarded=True, refusal=refusal))

    def then(self, told: Callable[[], None]) -> None:
        """Call that once everything is committed."""
        if told not in self.after:
            self.after.append(told)

    def take(self) -> tuple[list[Write], list[Callable[[], None]]]:
        """Hand over everything gathered, and whom to tell; be empty."""
        taken = self.writes, self.after
        self.writes, self.after = [], []
        return taken


def apply(writes: Sequence[Write], cursor: sqlite3.Cursor) -> None:
    """Send the writes in order. Raises Conflict, or its own refusal, when a guarded one finds no row."""
    execute = cursor.execute
    for sql, parameters, guarded, refusal in writes:
        execute(sql, parameters)
        if guarded and cursor.rowcount != 1:
            raise refusal or Conflict("somebody else changed this first: read it again")
