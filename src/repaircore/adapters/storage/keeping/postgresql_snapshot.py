"""A PostgreSQL database, held still while servers go on writing it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from attrs import frozen

from repaircore.adapters.storage.keeping.snapshot import Row
from repaircore.adapters.storage.urls import masked
from repaircore.ports.errors import Unavailable

PATIENCE = 10  # seconds until a server that does not answer is given up
_AT_A_TIME = 2000  # rows
_TABLES = 'SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename COLLATE "C"'
STILL = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


@frozen
class PostgresqlSnapshot:
    """Whatever one connection sees in the transaction it is in."""

    connection: psycopg.Connection[Any]

    def tables(self) -> Sequence[str]:
        """Name every table, sorted."""
        return [name for (name,) in self.connection.execute(_TABLES)]

    def stream(self, statement: str) -> Iterator[Row]:
        """Answer rows one after the other."""
        with self.connection.cursor(name="keeping") as cursor:
            cursor.itersize = _AT_A_TIME
            cursor.execute(statement.encode())
            yield from cursor

    def exported(self) -> str:
        """Name the snapshot, so that another connection can see the same."""
        row = self.connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        return str(row[0])


@contextmanager
def reading_postgresql(url: str) -> Iterator[PostgresqlSnapshot]:
    """Read what is committed by now. Raises Unavailable."""
    with told_of(url), connected(url) as connection:
        connection.execute(STILL)
        yield PostgresqlSnapshot(connection)


@contextmanager
def connected(url: str, *, database: str | None = None) -> Iterator[psycopg.Connection[Any]]:
    """Connect, each statement its own transaction; `database` stands in for the URL's. Raises psycopg's errors."""
    connection = psycopg.connect(
        url, autocommit=True, connect_timeout=PATIENCE, application_name="repaircore keeping", dbname=database
    )
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def told_of(url: str) -> Iterator[None]:
    """Tell PostgreSQL's errors in the port's words, without a password."""
    try:
        yield
    except psycopg.Error as error:
        raise Unavailable(f"the database {masked(url)}: {' '.join(str(error).split())}") from None
