"""pgqueuer's own statements, as its query builder writes them, with expressions where it expects parameters.

One entry point has all our jobs. The engine lets no second delivery with the same key wait or run, and a job's number is its key.
"""

import re
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import QueueEntrypoint, QueueManagerId

from repaircore.adapters.jobs.engine import ENDED, HANDED, QUEUE, Engine

_POSITION: Final = f"substr(d.dedupe_key, {len(QUEUE) + 2})::bigint"
_WORKER: Final = "current_setting('repaircore.worker')::uuid"


class _Usual(DBSettings):
    """The engine's own names for its tables, whatever the environment says: taking jobs back must find them without it."""

    @classmethod
    def settings_customise_sources(cls, *sources: Any, **named: Any) -> tuple[Any, ...]:
        return ()


_builder: Final = QueryQueueBuilder(_Usual())


def _schema() -> str:
    """Write what the engine's own tables are made by."""
    return QueryBuilderEnvironment(_Usual()).build_install_query()


def _filled(statement: str, *expressions: str) -> str:
    """Put expressions in the place of a statement's parameters."""
    return re.sub(r"\$(\d+)\b", lambda place: expressions[int(place[1]) - 1], statement)


def _of_each(value: str) -> str:
    """A list with a value for each job that is handed over, in its order."""
    return f"(SELECT array_agg({value} ORDER BY n) FROM unnest({HANDED}) WITH ORDINALITY AS handed(position, n))"


def _add() -> str:
    # A moment ago, for the engine delivers only what was due before the transaction in which it is asked began.
    return _filled(
        _builder.build_enqueue_query("skip"),
        _of_each("0"),
        _of_each(f"'{QUEUE}'::text"),
        _of_each("convert_to(position::text, 'UTF8')"),
        _of_each("interval '-1 minute'"),
        _of_each(f"'{QUEUE}:' || position"),
        _of_each("NULL::jsonb"),
    )


def _fetch() -> str:
    # Leases are ours: the engine must never take a delivery from a worker by itself.
    composed = _builder.build_dequeue_query(
        batch_size=1,
        entrypoints=[QueueEntrypoint(QUEUE)],
        concurrency_limits=[0],
        queue_manager_id=QueueManagerId(UUID(int=0)),
        global_concurrency_limit=None,
        heartbeat_timeout=timedelta(0),
    )
    return _filled(composed.sql, "$1", f"ARRAY['{QUEUE}']", _WORKER, "interval '100 years'")


def _end() -> str:
    became = "CASE jobs.state WHEN 'done' THEN 'successful' WHEN 'dead' THEN 'exception' ELSE 'canceled' END"
    states = f"""(
        SELECT array_agg({became} ORDER BY n) FROM unnest({ENDED}) WITH ORDINALITY AS ended(id, n)
        LEFT JOIN pgqueuer AS d ON d.id = ended.id LEFT JOIN jobs ON jobs.position = {_POSITION}
    )"""
    return _filled(_builder.build_log_job_query(), ENDED, states, "ARRAY[]::jsonb[]")


PGQUEUER: Final = Engine(
    name="pgqueuer",
    schema=_schema,
    table="pgqueuer",
    mine=f"d.entrypoint = '{QUEUE}'",
    of=f"d.dedupe_key = '{QUEUE}:' || {{}}",
    position=_POSITION,
    waiting="d.status = 'queued'",
    running="d.status = 'picked'",
    add=_add(),
    begin="SELECT set_config('repaircore.worker', gen_random_uuid()::text, true)",
    fetch=_fetch(),
    fetched=f"SELECT d.id, {_POSITION} AS position, d.id AS turn FROM pgqueuer AS d WHERE d.queue_manager_id = {_WORKER}",
    end=_end(),
    last="pgqueuer",
)
