"""An SQLite file as the embedded database."""

import sqlite3
from pathlib import Path

from repaircore.adapters.storage.head import HEAD
from repaircore.adapters.storage.recent import RecentMarket
from repaircore.adapters.storage.relational.unit_of_work import RelationalUnitOfWork, Surroundings
from repaircore.adapters.storage.sqlite.committer import Committer
from repaircore.adapters.storage.sqlite.connections import connect, database_path
from repaircore.adapters.storage.sqlite.jobs import SqliteJobs
from repaircore.adapters.storage.sqlite.reader import Reader
from repaircore.adapters.storage.waking import Waking
from repaircore.ports.clock import Clock
from repaircore.ports.errors import Unavailable
from repaircore.ports.ids import Ids
from repaircore.ports.unit_of_work import Subscriptions

BUSY_TIMEOUT = 10.0
"""Seconds that another process may hold the file before a commit gives up."""


class SqliteStorage:
    """The embedded database: one writer, committed in groups, and its job queue."""

    def __init__(self, reader: Reader, committer: Committer, *, clock: Clock, subscriptions: Subscriptions) -> None:
        self._reader = reader
        self._committer = committer
        waking = Waking(clock)
        self._around = Surroundings(reader, committer, clock, subscriptions, waking, RecentMarket())
        self.jobs = SqliteJobs(reader, committer, waking)

    def unit_of_work(self) -> RelationalUnitOfWork:
        """Open a unit of work."""
        return RelationalUnitOfWork(self._around)

    async def health(self) -> None:
        """Answer when the file can be read and its migrations are at head. Raises Unavailable saying what is wrong."""
        found = _applied(self._reader)
        if found != HEAD:
            raise Unavailable(
                f"the database is at migration {found or 'none'}, this program needs {HEAD}: run `repaircore migrate`"
            )

    async def aclose(self) -> None:
        """Finish what is being committed, then close."""
        await self._committer.aclose()
        self._reader.close()


def open_sqlite(
    url: str | Path, *, clock: Clock, ids: Ids, subscriptions: Subscriptions, synchronous: str = "FULL"
) -> SqliteStorage:
    """Open an SQLite file that was migrated before. Raises Unavailable when it cannot be opened."""
    path = database_path(url)
    try:
        committer = Committer(connect(path, synchronous=synchronous), busy_timeout=BUSY_TIMEOUT)
        reader = Reader(path)
    except (sqlite3.Error, OSError) as error:
        raise Unavailable(f"cannot open the database {path}: {error}") from error
    return SqliteStorage(reader, committer, clock=clock, subscriptions=subscriptions)


def _applied(reader: Reader) -> str | None:
    if not reader.rows("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"):
        return None
    found = reader.rows("SELECT version_num FROM alembic_version")
    return found[0][0] if found else None
