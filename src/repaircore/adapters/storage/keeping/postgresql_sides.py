"""PostgreSQL as the source and as the target of a copy."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import psycopg
from attrs import frozen
from psycopg.errors import LockNotAvailable, ProgramLimitExceeded
from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import Table, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from repaircore.adapters.storage.keeping.postgresql_snapshot import (
    PATIENCE,
    STILL,
    PostgresqlSnapshot,
    connected,
    told_of,
)
from repaircore.adapters.storage.keeping.sides import WRITTEN
from repaircore.adapters.storage.keeping.snapshot import Row
from repaircore.adapters.storage.keeping.tables import TABLES, counted, from_postgresql
from repaircore.adapters.storage.urls import masked
from repaircore.ports.errors import Rejected, Unavailable

_ROWS: Final = """
    SELECT count(*), coalesce(sum(hashtextextended(concat(ctid, ' ', xmin), 0)::numeric), 0) FROM {}
"""
_LAST: Final = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {}"
_SEQUENCE: Final = "SELECT pg_get_serial_sequence(%s, %s)"


@frozen
class PostgresqlSource(PostgresqlSnapshot):
    """A database, as it was when it was opened; `held` has what keeps it still."""

    url: str
    held: ExitStack

    def rows(self, table: Table) -> Iterator[Row]:
        """Answer a table's rows in the order of its key."""
        with told_of(self.url):
            yield from self.stream(from_postgresql(table))

    def counters(self) -> Mapping[str, int]:
        """Answer the last number given of each table."""
        last: dict[str, int] = {}
        for table, sequence in _sequences(self.connection):
            row = self.connection.execute(_named(_LAST, *sequence.split("."))).fetchone()
            last[table] = row[0] if row else 0
        return last

    def hold_still(self) -> None:
        """Lock every table against writers, and see whether each row that is there now was there at the beginning."""
        now = self.held.enter_context(connected(self.url))
        now.execute("BEGIN")
        _lock(now, "SHARE", WRITTEN)
        if any(_state(now, table) != _state(self.connection, table) for table in TABLES):
            raise Rejected(WRITTEN)


@frozen
class PostgresqlTarget(PostgresqlSnapshot):
    """A database, in its only transaction."""

    def rows(self, table: Table) -> Iterator[Row]:
        """Answer a table's rows in the order of its key."""
        return self.stream(from_postgresql(table))

    def fill(self, table: Table, rows: list[Row]) -> None:
        """Add rows. Raises Rejected for a value that it cannot hold."""
        columns = SQL(", ").join(Identifier(column.name) for column in table.columns)
        into = SQL("COPY {} ({}) FROM STDIN").format(Identifier(table.name), columns)
        row: Row = ()
        try:
            with self.connection.cursor() as cursor, cursor.copy(into) as copy:
                for row in rows:
                    copy.write_row(row)
                row = ()
        except (psycopg.DataError, psycopg.IntegrityError, ProgramLimitExceeded) as error:
            where = f"{table.name} {row[0]!r}" if row else table.name
            reason = " ".join(str(error).split())
            raise Rejected(f"{where}: the target refuses a row, nothing was copied: {reason}") from None

    def lock(self) -> None:
        """Let nobody else write. Raises Rejected when somebody does."""
        _lock(self.connection, "SHARE ROW EXCLUSIVE", "somebody uses the target, nothing was copied: it must be empty")

    def count_on(self, counters: Mapping[str, int]) -> None:
        """Give the next numbers after these. What is set is not undone, so it comes last."""
        for table, sequence in _sequences(self.connection):
            if counters.get(table):
                self.connection.execute("SELECT setval(%s, %s)", (sequence, counters[table]))
        self.connection.execute("ANALYZE")


@contextmanager
def postgresql_source(url: str) -> Iterator[PostgresqlSource]:
    """Open a database to copy from. Raises Unavailable."""
    with told_of(url), ExitStack() as held, connected(url) as connection:
        connection.execute(STILL)
        yield PostgresqlSource(connection, url, held)


@contextmanager
def postgresql_target(url: str) -> Iterator[tuple[PostgresqlTarget, Any]]:
    """Open a database to copy into, and its transaction for migrations."""
    engine = create_engine("postgresql+psycopg://", creator=lambda: _connection(url), poolclass=NullPool)
    try:
        with told_of(url), engine.begin() as connection:
            driver: Any = connection.connection.driver_connection
            yield PostgresqlTarget(driver), connection
    except DBAPIError as error:
        raise Unavailable(f"the database {masked(url)}, which is as it was: {error.orig}") from error


def _connection(url: str) -> psycopg.Connection[Any]:
    with told_of(url):
        return psycopg.connect(url, connect_timeout=PATIENCE, application_name="repaircore keeping")


def _sequences(connection: psycopg.Connection[Any]) -> Iterator[tuple[str, str]]:
    for table in TABLES:
        row = connection.execute(_SEQUENCE, (table.name, counted(table))).fetchone() if counted(table) else None
        if row and row[0]:
            yield table.name, row[0]


def _lock(connection: psycopg.Connection[Any], mode: str, refusal: str) -> None:
    """Wait a little: the server's own cleaning holds tables, too, and lets go of them when somebody waits for a second."""
    tables = SQL(", ").join(Identifier(table.name) for table in TABLES)
    try:
        connection.execute("SET LOCAL lock_timeout = '5s'")
        connection.execute(SQL("LOCK TABLE {} IN " + mode + " MODE").format(tables))
    except LockNotAvailable:
        raise Rejected(refusal) from None


def _state(connection: psycopg.Connection[Any], table: Table) -> tuple[Any, ...] | None:
    return connection.execute(_named(_ROWS, table.name)).fetchone()


def _named(statement: Any, *names: str) -> Composed:
    return SQL(statement).format(Identifier(*names))
