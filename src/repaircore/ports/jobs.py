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
    """Work to do. `ordering_key`: jobs of one key run one at a time, in the order of enqueuing. `unique_key`: enqueued at most once."""

    name: str
    payload: Mapping[str, JobValue] = field(factory=dict)
    run_at: datetime | None = None  # None: at once
    ordering_key: str = ""
    unique_key: str = ""


@frozen(kw_only=True)
class Job:
    """A job as the queue holds it. `attempts` counts the leases given out so far, this one included."""

    id: JobId
    name: str
    payload: Mapping[str, JobValue]
    state: JobState
    run_at: datetime
    attempts: int
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
        """Queue a dead job again with its attempts forgotten; False when it is not dead."""
        ...

    async def next_due(self) -> datetime | None:
        """Say when the next job falls due (a lease running out counts); None when nothing waits."""
        ...

    async def lag(self, *, now: datetime) -> float:
        """Say for how many seconds the oldest due job has been waiting; 0 when none is."""
        ...

    async def wait(self, seconds: float) -> None:
        """Come back at once when a commit of this process enqueues something, at the latest after that long."""
        ...

    async def prune(self, *, done_before: datetime) -> int:
        """Forget done jobs older than that; answer how many."""
        ...
