"""SQLite as the source and as the target of a copy."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from attrs import frozen
from sqlalchemy import Table, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from repaircore.adapters.storage.keeping.sides import WRITTEN
from repaircore.adapters.storage.keeping.snapshot import Row
from repaircore.adapters.storage.keeping.sqlite_snapshot import SqliteSnapshot, began, told_of
from repaircore.adapters.storage.keeping.tables import TABLES, counted, from_sqlite, names
from repaircore.adapters.storage.sqlite.connections import connect
from repaircore.ports.errors import Rejected, Unavailable

_GIVEN = "SELECT seq FROM sqlite_sequence WHERE name = ?"


@frozen
class SqliteSource(SqliteSnapshot):
    """A file, as it was when it was opened."""

    path: Path

    def rows(self, table: Table) -> Iterator[Row]:
        """Answer a table's rows in the order of its key."""
        with told_of(self.path):
            yield from self.stream(from_sqlite(table))

    def counters(self) -> Mapping[str, int]:
        """Answer the last number given of each table."""
        return {table.name: self._last(table) for table in TABLES if counted(table)}

    def hold_still(self) -> None:
        """Take the writer's place: SQLite refuses that to whoever has read what is no longer the newest."""
        try:
            self.connection.execute("UPDATE alembic_version SET version_num = version_num WHERE 0")
        except sqlite3.OperationalError as error:
            raise Rejected(WRITTEN) from error

    def _last(self, table: Table) -> int:
        ((highest,),) = self.stream(f'SELECT coalesce(max("{counted(table)}"), 0) FROM "{table.name}"')
        given = self.connection.execute(_GIVEN, (table.name,)).fetchone()
        return max(int(highest), int(given[0]) if given else 0)


@frozen
class SqliteTarget(SqliteSnapshot):
    """A file, in its only transaction."""

    def rows(self, table: Table) -> Iterator[Row]:
        """Answer a table's rows in the order of its key."""
        return self.stream(from_sqlite(table))

    def lock(self) -> None:
        """Nobody else writes since the transaction began."""

    def fill(self, table: Table, rows: list[Row]) -> None:
        """Add rows. Raises Rejected for a value that it cannot hold."""
        marks = ", ".join("?" for _ in table.columns)
        try:
            self.connection.executemany(f'INSERT INTO "{table.name}" ({names(table)}) VALUES ({marks})', rows)
        except (sqlite3.IntegrityError, OverflowError) as error:
            raise Rejected(f"{table.name}: the target refuses a row, nothing was copied: {error}") from error

    def count_on(self, counters: Mapping[str, int]) -> None:
        """Where numbers are never given twice, remember the last one; elsewhere SQLite looks at the rows."""
        for table in TABLES:
            if table.dialect_options["sqlite"]["autoincrement"] and counters.get(table.name):
                self.connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table.name,))
                self.connection.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (table.name, counters[table.name]))


@contextmanager
def sqlite_source(path: Path) -> Iterator[SqliteSource]:
    """Open a file to copy from. Raises Unavailable."""
    if not path.exists():
        raise Unavailable(f"there is no database {path}")
    with told_of(path), closing(connect(path, busy_timeout=1)) as connection:
        yield SqliteSource(began(connection).connection, path)


@contextmanager
def sqlite_target(path: Path) -> Iterator[tuple[SqliteTarget, Any]]:
    """Open a file to copy into, and its transaction for migrations; a new file does not outlive a failure."""
    made = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine("sqlite://", creator=lambda: connect(path, busy_timeout=1), poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with told_of(path), engine.begin() as connection:
            driver: Any = connection.connection.driver_connection
            yield SqliteTarget(driver), connection
        made = False
    except DBAPIError as error:
        raise Unavailable(f"the database {path}: {error.orig}") from error
    finally:
        if made:
            path.unlink(missing_ok=True)
