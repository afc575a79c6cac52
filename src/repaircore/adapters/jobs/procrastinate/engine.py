"""procrastinate's own functions, called by the versions in their names. A task has the job's name, and a lock is an ordering key."""

from typing import Final

from repaircore.adapters.jobs.engine import ENDED, HANDED, QUEUE, Engine

_FETCH: Final = f"procrastinate_fetch_job_v2(ARRAY['{QUEUE}']::varchar[], NULL::bigint)"


def _schema() -> str:
    """Write what procrastinate's own tables and functions are made by."""
    from procrastinate.schema import SchemaManager

    return SchemaManager.get_schema()


PROCRASTINATE: Final = Engine(
    name="procrastinate",
    schema=_schema,
    table="procrastinate_jobs",
    mine=f"d.queue_name = '{QUEUE}'",
    of=f"d.queue_name = '{QUEUE}' AND (d.args->>'job')::bigint = {{}}",
    position="(d.args->>'job')::bigint",
    waiting="d.status = 'todo'",
    running="d.status = 'doing'",
    add=f"""
        SELECT procrastinate_defer_jobs_v1(array_agg(ROW('{QUEUE}', left(jobs.name, 128), 0, NULLIF(jobs.ordering_key, ''), NULL,
            jsonb_build_object('job', jobs.position), NULL)::procrastinate_job_to_defer_v1 ORDER BY handed.n))
        FROM unnest({HANDED}) WITH ORDINALITY AS handed(position, n) JOIN jobs ON jobs.position = handed.position
        HAVING count(*) > 0
    """,
    # The engine looks for one job at a time; left to itself, the planner may sort all that wait for each of them.
    begin="SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)",
    fetch=f"""
        WITH RECURSIVE fetched AS (
            SELECT 1 AS n, {_FETCH} AS delivery
            UNION ALL
            SELECT n + 1, {_FETCH} FROM fetched WHERE n < $1 AND (delivery).id IS NOT NULL
        )
        SELECT set_config('repaircore.fetched', coalesce(array_agg((delivery).id ORDER BY n), ARRAY[]::bigint[])::text, true)
        FROM fetched WHERE (delivery).id IS NOT NULL
    """,
    fetched="""
        SELECT d.id, (d.args->>'job')::bigint AS position, fetched.n AS turn
        FROM unnest(current_setting('repaircore.fetched')::bigint[]) WITH ORDINALITY AS fetched(id, n)
        JOIN procrastinate_jobs AS d ON d.id = fetched.id
    """,
    end=f"""
        SELECT procrastinate_finish_job_v1(over.id, 'succeeded', true)
        FROM (
            SELECT d.id FROM procrastinate_jobs AS d WHERE d.id = ANY ({ENDED}) AND d.status = 'doing'
            FOR UPDATE SKIP LOCKED
        ) AS over
    """,
    # A delivery is found by its job, and the others of its lock without a walk through all that wait.
    indexes=f"""
        CREATE INDEX IF NOT EXISTS repaircore_delivery_locks ON procrastinate_jobs (lock, id)
            WHERE status IN ('todo', 'doing');
        CREATE INDEX IF NOT EXISTS repaircore_deliveries ON procrastinate_jobs (((args->>'job')::bigint))
            WHERE queue_name = '{QUEUE}';
    """,
    last="repaircore_deliveries",
)
