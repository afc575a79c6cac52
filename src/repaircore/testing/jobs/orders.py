"""Jobs that are given up, jobs that belong behind each other, and jobs that exist once."""

from repaircore.domain.identity import JobId
from repaircore.ports.jobs import JobState, NewJob
from repaircore.testing.jobs.words import LEASE, after, enqueue, named, names, take
from repaircore.testing.storage.harness import StorageHarness, committed
from repaircore.testing.storage.values import NOON


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
