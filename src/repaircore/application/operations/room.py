"""The operations room: what the library's user calls as `core.operations`."""

from collections.abc import Sequence

from attrs import frozen

from repaircore.application.operations.readiness import CheckReadiness
from repaircore.application.operations.worker import Worker
from repaircore.domain.errors import NotFound
from repaircore.domain.identity import JobId
from repaircore.ports.clock import Clock
from repaircore.ports.jobs import Job, JobQueue, JobState


@frozen
class OperationsRoom:
    """Keeping the core running: readiness, jobs, the worker."""

    readiness: CheckReadiness
    worker: Worker
    queue: JobQueue
    clock: Clock

    async def find_jobs(self, *, state: JobState | None = None, name: str = "", limit: int = 100) -> Sequence[Job]:
        """List jobs, newest first."""
        return await self.queue.find(state=state, name=name, limit=limit)

    async def replay_job(self, job_id: JobId) -> None:
        """Queue a dead job again. Raises NotFound when there is no dead job of that id."""
        if not await self.queue.replay(job_id, now=self.clock.now()):
            raise NotFound("dead job", job_id)

    async def lag(self) -> float:
        """Say for how many seconds the oldest due job has been waiting."""
        return await self.queue.lag(now=self.clock.now())
