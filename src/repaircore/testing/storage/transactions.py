"""All or nothing, and nobody's work lost."""

import asyncio
from contextlib import suppress

import pytest
from attrs import evolve

from repaircore.domain.errors import NotFound
from repaircore.domain.identity import BookingId
from repaircore.domain.payments.payment import Purpose
from repaircore.ports.errors import AlreadyExists, Conflict, Unavailable
from repaircore.ports.jobs import NewJob
from repaircore.ports.unit_of_work import UnitOfWork
from repaircore.testing.storage.harness import StorageHarness, committed, refused_as, store
from repaircore.testing.storage.values import (
    a_booking,
    a_payment,
    a_quote,
    a_replay,
    an_entry,
    an_event,
    captured,
    confirmed,
    first_entry,
)

WRITERS, ROUNDS = 8, 25


def gather_all(work: UnitOfWork, number: int) -> None:
    """Gather one of everything."""
    booking = a_booking(number)
    work.quotes.add(a_quote(number))
    work.bookings.add(booking, first_entry(booking))
    work.payments.add(a_payment(number, booking=number))
    work.ledger.post(an_entry(number, booking=number))
    work.record(an_event(booking))
    work.enqueue(NewJob(name="extra"))
    work.replays.add(a_replay(f"k{number}"))


async def stored(harness: StorageHarness, number: int) -> list[bool]:
    """Say of each thing that `gather_all` gathers whether it is there."""
    work = harness.storage.unit_of_work()
    booking = BookingId(f"bk_{number:04d}")
    return [
        any(event.aggregate_id == booking for event in await work.events.after(0, limit=1000)),
        bool(await work.bookings.history(booking)),
        bool(await work.payments.of_booking(booking)),
        bool(await work.ledger.of_booking(booking)),
        await work.replays.get(a_replay().scope, f"k{number}") is not None,
        any(
            job.payload.get("aggregate_id") == booking
            for job in await harness.storage.jobs.find(name="mail", limit=10_000)
        ),
    ]


class TransactionContract:
    """Units of work."""

    async def test_nothing_shows_before_commit(self, harness: StorageHarness) -> None:
        """What is gathered is seen by nobody; what is committed is seen by everybody."""
        async with harness.storage.unit_of_work() as work:
            gather_all(work, 1)
            before = await stored(harness, 1)
            await work.commit()

        assert not any(before)
        assert all(await stored(harness, 1))

    async def test_leaving_discards(self, harness: StorageHarness) -> None:
        """Without a commit nothing is stored, whether the unit is left quietly or by an error, and not by a later commit either."""
        async with harness.storage.unit_of_work() as work:
            gather_all(work, 1)
        with suppress(ZeroDivisionError):
            async with harness.storage.unit_of_work() as failing:
                gather_all(failing, 2)
                raise ZeroDivisionError
        await work.commit()
        await failing.commit()

        assert not any([*await stored(harness, 1), *await stored(harness, 2)])

    async def test_a_unit_is_empty_after_commit(self, harness: StorageHarness) -> None:
        """Committing again does nothing again; the unit can go on with something new."""
        booking = a_booking()
        async with harness.storage.unit_of_work() as work:
            work.record(an_event(booking))
            await work.commit()
            await work.commit()
            work.bookings.add(booking, first_entry(booking))
            await work.commit(now=True)

        assert len(await work.events.of_aggregate(booking.id)) == 1
        assert await work.bookings.get(booking.id) == booking

    async def test_adding_and_saving_in_one_unit(self, harness: StorageHarness) -> None:
        """Writes are sent in the order they were gathered."""
        booking = a_booking()
        after, move = confirmed(booking)

        async with committed(harness) as work:
            work.bookings.add(booking, first_entry(booking))
            work.bookings.save(after, move)

        assert await work.bookings.get(booking.id) == after
        assert len(await work.bookings.history(booking.id)) == 2

    async def test_a_stale_booking_is_refused(self, harness: StorageHarness) -> None:
        """Whoever read an older version is told so, the faster change stays, and nothing else of the slower unit is stored."""
        booking = a_booking()
        await store(harness, booking)
        after, move = confirmed(booking)
        async with committed(harness) as work:
            work.bookings.save(after, move)

        async with harness.storage.unit_of_work() as work:
            gather_all(work, 2)
            work.bookings.save(evolve(after, notes="slower"), move)
            with pytest.raises(Conflict):
                await work.commit()

        assert await work.bookings.get(booking.id) == after
        assert not any(await stored(harness, 2))

    async def test_stale_quotes_and_payments_are_refused(self, harness: StorageHarness) -> None:
        """They are guarded as bookings are; a version may not be skipped either."""
        quote, payment = a_quote(), a_payment()
        async with committed(harness) as work:
            work.quotes.add(quote)
            work.payments.add(payment)

        for skipped in (0, 2):
            with pytest.raises(Conflict):
                async with committed(harness) as work:
                    work.quotes.save(evolve(quote, engine_version="other", version=1 + skipped))
            with pytest.raises(Conflict):
                async with committed(harness) as work:
                    work.payments.save(evolve(captured(payment), version=1 + skipped))

        assert (await work.quotes.get(quote.id), await work.payments.get(payment.id)) == (quote, payment)

    async def test_saving_what_was_never_added_is_refused(self, harness: StorageHarness) -> None:
        """There is nothing to change."""
        after, move = confirmed(a_booking())

        with pytest.raises(Conflict):
            async with committed(harness) as work:
                work.bookings.save(after, move)

        with pytest.raises(NotFound):
            await work.bookings.get(after.id)

    async def test_a_unit_that_failed_is_empty(self, harness: StorageHarness) -> None:
        """It can be used again; what was refused is not sent a second time."""
        async with harness.storage.unit_of_work() as work:
            work.record(an_event(a_booking(1)))
            work.bookings.save(*confirmed(a_booking(1)))
            with pytest.raises(Conflict):
                await work.commit()
            work.record(an_event(a_booking(2)))
            await work.commit()

        assert [event.aggregate_id for event in await work.events.after(0, limit=10)] == ["bk_0002"]

    async def test_a_reference_is_taken_once(self, harness: StorageHarness) -> None:
        """Two bookings never share a reference, and the second one leaves nothing behind."""
        await store(harness, a_booking(1))
        twin = evolve(a_booking(2), reference=a_booking(1).reference)

        async with refused_as("booking.reference"), committed(harness) as work:
            work.record(an_event(twin))
            work.bookings.add(twin, first_entry(twin))

        assert not any(await stored(harness, 2))

    async def test_one_open_payment_for_each_purpose(self, harness: StorageHarness) -> None:
        """A second one is refused while the first is open, and taken once that is closed or the purpose is another."""
        first = a_payment(1)
        async with committed(harness) as work:
            work.payments.add(first)

        async with refused_as("payment.open"), committed(harness) as work:
            work.payments.add(a_payment(2))
        async with committed(harness) as work:
            work.payments.add(a_payment(3, purpose=Purpose.BALANCE))
        async with committed(harness) as work:
            work.payments.save(captured(first))
            work.payments.add(a_payment(4))

        assert len(await work.payments.of_booking(first.booking_id)) == 3

    async def test_a_fact_is_posted_once(self, harness: StorageHarness) -> None:
        """The key of a ledger entry names what it records."""
        async with committed(harness) as work:
            work.ledger.post(an_entry(1))

        async with refused_as("ledger.key"), committed(harness) as work:
            work.ledger.post(evolve(an_entry(2), key=an_entry(1).key))

        assert len(await work.ledger.of_booking(an_entry(1).booking_id)) == 1

    async def test_an_answer_is_kept_once(self, harness: StorageHarness) -> None:
        """Of two requests with one idempotency key the second to commit is undone as a whole; another scope is another key."""
        async with committed(harness) as work:
            work.replays.add(a_replay())

        async with refused_as("idempotency.key"), committed(harness) as work:
            work.bookings.add(a_booking(2), first_entry(a_booking(2)))
            work.replays.add(evolve(a_replay(), status=500))
        async with committed(harness) as work:
            work.replays.add(a_replay(scope="POST /v1/quotes"))

        assert await work.replays.get(a_replay().scope, "k1") == a_replay()
        assert not await work.bookings.history(BookingId("bk_0002"))

    async def test_no_update_is_lost(self, harness: StorageHarness) -> None:
        """Eight writers add a penny 25 times each, trying again when another was faster: two pounds, exactly."""
        await store(harness, a_booking())

        async def add_a_penny() -> None:
            while True:
                async with harness.storage.unit_of_work() as work:
                    booking = await work.bookings.get(a_booking().id)
                    paid = evolve(booking.paid, amount=booking.paid.amount + 1)
                    work.bookings.save(evolve(booking, paid=paid, version=booking.version + 1))
                    try:
                        return await work.commit()
                    except Conflict:
                        await asyncio.sleep(0)

        async def writer() -> None:
            for _ in range(ROUNDS):
                await add_a_penny()

        await asyncio.gather(*(writer() for _ in range(WRITERS)))

        booking = await harness.storage.unit_of_work().bookings.get(a_booking().id)
        assert (booking.paid.amount, booking.version) == (WRITERS * ROUNDS, WRITERS * ROUNDS + 1)

    async def test_a_failing_unit_fails_alone(self, harness: StorageHarness) -> None:
        """Of many units that commit at the same moment only those at fault are refused."""
        await store(harness, a_booking(1))

        async def attempt(number: int) -> bool:
            booking = a_booking(number)
            if number % 4 == 0:
                booking = evolve(booking, reference=a_booking(1).reference)
            try:
                await store(harness, booking, events=(an_event(booking),))
            except AlreadyExists:
                return False
            return True

        outcomes = await asyncio.gather(*(attempt(number) for number in range(2, 101)))

        work = harness.storage.unit_of_work()
        assert outcomes == [number % 4 != 0 for number in range(2, 101)]
        for number, kept in enumerate(outcomes, start=2):
            assert bool(await work.bookings.history(a_booking(number).id)) is kept
            assert len(await work.events.of_aggregate(a_booking(number).id)) == kept

    async def test_a_closed_storage_takes_nothing(self, harness: StorageHarness) -> None:
        """Closing waits for what is being committed; after that a commit is refused as Unavailable."""
        under_way = asyncio.gather(*(store(harness, a_booking(number)) for number in range(1, 9)))
        await asyncio.sleep(0)
        await harness.storage.aclose()
        await under_way

        with pytest.raises(Unavailable):
            await store(harness, a_booking(9))
