"""What a database that outlives its program promises on top."""

from datetime import timedelta

from repaircore.ports.jobs import NewJob
from repaircore.testing.storage.harness import DurableHarness, committed
from repaircore.testing.storage.transactions import gather_all, stored
from repaircore.testing.storage.values import NOON


class DurableContract:
    """The next program finds everything."""

    async def test_everything_is_there_after_reopening(self, harness: DurableHarness) -> None:
        """What was committed is read by the next program as it was."""
        async with committed(harness) as work:
            gather_all(work, 1)

        await harness.reopen()

        assert all(await stored(harness, 1))

    async def test_jobs_under_way_are_taken_again(self, harness: DurableHarness) -> None:
        """A job that was leased when the program ended is given out once its lease is over."""
        async with committed(harness) as work:
            work.enqueue(NewJob(name="mail", run_at=NOON))
        (leased,) = await harness.storage.jobs.lease(1, now=NOON, seconds=60)

        await harness.reopen()

        assert not await harness.storage.jobs.lease(1, now=NOON, seconds=60)
        (again,) = await harness.storage.jobs.lease(1, now=NOON + timedelta(seconds=60), seconds=60)
        assert (again.id, again.attempts) == (leased.id, 2)
