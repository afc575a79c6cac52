"""The worker: how many jobs at a time, whose leases are kept, and what a batch costs."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from attrs import define, evolve, field
from hypothesis import given
from hypothesis import strategies as st

from repaircore.adapters.storage.memory.jobs import MemoryJobs
from repaircore.application.operations.batch import Pace
from repaircore.application.operations.worker import Worker
from repaircore.ports.errors import Unavailable
from repaircore.ports.jobs import Job, JobState, NewJob
from tests.unit.application.conftest import Shop

JOB = "tests.job"
CONCURRENCY, MOST = 4, 32


@define
class Handler:
    """Counts what runs side by side; every job waits until it is let go."""

    open: bool = True
    running: int = 0
    most: int = 0
    handled: list[Job] = field(factory=list)
    _gate: asyncio.Event = field(factory=asyncio.Event)

    async def __call__(self, job: Job) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        await (asyncio.sleep(0) if self.open else self._gate.wait())
        self.running -= 1
        self.handled.append(job)

    def let_go(self) -> None:
        """Let every job end."""
        self.open = True
        self._gate.set()


@define
class Counted:
    """A queue that tells how often jobs were taken and finished."""

    inner: MemoryJobs
    taken: list[int] = field(factory=list)
    finished: list[int] = field(factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    async def lease(self, limit: int, *, now: datetime, seconds: float) -> Sequence[Job]:
        jobs = await self.inner.lease(limit, now=now, seconds=seconds)
        self.taken.append(len(jobs))
        return jobs

    async def finish_all(self, jobs: Sequence[Job], *, now: datetime) -> int:
        self.finished.append(len(jobs))
        return await self.inner.finish_all(jobs, now=now)


async def enqueued(shop: Shop, count: int) -> None:
    async with shop.storage.unit_of_work() as work:
        work.enqueue(*(NewJob(name=JOB) for _ in range(count)))
        await work.commit()


def worker(shop: Shop, handler: Handler, queue: Counted) -> Worker:
    return evolve(
        shop.core.operations.worker,
        queue=queue,  # type: ignore[arg-type]
        handlers={JOB: handler},
        periodic=(),
        concurrency=CONCURRENCY,
        most=MOST,
        lease_seconds=10.0,
    )


async def test_quick_jobs_are_taken_many_at_once(shop: Shop) -> None:
    """A hundred quick jobs cost few leases and few commits, and still only some run side by side."""
    await enqueued(shop, 100)
    handler, queue = Handler(), Counted(shop.storage.jobs)

    handled = await worker(shop, handler, queue).drain()

    assert handled == len(handler.handled) == 100
    assert queue.taken == [4, 8, 16, 32, 32, 8, 0]
    assert handler.most == CONCURRENCY
    assert sum(queue.finished) == 100
    assert not await shop.storage.jobs.find(state=JobState.LEASED)


async def test_what_waits_in_a_batch_is_kept(shop: Shop) -> None:
    """While the first jobs of a batch take long, the leases of those behind them do not run out."""
    await enqueued(shop, MOST + 12)
    handler, queue = Handler(), Counted(shop.storage.jobs)
    working = worker(shop, handler, queue)
    for _ in range(2):
        await working.drain_once()
    handler.open = False

    batch = asyncio.create_task(working.drain_once())
    for _ in range(8):
        await settled()
        shop.clock.advance(timedelta(seconds=5))
    await settled()
    others = await shop.storage.jobs.lease(100, now=shop.clock.now(), seconds=10)
    handler.let_go()
    await batch

    assert len(others) == MOST + 12 - sum(queue.taken)
    assert len(handler.handled) == sum(queue.taken)
    assert len(await shop.storage.jobs.find(state=JobState.DONE)) == sum(queue.taken)


@define
class Keeping(Counted):
    """A mistake: leases are not given back."""

    async def extend(self, job: Job, *, until: datetime) -> bool:
        return True


@pytest.mark.parametrize(("queues", "free"), [(Counted, 4), (Keeping, 0)])
async def test_told_to_stop_in_the_middle(shop: Shop, queues: type[Counted], free: int) -> None:
    """What was begun is finished, and what was not is free for others at once; a queue that keeps it is caught."""
    await enqueued(shop, 12)
    handler, queue, stop = Handler(), queues(shop.storage.jobs), asyncio.Event()
    working = worker(shop, handler, queue)
    await working.drain_once()
    handler.open = False

    batch = asyncio.create_task(working.drain_once(stop))
    await settled()
    stop.set()
    handler.let_go()
    await batch
    others = await shop.storage.jobs.lease(100, now=shop.clock.now(), seconds=10)

    assert queue.taken == [4, 8]
    assert len(await shop.storage.jobs.find(state=JobState.DONE)) == 8
    assert len(others) == free


async def test_cut_off_in_the_middle(shop: Shop) -> None:
    """What was finished is done; what was not, begun or not, is free for others at once."""
    await enqueued(shop, CONCURRENCY)
    handler, queue = Handler(open=False), Counted(shop.storage.jobs)

    batch = asyncio.create_task(worker(shop, handler, queue).drain_once())
    await settled()
    batch.cancel()
    await asyncio.gather(batch, return_exceptions=True)
    others = await shop.storage.jobs.lease(100, now=shop.clock.now(), seconds=10)

    assert batch.cancelled()
    assert not handler.handled
    assert len(others) == CONCURRENCY


@define
class Shaky(Counted):
    """A queue that cannot be reached for a while."""

    away: bool = False

    async def extend(self, job: Job, *, until: datetime) -> bool:
        self._must_be_there()
        return await self.inner.extend(job, until=until)

    async def retry(self, job: Job, *, run_at: datetime, error: str) -> bool:
        self._must_be_there()
        return await self.inner.retry(job, run_at=run_at, error=error)

    def _must_be_there(self) -> None:
        if self.away:
            raise Unavailable("the database is away")


async def test_a_queue_that_is_away_at_half_time(shop: Shop) -> None:
    """The lease is kept all the same, as soon as the queue is back: nobody else takes up what is still in hand."""
    await enqueued(shop, 1)
    handler, queue = Handler(open=False), Shaky(shop.storage.jobs)

    batch = asyncio.create_task(worker(shop, handler, queue).drain_once())
    others: list[Job] = []
    for second in range(30):
        await settled()
        queue.away = 4 <= second <= 6
        shop.clock.advance(timedelta(seconds=1))
        await settled()
        others += await shop.storage.jobs.lease(100, now=shop.clock.now(), seconds=10)
    handler.let_go()
    await batch

    assert not others
    assert len(await shop.storage.jobs.find(state=JobState.DONE)) == 1


async def test_a_job_that_cannot_be_put_back(shop: Shop) -> None:
    """The worker hears of it when what else it has in hand is done: until then that is kept, and nothing more is taken."""
    await enqueued(shop, 2)
    handler, queue = Handler(open=False), Shaky(shop.storage.jobs, away=True)

    async def handle(job: Job) -> None:
        if handler.running:
            raise Unavailable("the provider is away")
        await handler(job)

    working = evolve(worker(shop, handler, queue), handlers={JOB: handle})
    batch = asyncio.create_task(working.drain_once())
    await settled()
    went_on = not batch.done()
    queue.away = False
    shop.clock.advance(timedelta(seconds=9))
    await settled()
    handler.let_go()
    (heard,) = await asyncio.gather(batch, return_exceptions=True)

    assert went_on
    assert isinstance(heard, Unavailable)
    assert len(await shop.storage.jobs.find(state=JobState.DONE)) == 1


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


PACES = st.lists(st.tuples(st.booleans(), st.floats(0, 0.5)), max_size=30)


@given(concurrency=st.integers(1, 64), most=st.integers(1, 256), batches=PACES)
def test_the_pace_stays_within_its_bounds(concurrency: int, most: int, batches: list[tuple[bool, float]]) -> None:
    """At least as many as are handled at a time, at most what is allowed; after a slow batch no more than the least."""
    pace = Pace(concurrency, most)
    for full, seconds in batches:
        pace.went(pace.jobs if full else pace.jobs - 1, timedelta(seconds=seconds))

        assert concurrency <= pace.jobs <= max(concurrency, most)
        assert seconds <= 0.1 or pace.jobs == concurrency
