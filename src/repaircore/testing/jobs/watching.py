"""What an operator and a resting worker see."""

import asyncio
from datetime import timedelta

from repaircore.ports.jobs import JobState, NewJob
from repaircore.testing.jobs.words import LEASE, after, enqueue, named, names, soon, take, turns
from repaircore.testing.storage.harness import StorageHarness
from repaircore.testing.storage.values import NOON


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

        await soon(waiting)

    async def test_a_replay_wakes_the_worker(self, harness: StorageHarness) -> None:
        """A job that was given up and is wanted again is something to do."""
        await enqueue(harness, *named("mail"))
        (job,) = await take(harness)
        await harness.storage.jobs.bury(job, now=NOON, error="no")
        waiting = asyncio.ensure_future(harness.storage.jobs.wait(3600))
        await asyncio.sleep(0)

        await harness.storage.jobs.replay(job.id, now=NOON)

        await soon(waiting)

    async def test_no_wake_up_is_missed(self, harness: StorageHarness) -> None:
        """What was enqueued between looking and waiting ends the wait as well."""
        await take(harness)

        await enqueue(harness, *named("mail"))

        await soon(harness.storage.jobs.wait(3600))

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

        await soon(waiting)
