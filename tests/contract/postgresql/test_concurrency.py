"""Several processes on one database: one winner, no event overlooked, no job stranded or done out of order.

Each law has its broken variant: the same situation with one statement disarmed.
"""

import asyncio
from collections.abc import Sequence
from itertools import count

import pytest
from attrs import evolve

from repaircore.adapters.storage.postgresql import link
from repaircore.adapters.storage.postgresql.locks import EVENTS, lock_of_code, lock_of_key
from repaircore.domain.identity import BookingId, JobId
from repaircore.domain.pricing.promotions import Promotion, PromotionUnusable
from repaircore.ports.errors import Conflict
from repaircore.ports.jobs import Job, NewJob
from repaircore.testing.jobs.words import after, enqueue, named, names, take
from repaircore.testing.storage.harness import committed, store
from repaircore.testing.storage.offers import a_stranger, a_use
from repaircore.testing.storage.values import NOON, a_booking, an_event, confirmed
from tests.contract.postgresql.conftest import Person
from tests.contract.storage.harnesses import PostgresqlHarness

RACERS = 50
MOMENT = 0.2  # seconds in which whatever does not wait is long over

Both = tuple[PostgresqlHarness, PostgresqlHarness]


@pytest.fixture
def both(harness: PostgresqlHarness, elsewhere: PostgresqlHarness) -> Both:
    return harness, elsewhere


def disarm(monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    """Make a statement do nothing at all."""
    monkeypatch.setitem(link.TEXTS, statement, b"SELECT $1::text")


async def race(both: Both) -> list[bool]:
    """Fifty requests of two processes save the same version; answer who was told that it is stored."""
    await store(both[0], a_booking(1))
    after_move, move = confirmed(a_booking(1))

    async def racer(number: int) -> bool:
        try:
            async with committed(both[number % 2]) as work:
                work.bookings.save(evolve(after_move, notes=f"racer {number}"), move)
        except Conflict:
            return False
        return True

    return await asyncio.gather(*(racer(number) for number in range(RACERS)))


async def test_fifty_racers(both: Both) -> None:
    """One wins, and what is stored is the winner's."""
    won = await race(both)

    assert won.count(True) == 1
    stored = await both[0].storage.unit_of_work().bookings.get(a_booking(1).id)
    assert stored.notes == f"racer {won.index(True)}"
    assert len(await both[0].storage.unit_of_work().bookings.history(stored.id)) == 2


async def test_an_unguarded_save_is_noticed(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a guard that counts nothing, and a history that takes anything, several would be told that they won."""
    guarded = link.TEXTS["booking_save"]
    monkeypatch.setitem(link.TEXTS, "booking_save", guarded.replace(b"count(*) = CAST($2 AS BIGINT)", b"$2 <> ''"))
    monkeypatch.setitem(link.TEXTS, "history_add", link.TEXTS["history_add"] + b" ON CONFLICT DO NOTHING")

    assert (await race(both)).count(True) > 1


async def use_slowly(person: Person) -> None:
    """Use the only use of a code, in a transaction that stays open."""
    await person.execute("SELECT pg_advisory_xact_lock(%s)", (lock_of_code("SAVE15"),))
    await person.execute("INSERT INTO promotion_uses VALUES ('SAVE15', 'bk_slow', '', '', now())")


async def told_when_used(harness: PostgresqlHarness, person: Person) -> bool:
    """Use the code as well meanwhile; answer whether that was said to count."""

    async def use() -> bool:
        try:
            async with committed(harness) as work:
                work.promotions.use(a_use(1, customer=a_stranger(1)), Promotion(code="SAVE15", uses=1))
        except PromotionUnusable:
            return False
        return True

    using = asyncio.ensure_future(use())
    await asyncio.wait({using}, timeout=MOMENT)
    await person.commit()
    return await using


async def test_a_code_is_never_used_too_often(harness: PostgresqlHarness, person: Person) -> None:
    """Whoever uses a code waits for another process that does, and then counts its use."""
    await use_slowly(person)

    assert not await told_when_used(harness, person)


async def test_a_code_used_too_often_is_noticed(
    harness: PostgresqlHarness, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the code's lock nobody sees what the other one is about to commit."""
    disarm(monkeypatch, "locks")
    await use_slowly(person)

    assert await told_when_used(harness, person)


async def record_slowly(person: Person, *, carefully: bool) -> None:
    """Append an event in a transaction that stays open; whoever is careful takes the lock first."""
    if carefully:
        await person.execute("SELECT pg_advisory_xact_lock(%s)", (EVENTS,))
    await person.execute(
        "INSERT INTO events (aggregate_id, sequence, name, at, actor_role, actor_id, data)"
        " VALUES ('slow', 1, 'Slow', now(), 'guest', '', '{}')"
    )


async def seen_by_a_follower(harness: PostgresqlHarness, person: Person) -> list[str]:
    """Read on from the last position seen, before and after the slow transaction commits."""
    quick = asyncio.ensure_future(store(harness, a_booking(1), events=(an_event(a_booking(1)),)))
    await asyncio.wait({quick}, timeout=MOMENT)
    events = harness.storage.unit_of_work().events
    early = await events.after(0, limit=10)
    await person.commit()
    await quick
    late = await events.after(early[-1].position if early else 0, limit=10)
    return [event.aggregate_id for event in (*early, *late)]


async def test_no_event_is_overlooked(harness: PostgresqlHarness, person: Person) -> None:
    """Positions are given in the order of commits: whoever reads on from the last one sees every event, each once."""
    await record_slowly(person, carefully=True)

    assert await seen_by_a_follower(harness, person) == ["slow", "bk_0001"]


async def test_an_overlooked_event_is_noticed(harness: PostgresqlHarness, person: Person) -> None:
    """An event that is appended without the lock turns up behind the follower's back."""
    await record_slowly(person, carefully=False)

    assert await seen_by_a_follower(harness, person) == ["bk_0001"]


async def test_many_events_of_one_stream(both: Both) -> None:
    """Two processes append to one stream at the same moment: its numbers have no gap and no twin."""
    booking = a_booking(1)

    async def record(number: int) -> None:
        async with committed(both[number % 2]) as work:
            work.record(an_event(booking), an_event(booking))

    await asyncio.gather(*(record(number) for number in range(40)))

    events = await both[0].storage.unit_of_work().events.of_aggregate(booking.id)
    assert [event.sequence for event in events] == list(range(1, 81))
    assert [event.position for event in events] == sorted(event.position for event in events)


async def finish_slowly(harness: PostgresqlHarness, person: Person) -> None:
    """Finish the only job of a key, and look for the next one, in a transaction that stays open."""
    await enqueue(harness, *named("first", ordering_key="a"))
    (job,) = await take(harness)
    await person.execute("SELECT pg_advisory_xact_lock(%s)", (lock_of_key("a"),))
    await person.execute(
        "UPDATE jobs SET state = 'done', due_at = NULL, finished_at = now() WHERE lease = %s", (job.lease,)
    )


async def next_of_the_key(harness: PostgresqlHarness, person: Person) -> list[str]:
    """Enqueue the next job of the key meanwhile; answer what can be taken when both are committed."""
    enqueuing = asyncio.ensure_future(enqueue(harness, *named("second", ordering_key="a")))
    await asyncio.wait({enqueuing}, timeout=MOMENT)
    await person.commit()
    await enqueuing
    return names(await take(harness))


async def test_no_job_is_stranded(harness: PostgresqlHarness, person: Person) -> None:
    """A job that is enqueued while the one before it is being finished is due."""
    await finish_slowly(harness, person)

    assert await next_of_the_key(harness, person) == ["second"]


async def test_a_stranded_job_is_noticed(
    harness: PostgresqlHarness, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the key's lock it would wait for ever behind a job that is over."""
    disarm(monkeypatch, "locks")
    await finish_slowly(harness, person)

    assert await next_of_the_key(harness, person) == []


async def work_in_order(both: Both) -> tuple[list[JobId], bool]:
    """Four workers of two processes drain three keys while they are filled; answer what was done, and whether any overlapped."""
    total, keys, numbers = 90, "abc", count()
    done: list[JobId] = []
    busy: set[str] = set()
    overlapped = False

    async def fill(harness: PostgresqlHarness) -> None:
        for _ in range(total // 2):
            number = next(numbers)
            key = keys[number % len(keys)]
            async with committed(harness) as work:
                work.enqueue(NewJob(name=key, payload={"number": number}, run_at=NOON, ordering_key=key))

    async def handle(harness: PostgresqlHarness, job: Job) -> None:
        nonlocal overlapped
        overlapped = overlapped or job.ordering_key in busy
        busy.add(job.ordering_key)
        await asyncio.sleep(0)
        busy.discard(job.ordering_key)
        done.append(job.id)
        assert await harness.storage.jobs.finish(job, now=NOON)

    async def worker(harness: PostgresqlHarness) -> None:
        while len(done) < total:
            jobs: Sequence[Job] = await harness.storage.jobs.lease(2, now=after(1), seconds=60)
            await asyncio.gather(*(handle(harness, job) for job in jobs))

    async with asyncio.timeout(30):
        await asyncio.gather(*map(fill, both), *map(worker, both * 2))
    return done, overlapped


async def test_workers_of_two_processes_keep_the_order(both: Both) -> None:
    """Jobs of one key never overlap and are done in the order of enqueuing, each once; none is left behind."""
    done, overlapped = await work_in_order(both)

    assert not overlapped
    assert len(set(done)) == len(done) == 90
    of_keys = {job.id: job.ordering_key for job in await both[0].storage.jobs.find(limit=200)}
    for key in "abc":
        ids = [id for id in done if of_keys[id] == key]
        assert ids == sorted(ids)


async def test_another_process_is_woken(both: Both) -> None:
    """A worker at rest hears of a commit of another process at once."""
    ours, theirs = both
    await take(ours)
    waiting = asyncio.ensure_future(ours.storage.jobs.wait(3600))

    await enqueue(theirs, *named("mail"))

    await asyncio.wait_for(waiting, 5)
    assert names(await take(ours)) == ["mail"]


async def test_a_silent_commit_is_noticed(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the notification the worker sleeps on."""
    ours, theirs = both
    disarm(monkeypatch, "notify")
    await take(ours)
    waiting = asyncio.ensure_future(ours.storage.jobs.wait(3600))

    await enqueue(theirs, *named("mail"))

    _, pending = await asyncio.wait({waiting}, timeout=MOMENT)
    assert pending
    waiting.cancel()


async def test_units_share_a_transaction(harness: PostgresqlHarness, person: Person) -> None:
    """Units that wait while commits are on their way go together with the next one; a lone unit goes at once."""
    await store(harness, a_booking(1))
    await asyncio.gather(*(store(harness, a_booking(number)) for number in range(2, 102)))

    found = await person.execute("SELECT count(*), count(DISTINCT xmin::text) FROM bookings")
    assert await found.fetchone() in {(101, 3), (101, 4)}


async def test_a_deadlock_is_tried_again(harness: PostgresqlHarness, person: Person) -> None:
    """Of two transactions in each other's way one is undone by the server; ours comes to its end all the same."""
    await store(harness, a_booking(1))
    await person.execute("UPDATE bookings SET notes = 'theirs' WHERE id = 'bk_0001'")
    ours = asyncio.ensure_future(confirm_with_a_job(harness, 1))
    await asyncio.wait({ours}, timeout=MOMENT)

    await person.execute("SELECT pg_advisory_xact_lock(%s)", (lock_of_key("a"),))
    await person.commit()
    await ours

    work = harness.storage.unit_of_work()
    assert (await work.bookings.get(BookingId("bk_0001"))).version == 2
    assert names(await take(harness)) == ["next"]


async def confirm_with_a_job(harness: PostgresqlHarness, number: int) -> None:
    """Take the lock of an ordering key, then that of a booking."""
    async with committed(harness) as work:
        work.bookings.save(*confirmed(a_booking(number)))
        work.enqueue(*named("next", ordering_key="a"))
