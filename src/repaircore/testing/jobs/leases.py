"""Taking jobs, and giving them back."""

import asyncio

import pytest

from repaircore.ports.errors import Conflict
from repaircore.ports.jobs import JobState, JobValue, NewJob
from repaircore.testing.jobs.words import LEASE, after, enqueue, named, names, take
from repaircore.testing.storage.harness import StorageHarness
from repaircore.testing.storage.values import NOON, a_booking, confirmed


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
        rest = await take(harness, 60)  # what some left alone because others were just about to take it

        given = [job.id for jobs in (*taken, rest) for job in jobs]
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

    async def test_finishing_at_the_same_moment(self, harness: StorageHarness) -> None:
        """Of a lost lease and the one that took its place only the second counts, though both report at once."""
        await enqueue(harness, *named("mail", "other"))
        slow, _ = await take(harness)
        fast, other = await take(harness, at=LEASE)

        done = await asyncio.gather(
            *(harness.storage.jobs.finish(job, now=after(LEASE)) for job in (slow, fast, other))
        )

        assert done == [False, True, True]

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
