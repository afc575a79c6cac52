"""What is stored comes back as it was."""

from datetime import timedelta, timezone

import pytest
from attrs import evolve

from repaircore.domain.booking.contact import Contact
from repaircore.domain.errors import NotFound
from repaircore.domain.identity import BookingId, PaymentId, QuoteId
from repaircore.domain.payments.payment import Purpose
from repaircore.domain.pricing.quote import QuoteStatus
from repaircore.ports.errors import Rejected
from repaircore.ports.unit_of_work import Position
from repaircore.testing.storage.harness import StorageHarness, committed, store
from repaircore.testing.storage.values import (
    AWKWARD,
    NOON,
    a_booking,
    a_payment,
    a_quote,
    an_entry,
    captured,
    confirmed,
    first_entry,
)


class AggregateContract:
    """Quotes, bookings, payments and the ledger, one at a time."""

    async def test_quotes_come_back(self, harness: StorageHarness) -> None:
        """A quote is read as it was added, and then as it was saved."""
        quote = a_quote()
        async with committed(harness) as work:
            work.quotes.add(quote)

        stored = await work.quotes.get(quote.id)
        assert stored == quote
        assert hash(stored.facts.device) == hash(quote.facts.device)

        used = quote.book(BookingId("bk_0001"), at=NOON)
        async with committed(harness) as work:
            work.quotes.save(used)

        read = await work.quotes.get(quote.id)
        assert read == used
        assert (read.status, read.priced.taxes[0].rate) == (QuoteStatus.BOOKED, quote.priced.taxes[0].rate)

    async def test_quotes_in_order_of_asking(self, harness: StorageHarness) -> None:
        """Pages show every quote once, oldest or newest first, and end."""
        quotes = [a_quote(number) for number in range(1, 6)]
        for quote in (quotes[3], quotes[0], quotes[4], quotes[2], quotes[1]):
            async with committed(harness) as work:
                work.quotes.add(quote)

        first = await work.quotes.after("", limit=3)
        assert [*first, *await work.quotes.after(first[-1].id, limit=3)] == quotes
        newest = await work.quotes.after("", limit=3, newest_first=True)
        assert [*newest, *await work.quotes.after(newest[-1].id, limit=3, newest_first=True)] == quotes[::-1]
        assert list(await work.quotes.after(quotes[-1].id, limit=3)) == []

    async def test_bookings_come_back(self, harness: StorageHarness) -> None:
        """A booking is read as it was added, and then as it was saved; one without address and slot as well."""
        full, bare = a_booking(1), evolve(a_booking(2), address=None, slot_start=None, technician_id="", notes="")

        await store(harness, full, bare)

        work = harness.storage.unit_of_work()
        assert [await work.bookings.get(each.id) for each in (full, bare)] == [full, bare]

        after, move = confirmed(full)
        async with committed(harness) as work:
            work.bookings.save(after, move)

        assert await work.bookings.get(full.id) == after
        assert await work.bookings.get(bare.id) == bare

    async def test_history_is_kept_in_order(self, harness: StorageHarness) -> None:
        """Every move of a booking is there, oldest first, with its actor and reason; no other booking's."""
        booking, other = a_booking(1), a_booking(2)
        await store(harness, booking, other)
        after, move = confirmed(booking)

        async with committed(harness) as work:
            work.bookings.save(after, move)

        assert list(await work.bookings.history(booking.id)) == [first_entry(booking), move]
        assert list(await work.bookings.history(other.id)) == [first_entry(other)]

    async def test_payments_come_back(self, harness: StorageHarness) -> None:
        """A payment is read as it was added, and then with the facts it learned."""
        payment = a_payment()
        async with committed(harness) as work:
            work.payments.add(payment)

        assert await work.payments.get(payment.id) == payment

        paid = captured(payment)
        async with committed(harness) as work:
            work.payments.save(paid)

        assert await work.payments.get(payment.id) == paid

    async def test_what_was_never_stored_is_not_found(self, harness: StorageHarness) -> None:
        """Reading what is not there raises NotFound."""
        work = harness.storage.unit_of_work()

        with pytest.raises(NotFound):
            await work.quotes.get(QuoteId("qt_none"))
        with pytest.raises(NotFound):
            await work.bookings.get(BookingId("bk_none"))
        with pytest.raises(NotFound):
            await work.payments.get(PaymentId("pay_none"))

    async def test_awkward_texts_are_kept_exactly(self, harness: StorageHarness) -> None:
        """Quotes, wildcards, emoji, numbers that are texts, and the characters nobody sees stay what they are."""
        stored = [
            evolve(
                a_booking(number),
                notes=text,
                technician_id=text,
                customer=Contact(name=f"{text[:100]}.", email=f"{number}@example.com", phone="+442079460958"),
            )
            for number, text in enumerate(AWKWARD, start=1)
        ]

        await store(harness, *stored)

        work = harness.storage.unit_of_work()
        assert [await work.bookings.get(booking.id) for booking in stored] == stored

    async def test_a_nul_is_kept_or_refused(self, harness: StorageHarness) -> None:
        """A text with the character NUL comes back as it was, or else its whole unit is Rejected; it is never cut or left out."""
        booking = evolve(a_booking(), notes="before\x00after")

        refused = False
        try:
            await store(harness, booking)
        except Rejected:
            refused = True

        work = harness.storage.unit_of_work()
        assert [entry.booking_id for entry in await work.bookings.history(booking.id)] == [booking.id] * (not refused)
        assert refused or await work.bookings.get(booking.id) == booking

    async def test_moments_are_kept_to_the_microsecond(self, harness: StorageHarness) -> None:
        """A moment given in another zone is the same moment when read, in UTC."""
        elsewhere = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
        booking = evolve(a_booking(), slot_start=elsewhere)

        await store(harness, booking)

        read = await harness.storage.unit_of_work().bookings.get(booking.id)
        assert read.slot_start == NOON
        assert read.slot_start is not None
        assert read.slot_start.microsecond == NOON.microsecond

    async def test_payments_of_a_booking(self, harness: StorageHarness) -> None:
        """A booking's payments are listed oldest first, without anybody else's."""
        late = a_payment(1, minutes=5, purpose=Purpose.BALANCE)
        early, foreign = a_payment(2, minutes=1), a_payment(3, booking=2)
        async with committed(harness) as work:
            for payment in (late, early, foreign):
                work.payments.add(payment)

        assert list(await work.payments.of_booking(late.booking_id)) == [early, late]

    async def test_open_payments(self, harness: StorageHarness) -> None:
        """Reconciliation is told of open payments made before a moment, oldest first, and no more than it asked for."""
        payments = [a_payment(number, booking=number, minutes=10 - number) for number in range(1, 5)]
        closed = captured(a_payment(9, booking=9))
        async with committed(harness) as work:
            for payment in (*payments, closed):
                work.payments.add(payment)

        before = payments[0].created_at
        assert list(await work.payments.open(created_before=before, limit=10)) == [
            payments[3],
            payments[2],
            payments[1],
        ]
        assert list(await work.payments.open(created_before=before, limit=2)) == [payments[3], payments[2]]
        behind = Position(payments[3].created_at, payments[3].id)
        assert list(await work.payments.open(created_before=before, limit=1, after=behind)) == [payments[2]]

    async def test_ledger_entries_come_back_in_order(self, harness: StorageHarness) -> None:
        """A booking's entries are listed in the order of posting, each with its postings in theirs."""
        later, first, foreign = an_entry(2), an_entry(1), an_entry(3, booking=2)
        for entry in (later, first, foreign):
            async with committed(harness) as work:
                work.ledger.post(entry)

        assert list(await work.ledger.of_booking(first.booking_id)) == [later, first]

    async def test_balances_add_up(self, harness: StorageHarness) -> None:
        """Every account's balance is the sum of its postings, and all of them together are nothing."""
        async with committed(harness) as work:
            for number in (1, 2):
                work.ledger.post(an_entry(number))

        balances = await work.ledger.balances()
        assert balances == {("receivable/bk_0001", "GBP"): 33000, ("sales", "GBP"): -27500, ("tax/VAT", "GBP"): -5500}
