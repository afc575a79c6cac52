"""What an engine for jobs is told, within the transaction that changes the jobs: procrastinate's own functions, called in bulk.

A job that is due is handed over: its row has no due time any more, and a delivery, which carries the row's number, waits in the
engine. Whoever fetches deliveries leases their rows, which have a due time again: the end of the lease. A job that is over, put
back or lost has no delivery. All of this happens in the transaction that it belongs to, so rows and deliveries always agree.
"""

from typing import Final

QUEUE: Final = "repaircore"
AT_ONCE: Final = 1000
"""How many jobs that fell due are handed over in one transaction."""

_OF: Final = f"p.queue_name = '{QUEUE}' AND (p.args->>'job')::bigint"
_FETCH: Final = f"procrastinate_fetch_job_v2(ARRAY['{QUEUE}']::varchar[], NULL::bigint)"

DELIVERIES: Final[dict[str, str]] = {
    # now, limit
    "jobs_deliver": f"""
        WITH due AS (
            SELECT position, due_at FROM jobs WHERE due_at IS NOT NULL AND due_at <= $1
            ORDER BY due_at, position LIMIT $2 FOR UPDATE SKIP LOCKED
        ), lost AS (
            SELECT procrastinate_finish_job_v1(p.id, 'aborted', true)::text AS gone
            FROM due JOIN procrastinate_jobs AS p ON {_OF} = due.position AND p.status = 'doing'
        ), handed AS (
            UPDATE jobs SET state = 'queued', due_at = NULL FROM due WHERE jobs.position = due.position
            RETURNING jobs.position, jobs.name, jobs.ordering_key, due.due_at
        ), told AS (
            SELECT array_agg(ROW('{QUEUE}', left(name, 128), 0, NULLIF(ordering_key, ''), NULL,
                jsonb_build_object('job', position), NULL)::procrastinate_job_to_defer_v1 ORDER BY due_at, position) AS jobs
            FROM handed
        )
        SELECT procrastinate_defer_jobs_v1(told.jobs), (SELECT count(gone) FROM lost) FROM told WHERE told.jobs IS NOT NULL
    """,
    # The engine looks for one job at a time; left to itself, the planner may sort all that wait for each of them.
    "jobs_walk": "SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)",
    # limit
    "jobs_fetch": f"""
        WITH RECURSIVE fetched AS (
            SELECT 1 AS n, {_FETCH} AS delivery
            UNION ALL
            SELECT n + 1, {_FETCH} FROM fetched WHERE n < $1 AND (delivery).id IS NOT NULL
        )
        SELECT set_config('repaircore.fetched', coalesce(array_agg((delivery).id ORDER BY n), ARRAY[]::bigint[])::text, true)
        FROM fetched WHERE (delivery).id IS NOT NULL
    """,
    # until
    "jobs_take": """
        WITH given AS (
            SELECT (p.args->>'job')::bigint AS position, f.n
            FROM unnest(current_setting('repaircore.fetched')::bigint[]) WITH ORDINALITY AS f(id, n)
            JOIN procrastinate_jobs AS p ON p.id = f.id
        )
        UPDATE jobs SET state = 'leased', due_at = $1, attempts = attempts + 1, lease = lease + 1
        FROM given WHERE jobs.position = given.position AND jobs.state = 'queued'
        RETURNING jobs.position, name, payload, state, run_at, due_at, attempts, lease, ordering_key, unique_key, last_error,
            created_at, finished_at, given.n
    """,
    # no parameters; a delivery that somebody outside put back may come for a job that is over
    "jobs_refuse": """
        SELECT procrastinate_finish_job_v1(p.id, 'aborted', true)
        FROM unnest(current_setting('repaircore.fetched')::bigint[]) AS f(id) JOIN procrastinate_jobs AS p ON p.id = f.id
        WHERE NOT EXISTS (
            SELECT 1 FROM jobs WHERE jobs.position = (p.args->>'job')::bigint AND jobs.state = 'leased'
        )
    """,
    # positions
    "jobs_delivered": f"""
        SELECT procrastinate_finish_job_v1(over.id, 'succeeded', true)
        FROM (
            SELECT p.id FROM json_array_elements_text($1) AS k JOIN procrastinate_jobs AS p ON {_OF} = k.value::bigint
            JOIN jobs ON jobs.position = k.value::bigint AND jobs.state <> 'leased'
            WHERE p.status = 'doing' FOR UPDATE OF p SKIP LOCKED
        ) AS over
    """,
    "jobs_next_delivery": f"""
        SELECT least((SELECT min(due_at) FROM jobs WHERE due_at IS NOT NULL), (
            SELECT jobs.run_at FROM procrastinate_jobs AS p JOIN jobs ON {_OF} = jobs.position
            WHERE p.status = 'todo' ORDER BY p.priority DESC, p.id LIMIT 1
        ))
    """,
}


def delivering(now: str) -> tuple[str, tuple[bytes | None, ...]]:
    """Hand over what is due by then."""
    return "jobs_deliver", (now.encode(), str(AT_ONCE).encode())
