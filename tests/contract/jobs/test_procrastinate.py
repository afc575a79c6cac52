"""What procrastinate holds, beside the contract: the engine's rows and ours always agree."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from repaircore.adapters.jobs.procrastinate.queue import ProcrastinateJobs
from repaircore.adapters.jobs.procrastinate.schema import check, install
from repaircore.adapters.jobs.procrastinate.withdrawing import check_withdrawn, withdraw
from repaircore.adapters.storage.postgresql.link import Statement
from repaircore.ports.errors import Conflict, Unavailable
from repaircore.ports.jobs import Job, JobState, NewJob
from repaircore.testing.jobs.words import LEASE, after, enqueue, named, names, soon, take
from repaircore.testing.storage.harness import committed
from repaircore.testing.storage.values import NOON, a_booking, confirmed
from tests.contract.storage.harnesses import PostgresqlHarness, postgresql_harness


@pytest.fixture
async def harness(postgres_url: str) -> AsyncIterator[PostgresqlHarness]:
    """A database with the engine's tables, at noon, so that what is due is handed over with its commit."""
    install(postgres_url)
    async with postgresql_harness(postgres_url, queue=ProcrastinateJobs) as harness:
        harness.clock.move_to(NOON)
        yield harness


def told(harness: PostgresqlHarness, question: str) -> list[tuple[Any, ...]]:
    """Ask the database itself."""
    with psycopg.connect(harness.url, autocommit=True) as connection:
        return connection.execute(question.encode()).fetchall()


def deliveries(harness: PostgresqlHarness) -> list[tuple[Any, ...]]:
    """What the engine holds: the job's number, its task, its lock and where it is."""
    return told(
        harness, "SELECT (args->>'job')::int, task_name, lock, status::text FROM procrastinate_jobs ORDER BY id"
    )


async def test_delivered_by_the_commit(harness: PostgresqlHarness) -> None:
    """What is due is in the engine when its unit of work is, all of it in bulk; what is not, or belongs behind another, is not."""
    async with committed(harness) as work:
        work.enqueue(
            *named("mail", "letter"),
            *named("first", "behind", ordering_key="bk_1"),
            NewJob(name="later", run_at=after(1)),
        )

    assert deliveries(harness) == [(1, "mail", None, "todo"), (2, "letter", None, "todo"), (3, "first", "bk_1", "todo")]


async def test_nothing_is_delivered_without_its_cause(harness: PostgresqlHarness) -> None:
    """A unit of work that is refused leaves no delivery."""
    async with harness.storage.unit_of_work() as work:
        work.enqueue(*named("mail"))
        work.bookings.save(*confirmed(a_booking()))
        with pytest.raises(Conflict):
            await work.commit()

    assert deliveries(harness) == []


async def test_deliveries_end_with_their_jobs(harness: PostgresqlHarness) -> None:
    """Done, dead, put back: the engine keeps nothing, and what comes again is delivered again."""
    await enqueue(harness, *named("done", "dead", "again"))
    done, dead, again = await take(harness)
    assert {state for *_, state in deliveries(harness)} == {"doing"}

    jobs = harness.storage.jobs
    await jobs.finish(done, now=NOON)
    await jobs.bury(dead, now=NOON, error="no")
    await jobs.retry(again, run_at=after(10), error="later")
    assert deliveries(harness) == []

    await jobs.replay(dead.id, now=after(5))
    assert names(await take(harness, at=10)) == ["dead", "again"]
    assert len(deliveries(harness)) == 2


async def test_what_a_dead_worker_held_is_delivered_again(harness: PostgresqlHarness) -> None:
    """When the lease is over there is one delivery, a new one, and the late worker cannot end it."""
    await enqueue(harness, *named("mail", ordering_key="bk_1"))
    (slow,) = await take(harness)
    before = told(harness, "SELECT id FROM procrastinate_jobs")

    (fast,) = await take(harness, at=LEASE)

    assert not await harness.storage.jobs.finish(slow, now=after(LEASE))
    assert deliveries(harness) == [(1, "mail", "bk_1", "doing")]
    assert told(harness, "SELECT id FROM procrastinate_jobs") != before
    assert await harness.storage.jobs.finish(fast, now=after(LEASE))
    assert deliveries(harness) == []


async def test_a_delivery_for_nothing(harness: PostgresqlHarness) -> None:
    """What somebody else puts back into the engine does not run a job twice, and does not stay there."""
    await enqueue(harness, *named("mail"))
    (job,) = await take(harness)
    retried = "SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL)::text FROM procrastinate_jobs"
    assert len(told(harness, retried)) == 1

    assert await take(harness) == []
    assert await harness.storage.jobs.finish(job, now=NOON)
    assert deliveries(harness) == []


async def test_a_delivery_for_what_is_over(harness: PostgresqlHarness) -> None:
    """A delivery that comes behind the end of its job is taken away."""
    await enqueue(harness, *named("mail"))
    (job,) = await take(harness)
    told(harness, "SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL)::text FROM procrastinate_jobs")
    assert await harness.storage.jobs.finish(job, now=NOON)
    assert len(deliveries(harness)) == 1

    assert await take(harness) == []
    assert deliveries(harness) == []


async def test_commits_of_other_processes_wake_a_worker(harness: PostgresqlHarness) -> None:
    """It hears of them over LISTEN and NOTIFY, though the clock stands still."""
    other = harness.opened()
    try:
        await take(harness)
        waiting = asyncio.ensure_future(harness.storage.jobs.wait(3600))
        async with other.unit_of_work() as work:
            work.enqueue(*named("mail"))
            await work.commit()
        await soon(waiting)
    finally:
        await other.aclose()

    assert names(await take(harness)) == ["mail"]


async def test_many_workers_share_what_is_delivered(harness: PostgresqlHarness) -> None:
    """Each job goes to one of the processes, and each ordering key to one at a time."""
    others = [harness.opened() for _ in range(3)]
    try:
        async with committed(harness) as work:
            work.enqueue(*named(*(f"free {n}" for n in range(40))), *named("a1", "a2", ordering_key="a"))
        taken = await asyncio.gather(
            *(each.jobs.lease(15, now=NOON, seconds=LEASE) for each in (harness.storage, *others))
        )
    finally:
        for each in others:
            await each.aclose()

    given = sorted(job.name for jobs in taken for job in jobs)
    assert given == sorted(["a1", *(f"free {n}" for n in range(40))])


async def test_back_to_the_embedded_queue(harness: PostgresqlHarness) -> None:
    """What waits in the engine is taken back, in its order, and nothing is handed out twice."""
    await enqueue(harness, *named("held", "mail"), *named("first", "behind", ordering_key="a"))
    (held,) = await take(harness, 1)
    with pytest.raises(Unavailable, match="run `repaircore migrate`"):
        await asyncio.to_thread(check_withdrawn, harness.url)

    assert await asyncio.to_thread(withdraw, harness.url)
    assert deliveries(harness) == []
    await asyncio.to_thread(check_withdrawn, harness.url)
    async with postgresql_harness(harness.url) as embedded:
        assert names(await take(embedded)) == ["mail", "first"]
        (still,) = [job for job in await embedded.storage.jobs.find(state=JobState.LEASED) if job.name == "held"]
        assert still.lease == held.lease
    assert not await asyncio.to_thread(withdraw, harness.url)


async def test_from_the_embedded_queue(harness: PostgresqlHarness) -> None:
    """What was enqueued before is delivered by the next worker."""
    async with postgresql_harness(harness.url) as embedded:
        await enqueue(embedded, *named("old"))
    assert deliveries(harness) == []

    assert names(await take(harness)) == ["old"]


async def test_more_jobs_than_are_handed_over_at_once(harness: PostgresqlHarness) -> None:
    """The rest is handed over by the workers, the oldest first."""
    async with committed(harness) as work:
        work.enqueue(*(NewJob(name=str(n), run_at=NOON - timedelta(seconds=3000 - n)) for n in range(1500)))
    assert len(deliveries(harness)) == 1000

    assert names(await take(harness, 2)) == ["0", "1"]
    assert len(deliveries(harness)) == 1500


def test_the_schema_comes_once(postgres_url: str) -> None:
    """Migrating again changes nothing, and a database without the engine says what to do."""
    with pytest.raises(Unavailable, match="run `repaircore migrate`"):
        check(postgres_url)

    assert install(postgres_url)
    assert not install(postgres_url)
    check(postgres_url)


def test_an_older_procrastinate(postgres_url: str) -> None:
    """It is not touched: its own migrations know how."""
    install(postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP FUNCTION procrastinate_fetch_job_v2")

    with pytest.raises(Unavailable, match="older procrastinate"):
        install(postgres_url)
    with pytest.raises(Unavailable, match="older procrastinate"):
        check(postgres_url)


class Forgetful(ProcrastinateJobs):
    """Ends no delivery."""

    def _afterwards(self, jobs: Sequence[Job]) -> list[Statement]:
        return []


class Hesitant(ProcrastinateJobs):
    """Leaves handing over to the workers."""

    delivers = False


@pytest.mark.parametrize(
    ("lie", "test"),
    [(Forgetful, test_deliveries_end_with_their_jobs), (Hesitant, test_delivered_by_the_commit)],
)
async def test_a_lie_is_caught(
    postgres_url: str, lie: type[ProcrastinateJobs], test: Callable[[PostgresqlHarness], Awaitable[None]]
) -> None:
    """The adapter breaks its promise, and the test fails."""
    install(postgres_url)
    async with postgresql_harness(postgres_url, queue=lie) as harness:
        harness.clock.move_to(NOON)

        with pytest.raises(AssertionError):
            await test(harness)
