"""A file of SQLite, held still while servers go on writing it."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from attrs import frozen

from repaircore.adapters.storage.keeping.snapshot import Row
from repaircore.adapters.storage.sqlite.connections import connect_to_read
from repaircore.ports.errors import Unavailable

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"


@frozen
class SqliteSnapshot:
    """Whatever one connection sees in the transaction it is in."""

    connection: sqlite3.Connection

    def tables(self) -> Sequence[str]:
        """Name every table, sorted."""
        return [name for (name,) in self.connection.execute(_TABLES)]

    def stream(self, statement: str) -> Iterator[Row]:
        """Answer rows one after the other."""
        yield from self.connection.execute(statement)


@contextmanager
def reading_sqlite(path: Path) -> Iterator[SqliteSnapshot]:
    """Read what is committed by now. Raises Unavailable when there is no such file, or it cannot be read."""
    if not path.exists():
        raise Unavailable(f"there is no database {path}")
    with told_of(path), closing(connect_to_read(path)) as connection:
        yield began(connection)


@contextmanager
def reading_alone(path: Path) -> Iterator[SqliteSnapshot]:
    """Read a file that nobody else has open, without leaving anything beside it."""
    uri = f"{path.absolute().as_uri()}?immutable=1"
    with told_of(path), closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
        yield began(connection)


def began(connection: sqlite3.Connection) -> SqliteSnapshot:
    """Begin: the first statement fixes what is seen."""
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return SqliteSnapshot(connection)


@contextmanager
def told_of(path: Path) -> Iterator[None]:
    """Tell SQLite's errors in the port's words."""
    try:
        yield
    except sqlite3.Error as error:
        raise Unavailable(f"the database {path}: {error}") from error
