"""The database that a measured program keeps its data in: a file of SQLite, or a PostgreSQL on this machine.

A PostgreSQL of one's own keeps what it acknowledged (fsync and synchronous_commit are on), and stays on the core of whoever
starts it. One that is named by its URL must allow its user to make databases; what is made there is dropped at the end.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

import psycopg
from attrs import define, field, frozen
from psycopg.sql import SQL, Identifier

from tests.servers.postgres import running_postgres

SQLITE, POSTGRESQL = "sqlite", "postgresql"
BUSINESS: Final = Path(__file__).parents[1] / "examples" / "revivatech" / "business.toml"

_FILE: Final = "var/revivatech.db"
_BACKLOG: Final = "SELECT count(*) FROM jobs WHERE due_at IS NOT NULL AND state <> 'done'"
_HELPER: Final = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_numbers: Final = count(1)


class Database(Protocol):
    """Where the real server of a run keeps its data, and what is to be known about it meanwhile."""

    @property
    def folder(self) -> Path:
        """The server's data folder."""
        ...

    @property
    def config(self) -> Path:
        """The business file that names the database."""
        ...

    def backlog(self) -> int:
        """How many jobs are due or under way."""
        ...

    def forget_jobs(self) -> None:
        """Take every job out of the queue."""
        ...

    def cpu_seconds(self) -> float:
        """CPU time that the database's own processes used so far."""
        ...


@frozen
class Sqlite:
    """A file in the server's data folder; its work is the server's."""

    folder: Path
    config: Path = BUSINESS

    def backlog(self) -> int:
        with sqlite3.connect(f"file:{self.folder / _FILE}?mode=ro", uri=True) as connection:
            waiting: int = connection.execute(_BACKLOG).fetchone()[0]
        connection.close()
        return waiting

    def forget_jobs(self) -> None:
        connection = sqlite3.connect(self.folder / _FILE)
        with connection:
            connection.execute("DELETE FROM jobs")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    def cpu_seconds(self) -> float:
        return 0.0


@define(eq=False)
class Postgresql:
    """A database of its own on a server of this machine, for a copy of the business that names it."""

    folder: Path
    url: str
    config: Path = field(init=False)
    _asking: "psycopg.Connection[tuple[int]]" = field(init=False)
    _postmaster: Path = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.config = shutil.copytree(BUSINESS.parent, self.folder / "business") / BUSINESS.name
        told = self.config.read_text("utf-8").replace(f"sqlite:///{_FILE}", self.url)
        self.config.write_text(told, "utf-8")
        self._asking = psycopg.connect(self.url, autocommit=True)
        self._postmaster = postmaster(self.url)

    def backlog(self) -> int:
        (waiting,) = self._asking.execute(_BACKLOG).fetchone() or (0,)
        return waiting

    def forget_jobs(self) -> None:
        self._asking.execute("DELETE FROM jobs")
        self._asking.execute("VACUUM ANALYZE")
        self._asking.execute("CHECKPOINT")

    def cpu_seconds(self) -> float:
        return server_seconds(self._postmaster)

    def close(self) -> None:
        """Ask nothing any more."""
        self._asking.close()


@contextmanager
def server(url: str) -> Iterator[str]:
    """Answer the URL of a server, one of our own where none is named."""
    if url:
        yield url
        return
    with running_postgres() as own:
        yield own.url


@contextmanager
def fresh(server_url: str) -> Iterator[str]:
    """Make an empty database on that server, and drop it at the end."""
    name = f"repaircore-bench-{os.getpid()}-{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@contextmanager
def database(folder: Path, server_url: str | None) -> Iterator[Database]:
    """Answer the database for a server's data folder: on that PostgreSQL, or the embedded one."""
    if server_url is None:
        yield Sqlite(folder)
        return
    with fresh(server_url) as url:
        made = Postgresql(folder, url)
        try:
            yield made
        finally:
            made.close()


def postmaster(url: str) -> Path:
    """Answer the folder in /proc of the server's first process. Raises FileNotFoundError when it is on another machine."""
    with psycopg.connect(url) as connection:
        (helper,) = connection.execute(_HELPER).fetchone() or (0,)
    parent = _fields(Path(f"/proc/{helper}"))[1]
    return Path(f"/proc/{parent}")


def server_seconds(first: Path) -> float:
    """Answer the CPU time of a server so far: of its first process, of all that it started, and of those that ended."""
    fields = _fields(first)
    ended = sum(map(int, fields[13:15])) / _TICKS
    return ended + _running(first) + sum(_running(Path(f"/proc/{pid}")) for pid in _children(first))


def _children(first: Path) -> list[str]:
    return (first / "task" / first.name / "children").read_text().split()


def _running(process: Path) -> float:
    """Answer the seconds of one process, to the nanosecond; none when it ended meanwhile."""
    try:
        return int((process / "schedstat").read_text().split()[0]) / 1e9
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def _fields(process: Path) -> list[str]:
    return (process / "stat").read_text().rpartition(")")[2].split()
