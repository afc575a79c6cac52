"""An engine's own tables and functions, beside ours in the same schema."""

from typing import Any

import psycopg
from psycopg.pq import ExecStatus

from repaircore.adapters.jobs.queue import CarriedJobs
from repaircore.adapters.jobs.withdrawing import LOCK, connected, is_there
from repaircore.ports.errors import Unavailable


def install(url: str, queue: type[CarriedJobs]) -> bool:
    """Bring the engine's schema into a migrated database; answer whether there was anything to do.

    Several machines may try at once. Raises Unavailable when the database cannot be reached, or holds another version of the
    engine, whose own migrations bring it up to date.
    """
    engine = queue.engine
    with connected(url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        complete = is_there(connection, engine.last)
        if not is_there(connection, engine.table):
            connection.execute(engine.schema().encode())
        _refuse_another_version(connection, queue)
        if not complete and engine.indexes:
            connection.execute(engine.indexes.encode())
    return not complete


def check(url: str, queue: type[CarriedJobs]) -> None:
    """Raise Unavailable when the engine's schema is not there, or is not the one that it is told about."""
    name = queue.engine.name
    with connected(url) as connection:
        if not is_there(connection, queue.engine.last):
            raise Unavailable(f"the database has no tables of {name}: run `repaircore migrate`")
        _refuse_another_version(connection, queue)


def _refuse_another_version(connection: "psycopg.Connection[Any]", queue: type[CarriedJobs]) -> None:
    """See whether the server understands every statement."""
    for statement in queue.statements.values():
        answer = connection.pgconn.prepare(b"", statement.encode())
        if answer.status != ExecStatus.COMMAND_OK:
            reason = answer.get_error_message().splitlines()[0]
            raise Unavailable(
                f"the database holds another version of {queue.engine.name} ({reason}): "
                "bring it up to date by the engine's own migrations"
            )
