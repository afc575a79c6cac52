"""The job queue in memory."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from attrs import evolve

from repaircore.adapters.storage.jobs import job_id, position_of
from repaircore.adapters.storage.memory.state import Held, State
from repaircore.adapters.storage.waking import Waking
from repaircore.domain.identity import JobId
from repaircore.ports.jobs import Job, JobState, NewJob


def enqueue(state: State, new: NewJob, now: datetime) -> None:
    """Add a job, unless its unique key is known; one with an ordering key waits until those before it are over."""
    place = state.counters.get("jobs", 0) + 1
    state.put(state.counters, "jobs", place)
    if new.unique_key and any(held.unique_key == new.unique_key for held in state.jobs.values()):
        return
    run_at = new.run_at or now
    job = Job(
        id=job_id(place),
        name=new.name,
        payload=dict(new.payload),
        state=JobState.QUEUED,
        run_at=run_at,
        attempts=0,
        ordering_key=new.ordering_key,
        created_at=now,
    )
    due_at = None if _unfinished(state, new.ordering_key) else run_at
    state.put(state.jobs, place, Held(job, due_at, new.unique_key))


def _unfinished(state: State, ordering_key: str) -> list[int]:
    """Answer the places of the jobs of that key that are not over."""
    if not ordering_key:
        return []
    held = state.jobs.items()
    return [place for place, each in held if each.job.ordering_key == ordering_key and each.finished_at is None]


class MemoryJobs:
    """The worker's side of the queue."""

    def __init__(self, state: State, waking: Waking) -> None:
        self._state = state
        self._waking = waking

    async def lease(self, limit: int, *, now: datetime, seconds: float) -> Sequence[Job]:
        """Take up to `limit` due jobs, oldest first, for that long."""
        self._waking.look()
        until = now + timedelta(seconds=seconds)
        waiting = [(held.due_at, place) for place, held in self._state.jobs.items() if held.due_at is not None]
        return [self._leased(place, until) for due_at, place in sorted(waiting)[:limit] if due_at <= now]

    def _leased(self, place: int, until: datetime) -> Job:
        held = self._state.jobs[place]
        attempts, lease = held.job.attempts + 1, held.job.lease + 1
        job = evolve(held.job, state=JobState.LEASED, leased_until=until, attempts=attempts, lease=lease)
        self._state.jobs[place] = evolve(held, job=job, due_at=until)
        return job

    async def extend(self, job: Job, *, until: datetime) -> bool:
        """Keep a job longer."""
        return self._change(job, lambda held: evolve(held, job=evolve(held.job, leased_until=until), due_at=until))

    async def finish(self, job: Job, *, now: datetime) -> bool:
        """Mark it done."""
        return self._change(job, lambda held: _over(held, JobState.DONE, now, ""))

    async def finish_all(self, jobs: Sequence[Job], *, now: datetime) -> int:
        """Mark them all done together; answer how many of the leases were still held."""
        return sum([await self.finish(job, now=now) for job in jobs])

    async def retry(self, job: Job, *, run_at: datetime, error: str) -> bool:
        """Put it back for later."""

        def back(held: Held) -> Held:
            waiting = evolve(held.job, state=JobState.QUEUED, run_at=run_at, leased_until=None, last_error=error)
            return evolve(held, job=waiting, due_at=run_at)

        return self._change(job, back)

    async def bury(self, job: Job, *, now: datetime, error: str) -> bool:
        """Give it up."""
        return self._change(job, lambda held: _over(held, JobState.DEAD, now, error))

    async def find(self, *, state: JobState | None = None, name: str = "", limit: int = 100) -> Sequence[Job]:
        """List jobs, newest first."""
        newest_first = (self._state.jobs[place].job for place in sorted(self._state.jobs, reverse=True))
        found = (job for job in newest_first if state in (None, job.state) and name in ("", job.name))
        return [job for job, _ in zip(found, range(limit), strict=False)]

    async def replay(self, job_id: JobId, *, now: datetime) -> bool:
        """Queue a dead job again; False when it is not dead."""
        place = position_of(job_id)
        held = self._state.jobs.get(place)
        if held is None or held.job.state is not JobState.DEAD:
            return False
        job = evolve(held.job, state=JobState.QUEUED, run_at=now, attempts=0)
        due_at = None if _unfinished(self._state, job.ordering_key) else now
        self._state.jobs[place] = Held(job, due_at, held.unique_key)
        self._waking.wake()
        return True

    async def next_due(self) -> datetime | None:
        """Say when the next job falls due."""
        return min((held.due_at for held in self._state.jobs.values() if held.due_at is not None), default=None)

    async def lag(self, *, now: datetime) -> float:
        """Say for how many seconds the oldest due job has been waiting."""
        due = await self.next_due()
        return 0.0 if due is None else max(0.0, (now - due).total_seconds())

    async def wait(self, seconds: float) -> None:
        """Come back at once when something was enqueued since the last `lease`, at the latest after that long."""
        await self._waking.wait(seconds)

    async def prune(self, *, done_before: datetime) -> int:
        """Forget done jobs older than that."""
        old = [
            place
            for place, held in self._state.jobs.items()
            if held.job.state is JobState.DONE and held.finished_at is not None and held.finished_at < done_before
        ]
        for place in old:
            del self._state.jobs[place]
        return len(old)

    def _change(self, job: Job, change: Callable[[Held], Held]) -> bool:
        """Change a job whose lease is still held, and let the next of its key through when it is over."""
        place = position_of(job.id)
        held = self._state.jobs.get(place)
        if held is None or held.job.state is not JobState.LEASED or held.job.lease != job.lease:
            return False
        changed = self._state.jobs[place] = change(held)
        if changed.finished_at is not None:
            self._promote(job.ordering_key)
        return True

    def _promote(self, ordering_key: str) -> None:
        waiting = _unfinished(self._state, ordering_key)
        if waiting:
            first = self._state.jobs[min(waiting)]
            self._state.jobs[min(waiting)] = evolve(first, due_at=first.job.run_at)


def _over(held: Held, state: JobState, at: datetime, error: str) -> Held:
    job = evolve(held.job, state=state, leased_until=None, last_error=error)
    return evolve(held, job=job, due_at=None, finished_at=at)
