"""Backing up and restoring a PostgreSQL database, with PostgreSQL's own programs."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from attrs import frozen
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier

from repaircore.adapters.storage.keeping.postgresql_snapshot import connected, reading_postgresql, told_of
from repaircore.adapters.storage.keeping.showing import Show
from repaircore.adapters.storage.keeping.snapshot import Contents, contents, in_use
from repaircore.adapters.storage.keeping.tools import Tools, run
from repaircore.ports.errors import Rejected

_ADMINISTRATION = "postgres"
_LONGEST_NAME = 63  # bytes
_OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"


@frozen
class PostgresqlKeeper:
    """A database that may not be there yet."""

    url: str
    tools: Tools
    kind = "postgresql"

    @property
    def workplace(self) -> Path:
        """The folder for files on their way."""
        return Path(tempfile.gettempdir())

    def dump(self, into: Path, show: Show) -> Contents:
        """Dump the database as it is now, while servers go on writing, and count what was dumped."""
        with reading_postgresql(self.url) as snapshot, into.open("wb") as output:
            program = self.tools.find("pg_dump", snapshot.connection)
            same = f"--snapshot={snapshot.exported()}"
            wanted = ("--format=custom", "--no-owner", "--no-privileges", same)
            run(program, *wanted, url=self.url, output=output.fileno())
            return contents(snapshot)

    def holds(self) -> str | None:
        """Say what is in the way of restoring; None when nothing would be lost."""
        with told_of(self.url), self._administering() as server:
            if not _is_there(server, self._name):
                return None
        with reading_postgresql(self.url) as snapshot:
            return in_use(snapshot)

    @contextmanager
    def received(self, data: Path) -> Iterator[Contents]:
        """Restore into a new database and count it; when the block ends well, it takes the old one's name.

        Raises Rejected when somebody is connected to the old one, or Unavailable.
        """
        new, old = _beside(self._name, "restoring"), _beside(self._name, "replaced")
        with told_of(self.url), self._administering() as server:
            program = self.tools.find("pg_restore", server)
            _do(server, "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", new)
            try:
                url = make_conninfo(self.url, dbname=new)
                run(program, "--no-owner", "--no-privileges", "--single-transaction", str(data), url=url)
                with reading_postgresql(url) as snapshot:
                    found = contents(snapshot)
                yield found
                self._swap(server, new, old)
            finally:
                _do(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", new)
            _do(server, "DROP DATABASE IF EXISTS {}", old)

    def _swap(self, server: psycopg.Connection[Any], new: str, old: str) -> None:
        """Give the name to the new database, in one transaction."""
        row = server.execute(_OTHERS, (self._name,)).fetchone()
        if row != (0,):
            raise Rejected("the database is in use, nothing was restored: stop the servers and workers first")
        with server.transaction():
            if _is_there(server, self._name):
                _do(server, "ALTER DATABASE {} RENAME TO {}", self._name, old)
            _do(server, "ALTER DATABASE {} RENAME TO {}", new, self._name)

    @property
    def _name(self) -> str:
        options = conninfo_to_dict(self.url)
        return str(options.get("dbname") or options.get("user") or "")

    @contextmanager
    def _administering(self) -> Iterator[psycopg.Connection[Any]]:
        with connected(self.url, database=_ADMINISTRATION) as connection:
            yield connection


def _is_there(server: psycopg.Connection[Any], name: str) -> bool:
    return server.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None


def _beside(name: str, what: str) -> str:
    suffix = f"_{what}_{secrets.token_hex(4)}"
    return name.encode()[: _LONGEST_NAME - len(suffix)].decode(errors="ignore") + suffix


def _do(server: psycopg.Connection[Any], statement: Any, *names: str) -> None:
    server.execute(SQL(statement).format(*map(Identifier, names)))
