"""procrastinate's own tables and functions, beside ours in the same schema."""

from typing import Any, Final

import psycopg

from repaircore.adapters.jobs.procrastinate.withdrawing import LOCK, connected, says
from repaircore.adapters.storage.postgresql.deliveries import QUEUE
from repaircore.ports.errors import Unavailable

_INSTALLED: Final = "SELECT to_regclass('procrastinate_jobs') IS NOT NULL"
_CURRENT: Final = """
    SELECT count(*) = 4 FROM pg_proc WHERE proname IN (
        'procrastinate_defer_jobs_v1', 'procrastinate_fetch_job_v2', 'procrastinate_finish_job_v1', 'procrastinate_retry_job_v2'
    ) AND pg_function_is_visible(oid)
"""
_OURS: Final = "SELECT to_regclass('repaircore_deliveries') IS NOT NULL"

# A delivery is found by its job, and the others of its lock without a walk through all that wait.
_INDEXES: Final = f"""
    CREATE INDEX IF NOT EXISTS repaircore_deliveries ON procrastinate_jobs (((args->>'job')::bigint))
        WHERE queue_name = '{QUEUE}';
    CREATE INDEX IF NOT EXISTS repaircore_delivery_locks ON procrastinate_jobs (lock, id)
        WHERE status IN ('todo', 'doing');
"""


def install(url: str) -> bool:
    """Bring the engine's schema into a migrated database; answer whether there was anything to do.

    Several machines may try at once. Raises Unavailable when the database cannot be reached, or holds an older procrastinate,
    which its own migrations bring up to date.
    """
    with connected(url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        if says(connection, _INSTALLED):
            _refuse_an_older_one(connection)
        else:
            connection.execute(_schema())
        if says(connection, _OURS):
            return False
        connection.execute(_INDEXES.encode())
    return True


def check(url: str) -> None:
    """Raise Unavailable when the engine's schema is not there."""
    with connected(url) as connection:
        if not says(connection, _OURS):
            raise Unavailable("the database has no tables of procrastinate: run `repaircore migrate`")
        _refuse_an_older_one(connection)


def _refuse_an_older_one(connection: "psycopg.Connection[Any]") -> None:
    if not says(connection, _CURRENT):
        raise Unavailable(
            "the database holds an older procrastinate: bring it up to date by its own migrations, to version 3.4 or later"
        )


def _schema() -> bytes:
    from procrastinate.schema import SchemaManager

    return SchemaManager.get_schema().encode()
