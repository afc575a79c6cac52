"""The work that events cause: enqueued with the change that caused it, done at least once, its effect once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from attrs import field, frozen

from repaircore.domain.identity import JobId

JobValue = str | int | bool | None


class JobState(StrEnum):
    """Where a job is. `leased` falls back to `queued` when its lease runs out."""

    QUEUED = "queued"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"


@frozen(kw_only=True)
class NewJob:
    """Work to do. `ordering_key`: jobs of one key run one at a time, in the order of enqueuing; one that is put back for later
    holds up the others, a dead one does not. `unique_key`: enqueued at most once, for as long as the job is remembered."""

    name: str
    payload: Mapping[str, JobValue] = field(factory=dict)
    run_at: datetime | None = None  # None: at once
    ordering_key: str = ""
    unique_key: str = ""


@frozen(kw_only=True)
class Job:
    """A job as the queue holds it. `attempts` counts the leases given out so far, this one included, and begins anew with a
    replay; `lease` counts them all, so that a lease that was lost is never mistaken for the one that took its place."""

    id: JobId
    name: str
    payload: Mapping[str, JobValue]
    state: JobState
    run_at: datetime
    attempts: int
    lease: int = 0
    ordering_key: str = ""
    leased_until: datetime | None = None
    last_error: str = ""
    created_at: datetime


class JobQueue(Protocol):
    """The worker's side of the queue; enqueuing is the unit of work's. Times are the clock's, given by the caller.

    `finish`, `retry` and `bury` answer False when the lease was lost meanwhile: somebody else has the job, leave it alone.
    """

    async def lease(self, limit: int, *, now: datetime, seconds: float) -> Sequence[Job]:
        """Take up to `limit` due jobs, oldest first, for that long; at most one of each ordering key, never past an earlier one."""
        ...

    async def extend(self, job: Job, *, until: datetime) -> bool:
        """Keep a job longer."""
        ...

    async def finish(self, job: Job, *, now: datetime) -> bool:
        """Mark it done."""
        ...

    async def finish_all(self, jobs: Sequence[Job], *, now: datetime) -> int:
        """Mark them all done together, which costs less; answer how many of the leases were still held."""
        ...

    async def retry(self, job: Job, *, run_at: datetime, error: str) -> bool:
        """Put it back for later."""
        ...

    async def bury(self, job: Job, *, now: datetime, error: str) -> bool:
        """Give it up: dead until somebody replays it."""
        ...

    async def find(self, *, state: JobState | None = None, name: str = "", limit: int = 100) -> Sequence[Job]:
        """List jobs, newest first."""
        ...

    async def replay(self, job_id: JobId, *, now: datetime) -> bool:
        """Queue a dead job again with its attempts forgotten, behind the one at hand of its ordering key; False when it is not
        dead."""
        ...

    async def next_due(self) -> datetime | None:
        """Say when the next job that could be taken falls due (a lease running out counts); None when nothing waits."""
        ...

    async def lag(self, *, now: datetime) -> float:
        """Say for how many seconds the oldest job that could be taken has been waiting; 0 when none is."""
        ...

    async def wait(self, seconds: float) -> None:
        """Come back at once when a commit of this process enqueues something, or did since the last `lease`; at the latest
        after that long, by the clock."""
        ...

    async def prune(self, *, done_before: datetime) -> int:
        """Forget done jobs older than that; answer how many."""
        ...
