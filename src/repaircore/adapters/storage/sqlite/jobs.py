"""The job queue on SQLite: one table, drained in batches. What is due is one short walk along an index."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from repaircore.adapters.storage.encoding import instant, to_json
from repaircore.adapters.storage.jobs import leased_from, position_of
from repaircore.adapters.storage.relational.jobs import PRUNED_AT_ONCE, Lease, RelationalJobs
from repaircore.adapters.storage.sqlite.committer import Committer
from repaircore.adapters.storage.sqlite.reader import Reader
from repaircore.adapters.storage.sqlite.sql import SQL
from repaircore.adapters.storage.waking import Waking
from repaircore.domain.identity import JobId
from repaircore.ports.jobs import Job


class SqliteJobs(RelationalJobs):
    """The worker's side of the queue. `Job.lease` tells a lease that was lost from the one that took its place."""

    def __init__(self, reader: Reader, committer: Committer, waking: Waking) -> None:
        super().__init__(reader, waking)
        self._committer = committer

    async def lease(self, limit: int, *, now: datetime, seconds: float) -> Sequence[Job]:
        """Take up to `limit` due jobs, oldest first, for that long."""
        self._waking.look()
        if not await self._reader.all("jobs_due", (instant(now), 1)):
            return []
        return await self._committer.run(lambda cursor: _lease(cursor, limit, now, now + timedelta(seconds=seconds)))

    async def extend(self, job: Job, *, until: datetime) -> bool:
        """Keep a job longer."""
        return await self._held("job_extend", job, instant(until))

    async def retry(self, job: Job, *, run_at: datetime, error: str) -> bool:
        """Put it back for later."""
        return await self._held("job_retry", job, instant(run_at), instant(run_at), error)

    async def bury(self, job: Job, *, now: datetime, error: str) -> bool:
        """Give it up."""
        return await self._held("job_bury", job, error, instant(now))

    async def replay(self, job_id: JobId, *, now: datetime) -> bool:
        """Queue a dead job again; False when it is not dead."""
        row = await self._reader.first("job", (position_of(job_id),))
        if row is None:
            return False
        at = instant(now)
        parameters = (at, row[8], at, row[0])
        replayed = await self._committer.run(lambda cursor: cursor.execute(SQL["job_replay"], parameters).rowcount == 1)
        self._waking.wake()
        return replayed

    async def _finish(self, jobs: Sequence[Job], at: str) -> set[Lease]:
        return await self._committer.run(partial(_finish, jobs, at))

    async def _prune_few(self, done_before: str) -> int:
        parameters = (done_before, PRUNED_AT_ONCE)
        return await self._committer.run(lambda cursor: cursor.execute(SQL["jobs_prune"], parameters).rowcount)

    async def _held(self, statement: str, job: Job, *values: Any) -> bool:
        return await self._committer.run(lambda cursor: _change(cursor, statement, job, *values))


def _lease(cursor: sqlite3.Cursor, limit: int, now: datetime, until: datetime) -> Sequence[Job]:
    due = cursor.execute(SQL["jobs_due"], (instant(now), limit)).fetchall()
    cursor.execute(SQL["jobs_lease"], (instant(until), to_json([row[0] for row in due])))
    return [leased_from(row, until) for row in due]


def _finish(jobs: Sequence[Job], at: str, cursor: sqlite3.Cursor) -> set[Lease]:
    """Mark jobs done; answer the leases that were still held."""
    leases = to_json([(position_of(job.id), job.lease) for job in jobs])
    held = set(cursor.execute(SQL["jobs_finish"], (at, leases)).fetchall())
    keys = {job.ordering_key for job in jobs if job.ordering_key}
    cursor.executemany(SQL["job_promote"], [(key,) for key in sorted(keys)])
    return held


def _change(cursor: sqlite3.Cursor, statement: str, job: Job, *values: Any) -> bool:
    """Change a job whose lease is still held, and let the next of its key through when it is over."""
    cursor.execute(SQL[statement], (*values, position_of(job.id), job.lease))
    held = cursor.rowcount == 1
    if held and job.ordering_key and statement == "job_bury":
        cursor.execute(SQL["job_promote"], (job.ordering_key,))
    return held
