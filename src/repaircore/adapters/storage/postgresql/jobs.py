"""The job queue on PostgreSQL: one table, drained in batches by any number of processes.

Whoever changes which job of an ordering key comes next holds that key's lock until its transaction is over. Leasing needs none, for
only the first of a key has a due time.
"""

from collections.abc import Mapping, Sequence
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
from repaircore.adapters.storage.relational.jobs import PRUNED_AT_ONCE, Lease, RelationalJobs
from repaircore.adapters.storage.waking import Waking
from repaircore.domain.identity import JobId
from repaircore.ports.jobs import Job

_FINISHED_AT_ONCE: Final = 500
_HIGHEST: Final = 2**63 - 1


class PostgresqlJobs(RelationalJobs):
    """The worker's side of the queue. `Job.lease` tells a lease that was lost from the one that took its place.
    `delivers`: whether an engine is told of jobs in the transaction that enqueues them. `statements`: what it is told, by name."""

    delivers: ClassVar = False
    statements: ClassVar[Mapping[str, str]] = {}

    def __init__(self, reader: PostgresqlReader, doing: Doing, listening: Listening, waking: Waking) -> None:
        super().__init__(reader, waking)
        self._doing = doing
        self._listening = listening

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

    async def retry(self, job: Job, *, run_at: datetime, error: str) -> bool:
        """Put it back for later."""
        putting_back = _change("job_retry", job, instant(run_at), instant(run_at), error)
        return await self._held(putting_back, after=self._afterwards([job]))

    async def bury(self, job: Job, *, now: datetime, error: str) -> bool:
        """Give it up."""
        before, after = _letting_through([job])
        burying = _change("job_bury", job, error, instant(now))
        return await self._held(burying, before=before, after=[*after, *self._afterwards([job])])

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

    async def _finish(self, jobs: Sequence[Job], at: str) -> set[Lease]:
        held: set[Lease] = set()
        for start in range(0, len(jobs), _FINISHED_AT_ONCE):
            held |= await self._finish_few(jobs[start : start + _FINISHED_AT_ONCE], at)
        return held

    async def _prune_few(self, done_before: str) -> int:
        return await self._doing.touch(("jobs_prune", parameters((done_before, PRUNED_AT_ONCE))))

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
