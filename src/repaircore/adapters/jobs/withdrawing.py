"""Taking jobs back from an engine, so that another one hands them out. Nothing of the engine need be installed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg

from repaircore.adapters.jobs.engine import QUEUE
from repaircore.adapters.storage.jobs import HANDED_OVER
from repaircore.adapters.storage.urls import masked
from repaircore.ports.errors import Unavailable

LOCK: Final = 0x70726F6372617374
"""Held by whoever changes an engine's tables."""

_PATIENCE: Final = 10  # seconds until a server that does not answer is given up
_ENGINES: Final = {"pgqueuer": ("pgqueuer", "entrypoint"), "procrastinate": ("procrastinate_jobs", "queue_name")}
_DUE_AGAIN: Final = f"UPDATE jobs SET due_at = run_at WHERE {HANDED_OVER}"


def withdraw(url: str, *, keep: str = "") -> bool:
    """Give every job that waits in an engine its due time back, but for the engine that is kept; answer whether there was any.
    Raises Unavailable."""
    with connected(url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        ended = [
            connection.execute(f"DELETE FROM {table} WHERE {column} = '{QUEUE}'".encode()).rowcount
            for _, table, column in _others(connection, keep)
        ]
        # Where an engine is kept, this makes due what waits there as well, which is then not handed over a second time.
        return bool(not keep or any(ended)) and connection.execute(_DUE_AGAIN.encode()).rowcount > 0


def check_withdrawn(url: str, *, keep: str = "") -> None:
    """Raise Unavailable when jobs wait in an engine other than the one that is kept, where nobody would find them."""
    with connected(url) as connection:
        for name, table, column in _others(connection, keep):
            if says(connection, f"SELECT EXISTS (SELECT 1 FROM {table} WHERE {column} = '{QUEUE}')"):
                raise Unavailable(
                    f"jobs wait in {name}, and jobs.engine is {keep or 'embedded'}: stop whoever uses the engine, "
                    "run `repaircore migrate`"
                )


@contextmanager
def connected(url: str) -> "Iterator[psycopg.Connection[Any]]":
    """Connect, for one transaction. Raises Unavailable when that cannot be, or the transaction does not come to its end."""
    try:
        with psycopg.connect(url, connect_timeout=_PATIENCE, application_name="repaircore migrate") as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise Unavailable(f"cannot use the database {masked(url)}: {str(error).strip()}") from None


def says(connection: "psycopg.Connection[Any]", question: str) -> bool:
    """Ask for a yes or a no."""
    row = connection.execute(question.encode()).fetchone()
    return bool(row and row[0])


def is_there(connection: "psycopg.Connection[Any]", relation: str) -> bool:
    """Say whether the database has that table or index."""
    return says(connection, f"SELECT to_regclass('{relation}') IS NOT NULL")


def _others(connection: "psycopg.Connection[Any]", keep: str) -> list[tuple[str, str, str]]:
    """Every engine with tables here, but for that one: its name, its table, and the column that tells what is ours."""
    others = [(name, *place) for name, place in _ENGINES.items() if name != keep]
    return [other for other in others if is_there(connection, other[1])]
