"""What the worker's side of the queue has in common on every database: looking, waiting, and ending many jobs at once."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from repaircore.adapters.storage.encoding import from_instant, instant
from repaircore.adapters.storage.jobs import job_from, position_of
from repaircore.adapters.storage.relational.gathering import Reader
from repaircore.adapters.storage.waking import Waking
from repaircore.ports.jobs import Job, JobState

PRUNED_AT_ONCE: Final = 500

Lease = tuple[int, int]
"""A job's place, and which of its leases."""


class RelationalJobs(ABC):
    """Reads through the reader; how rows are changed is each database's own."""

    def __init__(self, reader: Reader, waking: Waking) -> None:
        self._reader = reader
        self._waking = waking
        self._finished: list[Job] = []
        self._finishing: asyncio.Future[set[Lease]]

    async def finish(self, job: Job, *, now: datetime) -> bool:
        """Mark it done, together with whatever else is finished at this moment."""
        self._finished.append(job)
        if len(self._finished) == 1:
            self._finishing = asyncio.ensure_future(self._finish_gathered(now))
        return (position_of(job.id), job.lease) in await asyncio.shield(self._finishing)

    async def finish_all(self, jobs: Sequence[Job], *, now: datetime) -> int:
        """Mark them all done together; answer how many of the leases were still held."""
        return len(await self._finish(jobs, instant(now)))

    async def find(self, *, state: JobState | None = None, name: str = "", limit: int = 100) -> Sequence[Job]:
        """List jobs, newest first."""
        statement = "jobs" + ("_state" if state else "") + ("_name" if name else "")
        wanted = [part for part in (state.value if state else "", name) if part]
        return [job_from(row) for row in await self._reader.far(statement, (*wanted, limit))]

    async def next_due(self) -> datetime | None:
        """Say when the next job falls due."""
        row = await self._reader.first("job_next_due")
        return from_instant(row[0]) if row and row[0] else None

    async def lag(self, *, now: datetime) -> float:
        """Say for how many seconds the oldest due job has been waiting."""
        due = await self.next_due()
        return 0.0 if due is None else max(0.0, (now - due).total_seconds())

    async def wait(self, seconds: float) -> None:
        """Come back at once when something was enqueued since the last `lease`, at the latest after that long."""
        await self._waking.wait(seconds)

    async def prune(self, *, done_before: datetime) -> int:
        """Forget done jobs older than that, a few hundred at a time so that nobody waits long."""
        pruned = 0
        while True:
            few = await self._prune_few(instant(done_before))
            pruned += few
            if few < PRUNED_AT_ONCE:
                return pruned

    async def _finish_gathered(self, now: datetime) -> set[Lease]:
        jobs, self._finished = self._finished, []
        return await self._finish(jobs, instant(now))

    @abstractmethod
    async def _finish(self, jobs: Sequence[Job], at: str) -> set[Lease]:
        """Mark jobs done; answer the leases that were still held."""

    @abstractmethod
    async def _prune_few(self, done_before: str) -> int:
        """Forget at most `PRUNED_AT_ONCE` jobs; answer how many."""
