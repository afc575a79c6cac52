"""Databases of a PostgreSQL server, lent to tests: fresh ones, and migrated ones that are emptied and lent again.

A new database costs a third of a second on a busy machine, emptying one a fiftieth. What a test changed beyond rows is not
lent again.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from repaircore.adapters.storage.migrations import migrate
from repaircore.adapters.storage.tables import metadata
from tests.servers.locks import locked
from tests.servers.run import Run

_numbers: Final = count(1)
_idle: Final[list[str]] = []  # migrated and empty, of this process

_SEND_AWAY: Final = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_SEQUENCES: Final = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
_OURS: Final = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"


@contextmanager
def empty_database(run: Run) -> Iterator[str]:
    """A database with nothing in it, dropped at the end, whoever is still connected."""
    url = _new(run, template="template0")
    try:
        yield url
    finally:
        _drop(run, url)


@contextmanager
def migrated_database(run: Run) -> Iterator[str]:
    """A database of this version, with nothing in its tables. At the end whoever is still connected is sent away."""
    url = _idle.pop() if _idle else _new(run, template=_template(run))
    try:
        yield url
    finally:
        if _emptied(url):
            _idle.append(url)
        else:
            _drop(run, url)


def drop_databases(run: Run) -> None:
    """Leave nothing of a run behind on a server that outlives it."""
    server = run.server("postgres")
    with psycopg.connect(server, autocommit=True) as connection:
        for (name,) in connection.execute(_OURS, (run.folder.name,)).fetchall():
            connection.execute(_named("DROP DATABASE {} WITH (FORCE)", name))


def _new(run: Run, *, template: str) -> str:
    server, name = run.server("postgres"), f"{run.folder.name}-{os.getpid()}-{next(_numbers)}"
    _administer(server, "CREATE DATABASE {} TEMPLATE {}", name, template)
    return _of_server(server, name)


def _template(run: Run) -> str:
    server, name = run.server("postgres"), f"{run.folder.name}-template"
    with locked(run.folder / "template.lock"):
        if not run.template.exists():
            _administer(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
            _administer(server, "CREATE DATABASE {} TEMPLATE template0", name)
            migrate(_of_server(server, name))
            run.template.touch()
    return name


def _emptied(url: str) -> bool:
    """Delete every row, and count from one again; answer whether the database can be lent again."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_SEND_AWAY)
        if {name for (name,) in connection.execute(_TABLES)} != {*metadata.tables, "alembic_version"}:
            return False
        for table in reversed(metadata.sorted_tables):
            connection.execute(_named("DELETE FROM {}", table.name))
        for (name,) in connection.execute(_SEQUENCES).fetchall():
            connection.execute(_named("ALTER SEQUENCE {} RESTART", name))
    return True


def _drop(run: Run, url: str) -> None:
    _administer(run.server("postgres"), "DROP DATABASE {} WITH (FORCE)", urlsplit(url).path.strip("/"))


def _of_server(server: str, name: str) -> str:
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def _administer(server: str, statement: str, *names: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(_named(statement, *names))


def _named(statement: Any, *names: str) -> Composed:
    return SQL(statement).format(*map(Identifier, names))
