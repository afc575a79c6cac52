"""What one unit of work has gathered to send."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, Protocol

from repaircore.domain.booking.booking import Booking
from repaircore.domain.errors import DomainError

Cells = tuple[Any, ...]
Row = tuple[Any, ...]


class Reader(Protocol):
    """Reads what is committed, by the names of `statements.py`. Every method raises Unavailable."""

    async def all(self, statement: str, parameters: Sequence[Any] = ()) -> Sequence[Row]:
        """Answer every row of a short read."""
        ...

    async def first(self, statement: str, parameters: Sequence[Any] = ()) -> Row | None:
        """Answer the first row of a short read."""
        ...

    async def far(self, statement: str, parameters: Sequence[Any] = ()) -> Sequence[Row]:
        """Answer every row of a read that may take long."""
        ...


class Write(NamedTuple):
    """One statement; a guarded one must touch its row, or else `refusal` says what became of it."""

    statement: str
    cells: Cells
    guarded: bool = False
    refusal: DomainError | None = None


class Gathered:
    """Shared by the repositories of one unit of work. `seen`: bookings as they stand once everything gathered is sent."""

    __slots__ = ("after", "reader", "seen", "writes")

    def __init__(self, reader: Reader) -> None:
        self.reader: Final = reader
        self.writes: list[Write] = []
        self.after: list[Callable[[], None]] = []
        self.seen: dict[str, Booking] = {}

    def write(self, statement: str, cells: Cells) -> None:
        """Gather a statement."""
        self.writes.append(Write(statement, cells))

    def save(self, statement: str, row: Cells) -> None:
        """Gather an update of the row (id first, version last), provided that the stored version is the one before."""
        self.writes.append(Write(statement, (*row[1:], row[0], row[-1] - 1), guarded=True))

    def claim(self, statement: str, cells: Cells, refusal: DomainError) -> None:
        """Gather a statement that must do something when it is sent, or else the unit is refused with that error."""
        self.writes.append(Write(statement, cells, guarded=True, refusal=refusal))

    def then(self, told: Callable[[], None]) -> None:
        """Call that once everything is committed."""
        if told not in self.after:
            self.after.append(told)

    def take(self) -> tuple[list[Write], list[Callable[[], None]]]:
        """Hand over everything gathered, and whom to tell; be empty."""
        taken = self.writes, self.after
        self.writes, self.after, self.seen = [], [], {}
        return taken
