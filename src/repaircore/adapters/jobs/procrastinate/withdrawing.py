"""Taking jobs back from the engine, so that the embedded queue hands them out again. Nothing of procrastinate need be installed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg

from repaircore.adapters.storage.postgresql.deliveries import QUEUE
from repaircore.adapters.storage.urls import masked
from repaircore.ports.errors import Unavailable

LOCK: Final = 0x70726F6372617374  # ours alone: "procrast"
_PATIENCE: Final = 10  # seconds until a server that does not answer is given up

_INSTALLED: Final = "SELECT to_regclass('procrastinate_jobs') IS NOT NULL"
_FORGET: Final = f"DELETE FROM procrastinate_jobs WHERE queue_name = '{QUEUE}'"
_WAITING: Final = f"SELECT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE queue_name = '{QUEUE}')"
_DUE_AGAIN: Final = """
    UPDATE jobs SET due_at = run_at WHERE state = 'queued' AND due_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM jobs AS others WHERE others.ordering_key = jobs.ordering_key AND others.ordering_key <> ''
            AND others.finished_at IS NULL AND others.position < jobs.position
    )
"""


def withdraw(url: str) -> bool:
    """Give every job that waits in the engine its due time back; answer whether there was any. Raises Unavailable."""
    with connected(url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        if says(connection, _INSTALLED):
            connection.execute(_FORGET.encode())
        return connection.execute(_DUE_AGAIN).rowcount > 0


def check_withdrawn(url: str) -> None:
    """Raise Unavailable when jobs wait in the engine, where the embedded queue would never find them."""
    with connected(url) as connection:
        if says(connection, _INSTALLED) and says(connection, _WAITING):
            raise Unavailable(
                "jobs wait in procrastinate, and jobs.engine is embedded: stop whoever uses the engine, run `repaircore migrate`"
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
