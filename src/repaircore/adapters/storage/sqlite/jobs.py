"""The job queue on SQLite: one table, drained in batches. What is due is one short walk along an index."""

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from repaircore.adapters.storage.encoding import from_instant, instant, to_json
from repaircore.adapters.storage.jobs import job_from, leased_from, position_of
from repaircore.adapters.storage.sqlite.committer import Committer
from repaircore.adapters.storage.sqlite.reader import Reader
from repaircore.adapters.storage.sqlite.sql import SQL
from repaircore.adapters.storage.waking import Waking
from repaircore.domain.identity import JobId
from repaircore.ports.jobs import Job, JobState

_PRUNED_AT_ONCE: Final = 500

Lease = tuple[int, int]
"""A job's place, and which of its leases."""


class SqliteJobs:
    """The worker's side of the queue. `Job.lease` tells a lease that was lost from the one that took its place."""

    def __init__(self, reader: Reader, committer: Committer, waking: Waking) -> None:
        self._reader = reader
        self._committer = committer
        self._waking = waking
        self._finished: list[Job] = []
        self._finishing: asyncio.Future[set[Lease]]

    async def lease(self, limit: int, *, now: datetime, seconds: float) -> Sequence[Job]:
        """Take up to `limit` due jobs, oldest first, for that long."""
        self._waking.look()
        if not await self._reader.all("jobs_due", (instant(now), 1)):
            return []
        return await self._committer.run(lambda cursor: _lease(cursor, limit, now, now + timedelta(seconds=seconds)))

    async def extend(self, job: Job, *, until: datetime) -> bool:
        """Keep a job longer."""
        return await self._held("job_extend", job, instant(until))

    async def finish(self, job: Job, *, now: datetime) -> bool:
        """Mark it done, together with whatever else is finished at this moment."""
        self._finished.append(job)
        if len(self._finished) == 1:
            self._finishing = asyncio.ensure_future(self._finish(now))
        return (position_of(job.id), job.lease) in await asyncio.shield(self._finishing)

    async def finish_all(self, jobs: Sequence[Job], *, now: datetime) -> int:
        """Mark them all done in one transaction; answer how many of the leases were still held."""
        return len(await self._committer.run(partial(_finish, jobs, instant(now))))

    async def _finish(self, now: datetime) -> set[Lease]:
        jobs, self._finished = self._finished, []
        return await self._committer.run(partial(_finish, jobs, instant(now)))

    async def retry(self, job: Job, *, run_at: datetime, error: str) -> bool:
        """Put it back for later."""
        return await self._held("job_retry", job, instant(run_at), instant(run_at), error)

    async def bury(self, job: Job, *, now: datetime, error: str) -> bool:
        """Give it up."""
        return await self._held("job_bury", job, error, instant(now))

    async def find(self, *, state: JobState | None = None, name: str = "", limit: int = 100) -> Sequence[Job]:
        """List jobs, newest first."""
        statement = "jobs" + ("_state" if state else "") + ("_name" if name else "")
        wanted = [part for part in (state.value if state else "", name) if part]
        return [job_from(row) for row in await self._reader.far(statement, (*wanted, limit))]

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
        parameters = (instant(done_before), _PRUNED_AT_ONCE)
        pruned = 0
        while True:
            few = await self._committer.run(lambda cursor: cursor.execute(SQL["jobs_prune"], parameters).rowcount)
            pruned += few
            if few < _PRUNED_AT_ONCE:
                return pruned

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
