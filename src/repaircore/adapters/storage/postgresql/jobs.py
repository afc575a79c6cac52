"""The job queue on PostgreSQL: one table, drained in batches by any number of processes.

Whoever changes which job of an ordering key comes next holds that key's lock until its transaction is over. Leasing needs none, for
only the first of a key has a due time.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from msgspec.json import encode

from repaircore.adapters.storage.encoding import from_instant, instant
from repaircore.adapters.storage.jobs import job_from, position_of
from repaircore.adapters.storage.postgresql.doing import Doing
from repaircore.adapters.storage.postgresql.link import Statement
from repaircore.adapters.storage.postgresql.listening import Listening
from repaircore.adapters.storage.postgresql.locks import lock_of_key
from repaircore.adapters.storage.postgresql.reader import PostgresqlReader
from repaircore.adapters.storage.postgresql.transactions import NOTIFY, locking
from repaircore.adapters.storage.postgresql.wire import parameters, recordset
from repaircore.adapters.storage.waking import Waking
from repaircore.domain.identity import JobId
from repaircore.ports.jobs import Job, JobState

_PRUNED_AT_ONCE: Final = 500
_FINISHED_AT_ONCE: Final = 500
_HIGHEST: Final = 2**63 - 1

Lease = tuple[int, int]
"""A job's place, and which of its leases."""


class PostgresqlJobs:
    """The worker's side of the queue. `Job.lease` tells a lease that was lost from the one that took its place.
    `delivers`: whether an engine is told of jobs in the transaction that enqueues them."""

    delivers: ClassVar = False

    def __init__(self, reader: PostgresqlReader, doing: Doing, listening: Listening, waking: Waking) -> None:
        self._reader = reader
        self._doing = doing
        self._listening = listening
        self._waking = waking
        self._finished: list[Job] = []
        self._finishing: asyncio.Future[set[Lease]]

    async def lease(self, limit: int, *, now: datetime, seconds: float) -> Sequence[Job]:
        """Take up to `limit` due jobs, oldest first, for that long."""
        await self._listening.begin()
        self._waking.look()
        until = instant(now + timedelta(seconds=seconds))
        found = await self._doing.rows(("jobs_lease", parameters((instant(now), limit, until))))
        found.sort(key=lambda row: (from_instant(row[-1]), row[0]))
        return [job_from(row) for row in found]

    async def extend(self, job: Job, *, until: datetime) -> bool:
        """Keep a job longer."""
        return await self._held(_change("job_extend", job, instant(until)))

    async def finish(self, job: Job, *, now: datetime) -> bool:
        """Mark it done, together with whatever else is finished at this moment."""
        self._finished.append(job)
        if len(self._finished) == 1:
            self._finishing = asyncio.ensure_future(self._finish_gathered(now))
        return (position_of(job.id), job.lease) in await asyncio.shield(self._finishing)

    async def finish_all(self, jobs: Sequence[Job], *, now: datetime) -> int:
        """Mark them all done together; answer how many of the leases were still held."""
        return len(await self._finish(jobs, now))

    async def retry(self, job: Job, *, run_at: datetime, error: str) -> bool:
        """Put it back for later."""
        putting_back = _change("job_retry", job, instant(run_at), instant(run_at), error)
        return await self._held(putting_back, after=self._afterwards([job]))

    async def bury(self, job: Job, *, now: datetime, error: str) -> bool:
        """Give it up."""
        before, after = _letting_through([job])
        burying = _change("job_bury", job, error, instant(now))
        return await self._held(burying, before=before, after=[*after, *self._afterwards([job])])

    async def find(self, *, state: JobState | None = None, name: str = "", limit: int = 100) -> Sequence[Job]:
        """List jobs, newest first."""
        statement = "jobs" + ("_state" if state else "") + ("_name" if name else "")
        wanted = [part for part in (state.value if state else "", name) if part]
        return [job_from(row) for row in await self._reader.far(statement, (*wanted, limit))]

    async def replay(self, job_id: JobId, *, now: datetime) -> bool:
        """Queue a dead job again; False when it is not dead."""
        position = position_of(job_id)
        row = await self._reader.first("job", (position,)) if position <= _HIGHEST else None
        if row is None:
            return False
        job, at = job_from(row), instant(now)
        replaying = "job_replay", parameters((at, job.ordering_key, at, position))
        before, _ = _letting_through([job])
        replayed = await self._held(replaying, before=before, after=[NOTIFY])
        self._waking.wake()
        return replayed

    async def next_due(self) -> datetime | None:
        """Say when the next job falls due."""
        row = await self._reader.first("job_next_due")
        return from_instant(row[0]) if row and row[0] else None

    async def lag(self, *, now: datetime) -> float:
        """Say for how many seconds the oldest due job has been waiting."""
        due = await self.next_due()
        return 0.0 if due is None else max(0.0, (now - due).total_seconds())

    async def wait(self, seconds: float) -> None:
        """Come back at once when any process enqueued something since the last `lease`, at the latest after that long."""
        await self._waking.wait(seconds)

    async def prune(self, *, done_before: datetime) -> int:
        """Forget done jobs older than that, a few hundred at a time so that nobody waits long."""
        pruning = "jobs_prune", parameters((instant(done_before), _PRUNED_AT_ONCE))
        pruned = 0
        while True:
            few = await self._doing.touch(pruning)
            pruned += few
            if few < _PRUNED_AT_ONCE:
                return pruned

    async def _finish_gathered(self, now: datetime) -> set[Lease]:
        jobs, self._finished = self._finished, []
        return await self._finish(jobs, now)

    async def _finish(self, jobs: Sequence[Job], now: datetime) -> set[Lease]:
        held: set[Lease] = set()
        for start in range(0, len(jobs), _FINISHED_AT_ONCE):
            held |= await self._finish_few(jobs[start : start + _FINISHED_AT_ONCE], instant(now))
        return held

    async def _finish_few(self, jobs: Sequence[Job], at: str) -> set[Lease]:
        leases = [{"position": position_of(job.id), "lease": job.lease, "finished_at": at} for job in jobs]
        before, after = _letting_through(jobs)
        finishing = "jobs_finish", (recordset(leases),)
        return set(await self._doing.rows(finishing, before=before, after=[*after, *self._afterwards(jobs)]))

    def _afterwards(self, jobs: Sequence[Job]) -> list[Statement]:
        """What else is done in the transaction in which somebody lets go of jobs: nothing here."""
        return []

    async def _held(
        self, statement: Statement, *, before: Sequence[Statement] = (), after: Sequence[Statement] = ()
    ) -> bool:
        return await self._doing.touch(statement, before=before, after=after) == 1


def _change(statement: str, job: Job, *values: Any) -> Statement:
    """Change a job whose lease is still held."""
    return statement, parameters((*values, position_of(job.id), job.lease))


def _letting_through(jobs: Sequence[Job]) -> tuple[list[Statement], list[Statement]]:
    """What comes before and after the end of jobs, so that the next of each of their keys is let through."""
    keys = {job.ordering_key for job in jobs if job.ordering_key}
    if not keys:
        return [], []
    return [locking(sorted(map(lock_of_key, keys)))], [("jobs_promote", (encode(sorted(keys)),))]
