"""Housekeeping of the queue."""

from datetime import timedelta

from attrs import frozen

from repaircore.ports.clock import Clock
from repaircore.ports.jobs import Job, JobQueue

PRUNE_JOBS = "operations.prune_jobs"
_KEPT_FOR = timedelta(days=7)


@frozen
class PruneJobs:
    """Periodic job: done jobs older than a week are forgotten; their events stay."""

    queue: JobQueue
    clock: Clock

    async def __call__(self, job: Job) -> None:
        await self.queue.prune(done_before=self.clock.now() - _KEPT_FOR)
