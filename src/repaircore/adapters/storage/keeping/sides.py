"""What a database must do to be copied from, and to be copied into."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from sqlalchemy import Table

from repaircore.adapters.storage.keeping.snapshot import Row, Snapshot


class Side(Snapshot, Protocol):
    """A database whose rows can be read in the one form."""

    def rows(self, table: Table) -> Iterator[Row]:
        """Answer a table's rows in the order of its key."""
        ...


class Source(Side, Protocol):
    """Read as it was when it was opened."""

    def counters(self) -> Mapping[str, int]:
        """Answer, for each table that counts, the last number given, whether its row is still there or not."""
        ...

    def hold_still(self) -> None:
        """Let nobody write until it is closed. Raises Rejected when anybody has written since it was opened."""
        ...


class Target(Side, Protocol):
    """Everything written is one transaction, undone unless `opened` ends well."""

    def lock(self) -> None:
        """Let nobody else write. Raises Rejected when somebody does."""
        ...

    def fill(self, table: Table, rows: list[Row]) -> None:
        """Add rows. Raises Rejected for a value that it cannot hold."""
        ...

    def count_on(self, counters: Mapping[str, int]) -> None:
        """Give the next numbers after these."""
        ...


WRITTEN = "the source was written while it was copied, and nothing was: stop the servers and workers first"
