"""What every engine holds, beside the contract: its rows and ours always agree."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from typing import ClassVar

import psycopg
import pytest

from repaircore.adapters.jobs.queue import CarriedJobs
from repaircore.adapters.jobs.schema import check, install
from repaircore.adapters.jobs.withdrawing import check_withdrawn, withdraw
from repaircore.adapters.storage.postgresql.link import Statement
from repaircore.ports.errors import Conflict, Unavailable
from repaircore.ports.jobs import Job, JobState, NewJob
from repaircore.testing.jobs.words import LEASE, after, enqueue, named, names, soon, take
from repaircore.testing.storage.harness import committed
from repaircore.testing.storage.values import NOON, a_booking, confirmed
from tests.contract.jobs.engines import ENGINES, PGQUEUER, PROCRASTINATE, Place, Seen, place_of
from tests.contract.storage.harnesses import postgresql_harness


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Seen:
    """Each of them."""
    found: Seen = request.param
    return found


@pytest.fixture
async def place(postgres_url: str, engine: Seen) -> AsyncIterator[Place]:
    """A database of its own."""
    async with place_of(postgres_url, engine) as place:
        yield place


async def test_delivered_by_the_commit(place: Place) -> None:
    """What is due is in the engine when its unit of work is, all of it in bulk; what is not, or belongs behind another, is not."""
    async with committed(place.harness) as work:
        work.enqueue(
            *named("mail", "letter"),
            *named("first", "behind", ordering_key="bk_1"),
            NewJob(name="later", run_at=after(1)),
        )

    assert place.deliveries() == [(1, False), (2, False), (3, False)]


async def test_nothing_is_delivered_without_its_cause(place: Place) -> None:
    """A unit of work that is refused leaves no delivery."""
    async with place.harness.storage.unit_of_work() as work:
        work.enqueue(*named("mail"))
        work.bookings.save(*confirmed(a_booking()))
        with pytest.raises(Conflict):
            await work.commit()

    assert place.deliveries() == []


async def test_deliveries_end_with_their_jobs(place: Place) -> None:
    """Done, dead, put back: the engine keeps nothing, and what comes again is delivered again."""
    await enqueue(place.harness, *named("done", "dead", "again"))
    done, dead, again = await take(place.harness)
    assert {running for _, running in place.deliveries()} == {True}

    jobs = place.harness.storage.jobs
    await jobs.finish(done, now=NOON)
    await jobs.bury(dead, now=NOON, error="no")
    await jobs.retry(again, run_at=after(10), error="later")
    assert place.deliveries() == []

    await jobs.replay(dead.id, now=after(5))
    assert names(await take(place.harness, at=10)) == ["dead", "again"]
    assert len(place.deliveries()) == 2


async def test_what_a_dead_worker_held_is_delivered_again(place: Place) -> None:
    """When the lease is over there is one delivery, a new one, and the late worker cannot end it."""
    await enqueue(place.harness, *named("mail", ordering_key="bk_1"))
    (slow,) = await take(place.harness)
    before = place.told(place.engine.numbers)

    (fast,) = await take(place.harness, at=LEASE)

    assert not await place.harness.storage.jobs.finish(slow, now=after(LEASE))
    assert place.deliveries() == [(1, True)]
    assert place.told(place.engine.numbers) != before
    assert await place.harness.storage.jobs.finish(fast, now=after(LEASE))
    assert place.deliveries() == []


async def test_one_delivery_of_what_is_said_twice(place: Place) -> None:
    """A job of a key that is enqueued once more while it waits in the engine is not handed over once more."""
    for _ in range(2):
        await enqueue(place.harness, NewJob(name="mail", run_at=NOON, ordering_key="bk_1", unique_key="mail"))

    assert place.deliveries() == [(1, False)]
    assert names(await take(place.harness)) == ["mail"]
    assert place.deliveries() == [(1, True)]


async def test_a_delivery_for_nothing(place: Place) -> None:
    """What somebody else puts back into the engine does not run a job twice, and does not stay there."""
    await enqueue(place.harness, *named("mail"))
    (job,) = await take(place.harness)
    assert len(place.told(place.engine.put_back)) == 1

    assert await take(place.harness) == []
    assert await place.harness.storage.jobs.finish(job, now=NOON)
    assert place.deliveries() == []


async def test_a_delivery_for_what_is_over(place: Place) -> None:
    """A delivery that comes behind the end of its job is taken away."""
    await enqueue(place.harness, *named("mail"))
    (job,) = await take(place.harness)
    place.told(place.engine.put_back)
    assert await place.harness.storage.jobs.finish(job, now=NOON)
    assert len(place.deliveries()) == 1

    assert await take(place.harness) == []
    assert place.deliveries() == []


async def test_commits_of_other_processes_wake_a_worker(place: Place) -> None:
    """It hears of them over LISTEN and NOTIFY, though the clock stands still."""
    other = place.harness.opened()
    try:
        await take(place.harness)
        waiting = asyncio.ensure_future(place.harness.storage.jobs.wait(3600))
        async with other.unit_of_work() as work:
            work.enqueue(*named("mail"))
            await work.commit()
        await soon(waiting)
    finally:
        await other.aclose()

    assert names(await take(place.harness)) == ["mail"]


async def test_many_workers_share_what_is_delivered(place: Place) -> None:
    """Each job goes to one of the processes, and each ordering key to one at a time."""
    harness = place.harness
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


async def test_back_to_the_embedded_queue(place: Place) -> None:
    """What waits in the engine is taken back, in its order, and nothing is handed out twice."""
    harness = place.harness
    await enqueue(harness, *named("held", "mail"), *named("first", "behind", ordering_key="a"))
    (held,) = await take(harness, 1)
    with pytest.raises(Unavailable, match=f"jobs wait in {place.engine.queue.engine.name}.*run `repaircore migrate`"):
        await asyncio.to_thread(check_withdrawn, harness.url)

    assert await asyncio.to_thread(withdraw, harness.url)
    assert place.deliveries() == []
    await asyncio.to_thread(check_withdrawn, harness.url)
    async with postgresql_harness(harness.url) as embedded:
        assert names(await take(embedded)) == ["mail", "first"]
        (still,) = [job for job in await embedded.storage.jobs.find(state=JobState.LEASED) if job.name == "held"]
        assert still.lease == held.lease
    assert not await asyncio.to_thread(withdraw, harness.url)


async def test_from_the_embedded_queue(place: Place) -> None:
    """What was enqueued before is delivered by the next worker."""
    async with postgresql_harness(place.harness.url) as embedded:
        await enqueue(embedded, *named("old"))
    assert place.deliveries() == []

    assert names(await take(place.harness)) == ["old"]


@pytest.mark.parametrize(("before", "then"), [(PROCRASTINATE, PGQUEUER), (PGQUEUER, PROCRASTINATE)])
async def test_from_one_engine_to_another(postgres_url: str, before: Seen, then: Seen) -> None:
    """What waits in the one is taken back for the other, once, and what waits there already is not handed over again."""
    keep = then.queue.engine.name
    async with place_of(postgres_url, before) as place:
        await enqueue(place.harness, *named("old", "older"))
    async with place_of(postgres_url, then) as place:
        await enqueue(place.harness, *named("new"))
        with pytest.raises(Unavailable, match=f"jobs.engine is {keep}"):
            check_withdrawn(postgres_url, keep=keep)

        assert withdraw(postgres_url, keep=keep)
        assert not withdraw(postgres_url, keep=keep)
        check_withdrawn(postgres_url, keep=keep)
        assert sorted(names(await take(place.harness))) == ["new", "old", "older"]
        assert len(place.deliveries()) == 3


async def test_more_jobs_than_are_handed_over_at_once(place: Place) -> None:
    """The rest is handed over by the workers, the oldest first."""
    async with committed(place.harness) as work:
        work.enqueue(*(NewJob(name=str(n), run_at=NOON - timedelta(seconds=3000 - n)) for n in range(1500)))
    assert len(place.deliveries()) == 1000

    assert names(await take(place.harness, 2)) == ["0", "1"]
    assert len(place.deliveries()) == 1500


def test_the_schema_comes_once(postgres_url: str, engine: Seen) -> None:
    """Migrating again changes nothing, and a database without the engine says what to do."""
    with pytest.raises(Unavailable, match="run `repaircore migrate`"):
        check(postgres_url, engine.queue)

    assert install(postgres_url, engine.queue)
    assert not install(postgres_url, engine.queue)
    check(postgres_url, engine.queue)


def test_another_version_of_the_engine(postgres_url: str, engine: Seen) -> None:
    """It is not touched: its own migrations know how."""
    install(postgres_url, engine.queue)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(engine.older.encode())

    with pytest.raises(Unavailable, match=f"another version of {engine.queue.engine.name}"):
        install(postgres_url, engine.queue)
    with pytest.raises(Unavailable, match=f"another version of {engine.queue.engine.name}"):
        check(postgres_url, engine.queue)


async def test_what_procrastinate_shows(postgres_url: str) -> None:
    """A task has the job's name, and a lock is its ordering key."""
    async with place_of(postgres_url, PROCRASTINATE) as place:
        await enqueue(place.harness, *named("mail"), *named("first", ordering_key="bk_1"))

        shown = place.told("SELECT task_name, lock FROM procrastinate_jobs ORDER BY id")

    assert shown == [("mail", None), ("first", "bk_1")]


async def test_what_pgqueuer_remembers(postgres_url: str) -> None:
    """Its log says what became of each job, for as long as done jobs are remembered."""
    async with place_of(postgres_url, PGQUEUER) as place:
        await enqueue(place.harness, *named("done", "dead", "again"))
        done, dead, again = await take(place.harness)
        jobs = place.harness.storage.jobs
        await jobs.finish(done, now=NOON)
        await jobs.bury(dead, now=NOON, error="no")
        await jobs.retry(again, run_at=after(10), error="later")

        log = place.told("SELECT status::text FROM pgqueuer_log ORDER BY id")
        await jobs.prune(done_before=NOON + timedelta(days=100_000))

        assert [status for (status,) in log] == 3 * ["queued"] + 3 * ["picked"] + [
            "successful",
            "exception",
            "canceled",
        ]
        assert place.told("SELECT count(*) FROM pgqueuer_log") == [(0,)]


def test_names_of_the_engine_are_the_usual_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program's settings do not move our tables."""
    monkeypatch.setenv("PGQUEUER_PREFIX", "theirs_")

    assert "CREATE TABLE pgqueuer (" in PGQUEUER.queue.engine.schema()


def forgetful(queue: type[CarriedJobs]) -> type[CarriedJobs]:
    """Ends no delivery."""

    class Forgetful(queue):  # type: ignore[valid-type,misc]
        def _afterwards(self, jobs: Sequence[Job]) -> list[Statement]:
            return []

    return Forgetful


def hesitant(queue: type[CarriedJobs]) -> type[CarriedJobs]:
    """Leaves handing over to the workers."""

    class Hesitant(queue):  # type: ignore[valid-type,misc]
        delivers = False

    return Hesitant


def repetitive(queue: type[CarriedJobs]) -> type[CarriedJobs]:
    """Does not look whether a job is in the engine already."""

    class Repetitive(queue):  # type: ignore[valid-type,misc]
        statements: ClassVar = {
            **queue.statements,
            "jobs_hand_over": queue.statements["jobs_hand_over"].replace("WHERE NOT EXISTS", "WHERE true OR EXISTS"),
        }

    return Repetitive


@pytest.mark.parametrize(
    ("lie", "test", "liar"),
    [
        *((forgetful, test_deliveries_end_with_their_jobs, engine) for engine in (PROCRASTINATE, PGQUEUER)),
        *((hesitant, test_delivered_by_the_commit, engine) for engine in (PROCRASTINATE, PGQUEUER)),
        (repetitive, test_one_delivery_of_what_is_said_twice, PROCRASTINATE),
    ],
)
async def test_a_lie_is_caught(
    postgres_url: str,
    lie: Callable[[type[CarriedJobs]], type[CarriedJobs]],
    test: Callable[[Place], Awaitable[None]],
    liar: Seen,
) -> None:
    """The adapter breaks its promise, and the test fails."""
    async with place_of(postgres_url, liar, lie(liar.queue)) as place:
        with pytest.raises(AssertionError):
            await test(place)
