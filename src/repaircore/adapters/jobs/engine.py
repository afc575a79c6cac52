"""What every engine is told, and how one differs from another: its table of deliveries, and what it calls to add, fetch and end them.

Statements of one transaction hand lists of numbers on to each other in settings that end with it, so that nothing waits for an
answer in between: `HANDED` are jobs, `ENDED` are deliveries.
"""

from collections.abc import Callable
from typing import Final

from attrs import frozen

QUEUE: Final = "repaircore"
"""What our deliveries go by in every engine."""

HANDED: Final = "current_setting('repaircore.handed')::bigint[]"
ENDED: Final = "current_setting('repaircore.ended')::bigint[]"

_HAND_OVER: Final = """
    WITH due AS (
        SELECT position, due_at FROM jobs WHERE due_at IS NOT NULL AND due_at <= $1
        ORDER BY due_at, position LIMIT $2 FOR UPDATE SKIP LOCKED
    ), handed AS (
        UPDATE jobs SET state = 'queued', due_at = NULL FROM due WHERE jobs.position = due.position
        RETURNING jobs.position, due.due_at
    ), lost AS (
        SELECT d.id FROM due JOIN {table} AS d ON {of_due} AND {running}
    )
    SELECT set_config('repaircore.handed', coalesce((
        SELECT array_agg(position ORDER BY due_at, position) FROM handed
        WHERE NOT EXISTS (SELECT 1 FROM {table} AS d WHERE {of_handed} AND {waiting})
    ), ARRAY[]::bigint[])::text, true), set_config('repaircore.ended', array(SELECT id FROM lost)::text, true)
"""
_TAKE: Final = """
    WITH given AS ({fetched})
    UPDATE jobs SET state = 'leased', due_at = $1, attempts = attempts + 1, lease = lease + 1
    FROM given WHERE jobs.position = given.position AND jobs.state = 'queued' AND jobs.due_at IS NULL
    RETURNING jobs.position, name, payload, state, run_at, due_at, attempts, lease, ordering_key, unique_key, last_error,
        created_at, finished_at, given.turn
"""
_REFUSE: Final = """
    SELECT set_config('repaircore.ended', array(
        SELECT given.id FROM ({fetched}) AS given
        WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.position = given.position AND jobs.state = 'leased')
    )::text, true)
"""
_LET_GO: Final = """
    SELECT set_config('repaircore.ended', array(
        SELECT d.id FROM json_array_elements_text($1) AS k JOIN {table} AS d ON {of_key} AND {running}
        JOIN jobs ON jobs.position = k.value::bigint AND jobs.state <> 'leased'
    )::text, true)
"""
_NEXT: Final = """
    SELECT least((SELECT min(due_at) FROM jobs WHERE due_at IS NOT NULL), (
        SELECT jobs.run_at FROM {table} AS d JOIN jobs ON jobs.position = {position}
        WHERE {mine} AND {waiting} ORDER BY d.priority DESC, d.id LIMIT 1
    ))
"""


@frozen(kw_only=True)
class Engine:
    """An engine in SQL. A delivery is called `d` where nothing else is said.

    `mine`: whether a delivery is ours; `of`: whether it is the one of the job whose number stands for `{}`; `position`: the number
    of its job. `begin` and `fetch`, whose parameter is how many at most, come before `fetched`: id, position and turn of what was fetched.
    `schema` writes what the engine's own tables and functions are made by; `indexes` are ours, made beside its own, and `last` is
    what is there when everything is.
    """

    name: str
    schema: Callable[[], str]
    table: str
    mine: str
    of: str
    position: str
    waiting: str
    running: str
    add: str
    begin: str
    fetch: str
    fetched: str
    end: str
    last: str
    indexes: str = ""

    def statements(self) -> dict[str, str]:
        """Write everything that the engine is told, under the names that are the same for all of them."""
        parts = {
            "table": self.table,
            "mine": self.mine,
            "position": self.position,
            "waiting": self.waiting,
            "running": self.running,
            "fetched": self.fetched,
            "of_due": self.of.format("due.position"),
            "of_handed": self.of.format("handed.position"),
            "of_key": self.of.format("k.value::bigint"),
        }
        return {
            "jobs_hand_over": _HAND_OVER.format(**parts),  # now, limit
            "deliveries_add": self.add,
            "deliveries_begin": self.begin,
            "deliveries_fetch": self.fetch,  # limit
            "jobs_take": _TAKE.format(**parts),  # until
            "deliveries_refuse": _REFUSE.format(**parts),
            "deliveries_let_go": _LET_GO.format(**parts),  # positions
            "deliveries_end": self.end,
            "jobs_next_delivery": _NEXT.format(**parts),
        }
