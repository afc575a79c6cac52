"""What every job queue must do, judged by what its workers are given.

Subclass `JobQueueContract` in your tests and give it the `harness` fixture of the storage contract: jobs are enqueued in a unit of
work, and taken from the same storage's queue.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from repaircore.domain.identity import JobId
from repaircore.ports.errors import Conflict
from repaircore.ports.jobs import Job, JobState, JobValue, NewJob
from repaircore.testing.storage.harness import StorageHarness, committed
from repaircore.testing.storage.values import NOON, a_booking, confirmed

LEASE = 60.0
PATIENCE = 10.0  # seconds of real time after which something that should happen at once did not


def after(seconds: float) -> datetime:
    """That long after noon."""
    return NOON + timedelta(seconds=seconds)


async def enqueue(harness: StorageHarness, *jobs: NewJob) -> None:
    """Enqueue jobs, one transaction each."""
    for job in jobs:
        async with committed(harness) as work:
            work.enqueue(job)


async def take(harness: StorageHarness, limit: int = 100, *, at: float = 0) -> Sequence[Job]:
    """Lease for a minute, that long after noon."""
    return await harness.storage.jobs.lease(limit, now=after(at), seconds=LEASE)


def names(jobs: Sequence[Job]) -> list[str]:
    """Answer their names."""
    return [job.name for job in jobs]


def named(*wanted: str, ordering_key: str = "") -> list[NewJob]:
    """Jobs of those names, due at noon."""
    return [NewJob(name=name, run_at=NOON, ordering_key=ordering_key) for name in wanted]


class LeaseContract:
    """Taking jobs, and giving them back."""

    async def test_a_job_comes_as_it_was_enqueued(self, harness: StorageHarness) -> None:
        """Name, payload and time are what the unit of work said."""
        payload: dict[str, JobValue] = {"text": 'Zoë "x"', "number": 7, "yes": True, "none": None}
        await enqueue(harness, NewJob(name="mail", payload=payload, run_at=NOON, ordering_key="bk_1"))

        (job,) = await take(harness)

        assert (job.name, job.payload, job.run_at, job.ordering_key) == ("mail", payload, NOON, "bk_1")
        assert (job.state, job.attempts, job.leased_until) == (JobState.LEASED, 1, after(LEASE))
        assert job.created_at == harness.clock.now()

    async def test_a_job_waits_for_its_time(self, harness: StorageHarness) -> None:
        """It is given out at its time and not before; one without a time is due at once."""
        await enqueue(harness, NewJob(name="later", run_at=after(10)), NewJob(name="now"))
        now = harness.clock.now()

        assert names(await harness.storage.jobs.lease(9, now=now, seconds=1e9)) == ["now"]
        assert names(await take(harness, at=9.999)) == []
        assert names(await take(harness, at=10)) == ["later"]

    async def test_oldest_first_and_no_more_than_asked(self, harness: StorageHarness) -> None:
        """What has been due for longest comes first; what fell due together, in the order of enqueuing."""
        await enqueue(harness, NewJob(name="third", run_at=after(2)), *named("first", "second"))

        assert names(await take(harness, 2, at=5)) == ["first", "second"]
        assert names(await take(harness, 2, at=5)) == ["third"]

    async def test_two_workers_never_have_the_same_job(self, harness: StorageHarness) -> None:
        """However many take at once, each job goes to one of them."""
        await enqueue(harness, *named(*(f"job {number}" for number in range(60))))

        taken = await asyncio.gather(*(take(harness, 10) for _ in range(10)))

        given = [job.id for jobs in taken for job in jobs]
        assert len(given) == len(set(given)) == 60

    async def test_a_lost_lease(self, harness: StorageHarness) -> None:
        """When a lease runs out another worker gets the job, and the first one can no longer do anything to it."""
        await enqueue(harness, *named("mail"))
        (slow,) = await take(harness)

        assert await take(harness, at=LEASE - 0.001) == []
        (fast,) = await take(harness, at=LEASE)

        jobs = harness.storage.jobs
        assert (fast.id, fast.attempts) == (slow.id, 2)
        assert not await jobs.extend(slow, until=after(900))
        assert not await jobs.finish(slow, now=after(LEASE))
        assert not await jobs.retry(slow, run_at=after(LEASE), error="slow")
        assert not await jobs.bury(slow, now=after(LEASE), error="slow")
        assert await jobs.finish_all([slow], now=after(LEASE)) == 0
        assert list(await jobs.find()) == [fast]

    async def test_a_late_worker_that_nobody_replaced(self, harness: StorageHarness) -> None:
        """A lease that ran out still counts as long as nobody else took the job."""
        await enqueue(harness, *named("mail"))
        (job,) = await take(harness)

        assert await harness.storage.jobs.finish(job, now=after(2 * LEASE))
        assert await take(harness, at=3 * LEASE) == []

    async def test_extending_a_lease(self, harness: StorageHarness) -> None:
        """A worker that needs longer keeps its job until then."""
        await enqueue(harness, *named("mail"))
        (job,) = await take(harness)

        assert await harness.storage.jobs.extend(job, until=after(2 * LEASE))

        assert await take(harness, at=2 * LEASE - 1) == []
        assert await harness.storage.jobs.finish(job, now=after(2 * LEASE - 1))

    async def test_finished_jobs_are_done(self, harness: StorageHarness) -> None:
        """A finished job is never given out again, and cannot be finished twice."""
        await enqueue(harness, *named("one", "two", "three"))
        one, two, three = await take(harness)
        jobs = harness.storage.jobs

        assert await jobs.finish(one, now=NOON)
        assert not await jobs.finish(one, now=NOON)
        assert await jobs.finish_all([one, two, three], now=NOON) == 2
        assert await jobs.finish_all([], now=NOON) == 0

        assert await take(harness, at=1e6) == []
        assert [job.state for job in await jobs.find()] == [JobState.DONE] * 3

    async def test_trying_again_later(self, harness: StorageHarness) -> None:
        """A job that is put back comes at the time said, knows its attempts and what went wrong, and only then."""
        await enqueue(harness, *named("mail"))
        (job,) = await take(harness)

        assert await harness.storage.jobs.retry(job, run_at=after(10), error="Unavailable: try later")

        assert await take(harness, at=9) == []
        (again,) = await take(harness, at=10)
        assert (again.attempts, again.run_at, again.last_error) == (2, after(10), "Unavailable: try later")

    async def test_enqueued_with_its_cause(self, harness: StorageHarness) -> None:
        """A unit of work that fails leaves no job behind."""
        async with harness.storage.unit_of_work() as work:
            work.enqueue(*named("mail"))
            work.bookings.save(*confirmed(a_booking()))
            with pytest.raises(Conflict):
                await work.commit()

        assert await harness.storage.jobs.find() == []


class DeadLetterContract:
    """Jobs that are given up."""

    async def test_a_dead_job_rests(self, harness: StorageHarness) -> None:
        """A buried job is not given out, and can be found with its error."""
        await enqueue(harness, *named("mail"))
        (job,) = await take(harness)

        assert await harness.storage.jobs.bury(job, now=NOON, error="Rejected: no such address")

        assert await take(harness, at=1e6) == []
        (dead,) = await harness.storage.jobs.find(state=JobState.DEAD)
        assert (dead.id, dead.last_error, dead.attempts) == (job.id, "Rejected: no such address", 1)

    async def test_replaying_a_dead_job(self, harness: StorageHarness) -> None:
        """It is due at once, with all its attempts before it; whoever had it in its first life has no say in the second."""
        await enqueue(harness, *named("mail"))
        (job,) = await take(harness)
        await harness.storage.jobs.bury(job, now=NOON, error="no")

        assert await harness.storage.jobs.replay(job.id, now=after(5))

        (again,) = await take(harness, at=5)
        assert (again.id, again.attempts) == (job.id, 1)
        assert not await harness.storage.jobs.finish(job, now=after(5))
        assert await harness.storage.jobs.finish(again, now=after(5))

    async def test_only_the_dead_are_replayed(self, harness: StorageHarness) -> None:
        """Queued, leased, done and unknown jobs are not."""
        await enqueue(harness, *named("done", "leased"), NewJob(name="queued", run_at=after(1)))
        done, leased = await take(harness)
        await harness.storage.jobs.finish(done, now=NOON)
        (queued,) = await harness.storage.jobs.find(state=JobState.QUEUED)

        for each in (done.id, leased.id, queued.id, JobId("job_none"), JobId("job_999999")):
            assert not await harness.storage.jobs.replay(each, now=NOON)

        assert await take(harness) == []


class OrderContract:
    """Jobs that belong behind each other, and jobs that exist once."""

    async def test_one_of_a_key_at_a_time(self, harness: StorageHarness) -> None:
        """Jobs of one key come in the order of enqueuing, each when the one before is done; other keys do not wait."""
        await enqueue(
            harness, *named("a1", "a2", "a3", ordering_key="a"), *named("b1", "b2", ordering_key="b"), *named("free")
        )

        seen = []
        while taken := await take(harness):
            seen.append(names(taken))
            for job in taken:
                await harness.storage.jobs.finish(job, now=NOON)

        assert seen == [["a1", "b1", "free"], ["a2", "b2"], ["a3"]]

    async def test_one_of_a_key_in_batches(self, harness: StorageHarness) -> None:
        """Finishing many together lets the next of every key through."""
        await enqueue(harness, *named("a1", "a2", ordering_key="a"), *named("b1", "b2", ordering_key="b"))

        await harness.storage.jobs.finish_all(await take(harness), now=NOON)

        assert names(await take(harness)) == ["a2", "b2"]

    async def test_the_first_of_a_key_holds_up_the_rest(self, harness: StorageHarness) -> None:
        """While it waits for its time, is leased, lost, or put back for later, nothing overtakes it."""
        first = NewJob(name="first", run_at=after(10), ordering_key="a")
        await enqueue(harness, first, *named("second", ordering_key="a"))

        assert await take(harness, at=9) == []
        (job,) = await take(harness, at=10)
        assert await take(harness, at=10 + LEASE - 1) == []
        (job,) = await take(harness, at=10 + LEASE)
        await harness.storage.jobs.retry(job, run_at=after(900), error="later")

        assert await take(harness, at=899) == []
        assert names(await take(harness, at=900)) == ["first"]

    async def test_a_dead_job_holds_up_nobody(self, harness: StorageHarness) -> None:
        """The next of its key goes on; when the dead one is replayed it waits until that is over, then goes first."""
        await enqueue(harness, *named("dies", "second", "third", ordering_key="a"))
        (dies,) = await take(harness)
        await harness.storage.jobs.bury(dies, now=NOON, error="no")
        (second,) = await take(harness)

        await harness.storage.jobs.replay(dies.id, now=NOON)

        assert await take(harness) == []
        await harness.storage.jobs.finish(second, now=NOON)
        (again,) = await take(harness)
        assert again.name == "dies"
        await harness.storage.jobs.finish(again, now=NOON)
        assert names(await take(harness)) == ["third"]

    async def test_a_key_begins_anew(self, harness: StorageHarness) -> None:
        """When all jobs of a key are over, the next one enqueued is due at once."""
        await enqueue(harness, *named("first", ordering_key="a"))
        await harness.storage.jobs.finish_all(await take(harness), now=NOON)

        await enqueue(harness, *named("second", ordering_key="a"))

        assert names(await take(harness)) == ["second"]

    async def test_unique_jobs_exist_once(self, harness: StorageHarness) -> None:
        """A second job with a known unique key is left out, quietly, even when the first is done; the rest of its unit is kept."""
        nightly = NewJob(name="nightly", run_at=NOON, unique_key="nightly/1")
        await enqueue(harness, nightly)
        await harness.storage.jobs.finish_all(await take(harness), now=NOON)

        async with committed(harness) as work:
            work.enqueue(nightly, *named("other"), NewJob(name="nightly", run_at=NOON, unique_key="nightly/2"))

        assert names(await take(harness)) == ["other", "nightly"]
        assert len(await harness.storage.jobs.find()) == 3

    async def test_unique_and_in_order(self, harness: StorageHarness) -> None:
        """A job that was left out holds up nobody."""
        once = NewJob(name="once", run_at=NOON, ordering_key="a", unique_key="u")
        await enqueue(harness, once, once, *named("next", ordering_key="a"))

        (job,) = await take(harness)
        await harness.storage.jobs.finish(job, now=NOON)

        assert names(await take(harness)) == ["next"]


class WatchContract:
    """What an operator and a resting worker see."""

    async def test_next_due(self, harness: StorageHarness) -> None:
        """The earliest time at which something could be taken: a job's own, or the end of a lease; what waits behind another
        does not count, and with nothing to wait for there is none."""
        jobs = harness.storage.jobs
        assert await jobs.next_due() is None

        head = NewJob(name="head", run_at=after(30), ordering_key="a")
        await enqueue(harness, head, *named("behind", ordering_key="a"))
        assert await jobs.next_due() == after(30)

        (job,) = await take(harness, at=30)
        assert await jobs.next_due() == after(30 + LEASE)
        await jobs.finish(job, now=after(30))
        assert await jobs.next_due() == NOON
        await jobs.finish_all(await take(harness), now=NOON)
        assert await jobs.next_due() is None

    async def test_lag(self, harness: StorageHarness) -> None:
        """How long the oldest due job has been waiting; nothing before its time."""
        await enqueue(harness, NewJob(name="later", run_at=after(20)), NewJob(name="mail", run_at=after(10)))
        jobs = harness.storage.jobs

        assert await jobs.lag(now=after(5)) == 0
        assert await jobs.lag(now=after(25)) == 15
        await take(harness, at=25)
        assert await jobs.lag(now=after(25)) == 0

    async def test_finding_jobs(self, harness: StorageHarness) -> None:
        """Newest first, by state and name, no more than asked for."""
        await enqueue(harness, *named("a", "b", "a", "a"))
        oldest, *_ = await take(harness, 1)
        jobs = harness.storage.jobs

        assert names(await jobs.find()) == ["a", "a", "b", "a"]
        assert names(await jobs.find(name="b")) == ["b"]
        assert list(await jobs.find(state=JobState.LEASED)) == [oldest]
        assert names(await jobs.find(state=JobState.QUEUED, name="a")) == ["a", "a"]
        assert names(await jobs.find(limit=2)) == ["a", "a"]

    async def test_pruning(self, harness: StorageHarness) -> None:
        """Done jobs older than a moment are forgotten; younger, dead and unfinished ones are not. No id is given twice."""
        await enqueue(harness, *named("dead", "young", "old", "old"))
        dead, young, *old = await take(harness)
        jobs = harness.storage.jobs
        await jobs.bury(dead, now=NOON, error="no")
        await jobs.finish_all(old, now=NOON)
        await jobs.finish(young, now=after(10))
        await enqueue(harness, *named("waiting"))

        assert await jobs.prune(done_before=after(10)) == 2
        assert names(await jobs.find()) == ["waiting", "young", "dead"]

        await jobs.finish_all(await take(harness), now=NOON)
        assert await jobs.prune(done_before=after(11)) == 2
        await enqueue(harness, *named("next"))
        (newest, *_) = await jobs.find()
        assert newest.id not in {dead.id, young.id, *(job.id for job in old)}

    async def test_a_commit_wakes_the_worker(self, harness: StorageHarness) -> None:
        """Whoever waits comes back at once when a commit enqueues something, though the clock stands still."""
        await take(harness)
        waiting = asyncio.ensure_future(harness.storage.jobs.wait(3600))
        await asyncio.sleep(0)

        await enqueue(harness, *named("mail"))

        await asyncio.wait_for(waiting, PATIENCE)

    async def test_a_replay_wakes_the_worker(self, harness: StorageHarness) -> None:
        """A job that was given up and is wanted again is something to do."""
        await enqueue(harness, *named("mail"))
        (job,) = await take(harness)
        await harness.storage.jobs.bury(job, now=NOON, error="no")
        waiting = asyncio.ensure_future(harness.storage.jobs.wait(3600))
        await asyncio.sleep(0)

        await harness.storage.jobs.replay(job.id, now=NOON)

        await asyncio.wait_for(waiting, PATIENCE)

    async def test_no_wake_up_is_missed(self, harness: StorageHarness) -> None:
        """What was enqueued between looking and waiting ends the wait as well."""
        await take(harness)

        await enqueue(harness, *named("mail"))

        await asyncio.wait_for(harness.storage.jobs.wait(3600), PATIENCE)

    async def test_waiting_ends_by_the_clock(self, harness: StorageHarness) -> None:
        """With nothing to do the wait ends when that much time has passed, and not before; looking ends an older alarm."""
        await enqueue(harness, *named("mail"))
        await take(harness)
        waiting = asyncio.ensure_future(harness.storage.jobs.wait(60))

        await turns()
        harness.clock.advance(timedelta(seconds=59))
        await turns()
        assert not waiting.done()
        harness.clock.advance(timedelta(seconds=1))

        await asyncio.wait_for(waiting, PATIENCE)


async def turns() -> None:
    """Let everybody else go on until they wait."""
    for _ in range(10):
        await asyncio.sleep(0)


class JobQueueContract(LeaseContract, DeadLetterContract, OrderContract, WatchContract):
    """The promises of `ports.jobs`."""
