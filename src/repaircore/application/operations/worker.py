"""The worker: takes due jobs, runs their handlers, and decides what happens when one fails."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import field, frozen

from repaircore.application.operations.batch import Batch, Pace
from repaircore.domain.errors import DomainError
from repaircore.ports.clock import Clock
from repaircore.ports.errors import Conflict, InvalidResponse, Rejected, Unavailable, Unsupported
from repaircore.ports.ids import Ids
from repaircore.ports.jobs import Job, JobQueue, NewJob
from repaircore.ports.notifications import TemplateError
from repaircore.ports.unit_of_work import UnitOfWorkFactory

Handler = Callable[[Job], Awaitable[None]]
FailureReport = Callable[[Job, Exception, bool], None]
"""Told of every failed job, the error, and whether the job is dead now."""

# Another try cannot help with these: a person has to look.
HOPELESS = (Rejected, Unsupported, InvalidResponse, TemplateError, DomainError)


class UnknownJob(DomainError):
    """A job that nobody here knows how to do."""

    code = "unknown_job"


@frozen
class Backoff:
    """How long to wait before the next try: doubling from `first` to `longest` seconds, with up to half of it taken off by chance."""

    first: float = 2.0
    longest: float = 3600.0
    attempts: int = 12

    def seconds(self, attempts: int, *, chance: float) -> float:
        """Answer the delay after that many attempts; `chance` is in [0, 1)."""
        full = min(self.longest, self.first * 2.0 ** min(attempts - 1, 30))
        return full * (1 - chance / 2)


@frozen
class Periodic:
    """A job that falls due every so many seconds, once across all workers."""

    name: str
    every: float

    def at(self, now: datetime) -> NewJob:
        """The job of the period that `now` lies in; its unique key makes it one however many workers ask."""
        return NewJob(name=self.name, unique_key=f"periodic/{self.name}/{int(now.timestamp() // self.every)}")


@frozen
class Worker:
    """Drains a queue, up to `concurrency` jobs at a time. At least once: every handler must be safe to repeat.

    While jobs are quick, up to `most` are taken at once, because taking and finishing a hundred costs little more than one.
    """

    queue: JobQueue
    handlers: Mapping[str, Handler]
    unit_of_work: UnitOfWorkFactory
    clock: Clock
    ids: Ids
    periodic: Sequence[Periodic] = ()
    backoff: Backoff = Backoff()
    concurrency: int = 16
    most: int = 256
    lease_seconds: float = 60.0
    longest_rest: float = 5.0
    on_failure: FailureReport = lambda job, error, dead: None
    _periods: dict[str, str] = field(factory=dict, init=False)
    _pace: Pace = field(init=False)

    @_pace.default
    def _begin(self) -> Pace:
        return Pace(self.concurrency, self.most)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; then finish what is begun, and give back what is not. Cancelled, give back all of it."""
        while not stop.is_set():
            if not await self.drain_once(stop):
                await self._rest(stop)

    async def drain(self) -> int:
        """Work until nothing is due at the clock's present moment; answer how many jobs were handled."""
        handled = 0
        while count := await self.drain_once():
            handled += count
        return handled

    async def drain_once(self, stop: asyncio.Event | None = None) -> int:
        """Take one batch of due jobs and handle it; answer how many. Once told to stop, begin none of them."""
        await self._enqueue_periodic()
        started = self.clock.now()
        jobs = await self.queue.lease(self._pace.jobs, now=started, seconds=self.lease_seconds)
        if jobs:
            await self._handle_all(jobs, stop or asyncio.Event())
            self._pace.went(len(jobs), self.clock.now() - started)
        return len(jobs)

    async def _handle_all(self, jobs: Sequence[Job], stop: asyncio.Event) -> None:
        batch = Batch(self.queue, self.clock, self.lease_seconds, jobs, stop)
        keeping = asyncio.create_task(batch.keep())
        hands = [self._work_through(batch) for _ in range(min(self.concurrency, len(jobs)))]
        try:
            # Whoever fails leaves the others at their jobs.
            outcomes = await asyncio.gather(*hands, return_exceptions=True)
            await batch.settled()
            for error in filter(None, outcomes):
                raise error
        except asyncio.CancelledError:
            await batch.cut_off()
            raise
        finally:
            keeping.cancel()
            await batch.give_back()

    async def _work_through(self, batch: Batch) -> None:
        while (job := await batch.next_one()) is not None:
            try:
                await self._handler(job)(job)
            except Exception as error:
                await self._failed(job, error)
                batch.over(job)
            else:
                batch.finished(job)

    def _handler(self, job: Job) -> Handler:
        if job.name not in self.handlers:
            raise UnknownJob(f"no handler for job {job.name!r}: it was enqueued by another version of this program")
        return self.handlers[job.name]

    async def _failed(self, job: Job, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"[:500]
        dead = isinstance(error, HOPELESS) or (
            job.attempts >= self.backoff.attempts and not isinstance(error, Conflict)
        )
        self.on_failure(job, error, dead)
        if dead:
            await self.queue.bury(job, now=self.clock.now(), error=reason)
            return
        delay = self.backoff.seconds(job.attempts, chance=self.ids.number(16) / 2**16)
        if isinstance(error, Unavailable) and error.retry_after is not None:
            delay = max(delay, error.retry_after)
        await self.queue.retry(job, run_at=self.clock.now() + timedelta(seconds=delay), error=reason)

    async def _enqueue_periodic(self) -> None:
        now = self.clock.now()
        due = [job for job in (each.at(now) for each in self.periodic) if self._periods.get(job.name) != job.unique_key]
        if not due:
            return
        async with self.unit_of_work() as work:
            work.enqueue(*due)
            await work.commit(now=True)
        self._periods.update((job.name, job.unique_key) for job in due)

    async def _rest(self, stop: asyncio.Event) -> None:
        due = await self.queue.next_due()
        soon = self.longest_rest if due is None else max(0.0, (due - self.clock.now()).total_seconds())
        seconds = min(self.longest_rest, soon)
        waiting = asyncio.ensure_future(self.queue.wait(seconds))
        stopping = asyncio.ensure_future(stop.wait())
        _, pending = await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
