"""The job queue over pgqueuer."""

from typing import Final

from repaircore.adapters.jobs.engine import QUEUE
from repaircore.adapters.jobs.pgqueuer.engine import PGQUEUER
from repaircore.adapters.jobs.queue import CarriedJobs
from repaircore.adapters.storage.postgresql.wire import parameters
from repaircore.adapters.storage.relational.jobs import PRUNED_AT_ONCE

_LINES: Final = 10 * PRUNED_AT_ONCE
"""How much of the engine's log is forgotten with as many jobs as are at once: each delivery writes three lines."""


class PgqueuerJobs(CarriedJobs):
    """Deliveries are pgqueuer's jobs; what became of them is in its log for as long as the jobs are remembered."""

    engine = PGQUEUER
    statements = PGQUEUER.statements() | {
        # done before, limit
        "deliveries_prune": f"""
            DELETE FROM pgqueuer_log WHERE id IN (
                SELECT id FROM pgqueuer_log WHERE created < $1::timestamptz AND entrypoint = '{QUEUE}' LIMIT $2
            )
        """,
    }

    async def _prune_few(self, done_before: str) -> int:
        lines = "deliveries_prune", parameters((done_before, _LINES))
        return await self._doing.touch(("jobs_prune", parameters((done_before, PRUNED_AT_ONCE))), after=[lines])
