"""Quotes, bookings, payments and the ledger."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from repaircore.adapters.storage import rows
from repaircore.adapters.storage.encoding import EARLIEST, instant
from repaircore.adapters.storage.relational.gathering import Gathered
from repaircore.adapters.storage.relational.searching import find
from repaircore.adapters.storage.searching import search_words
from repaircore.domain.booking.booking import Booking, HistoryEntry
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.errors import NotFound
from repaircore.domain.identity import BookingId, PaymentId, QuoteId
from repaircore.domain.ledger.ledger import Entry
from repaircore.domain.payments.payment import Payment
from repaircore.domain.pricing.loyalty import PastOrders, customer_key
from repaircore.domain.pricing.quote import Quote
from repaircore.ports.unit_of_work import BookingFilter, Position

LAST = "\U0010ffff"  # sorts behind every id


class RelationalQuotes:
    """Quotes by id."""

    __slots__ = ("_gathered",)

    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered

    async def get(self, quote_id: QuoteId) -> Quote:
        """Read one. Raises NotFound."""
        row = await self._gathered.reader.first("quote", (quote_id,))
        if row is None:
            raise NotFound("quote", quote_id)
        return rows.quote_from(row)

    async def after(self, position: str, *, limit: int, newest_first: bool = False) -> Sequence[Quote]:
        """List quotes by id, from just behind that one."""
        name, start = ("quotes_newest", position or LAST) if newest_first else ("quotes_oldest", position)
        return [rows.quote_from(row) for row in await self._gathered.reader.far(name, (start, limit))]

    def add(self, quote: Quote) -> None:
        """Gather the insert."""
        self._gathered.write("quote_add", rows.quote_row(quote))

    def save(self, quote: Quote) -> None:
        """Gather the update."""
        self._gathered.save("quote_save", rows.saved_quote_row(quote))


class RelationalBookings:
    """Bookings by id, with their history."""

    __slots__ = ("_gathered",)

    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered

    async def get(self, booking_id: BookingId) -> Booking:
        """Read one. Raises NotFound."""
        row = await self._gathered.reader.first("booking", (booking_id,))
        if row is None:
            raise NotFound("booking", booking_id)
        return self._seen(rows.booking_from(row))

    async def find(
        self, wanted: BookingFilter, *, limit: int, after: Position | None = None, newest_first: bool = True
    ) -> Sequence[Booking]:
        """List by `created_at` and id, from just behind `after`."""
        found = await find(self._gathered.reader, wanted, limit, after, newest_first)
        return [self._seen(rows.booking_from(row)) for row in found]

    async def history(self, booking_id: BookingId) -> Sequence[HistoryEntry]:
        """List every move, oldest first."""
        return [rows.history_from(row) for row in await self._gathered.reader.all("history", (booking_id,))]

    async def count_by_status(self) -> Mapping[Status, int]:
        """Count the bookings in each status that any is in."""
        counted = await self._gathered.reader.far("count_by_status")
        return {Status(status): count for status, count in counted}

    async def of_customer(self, email: str, phone: str) -> Sequence[PastOrders]:
        """Count what a customer ordered, by e-mail or phone."""
        found = await self._gathered.reader.all("orders_of_customer", (customer_key(email), phone))
        return [rows.past_from(row, email, phone) for row in found]

    def add(self, booking: Booking, first: HistoryEntry) -> None:
        """Gather the insert."""
        self._gathered.write("booking_add", rows.booking_row(booking))
        self._gathered.write("history_add", rows.history_row(first))
        self._gathered.write("word_add", rows.words_row(booking, search_words(booking)))
        self._seen(booking)

    def save(self, booking: Booking, *moves: HistoryEntry) -> None:
        """Gather the update."""
        self._gathered.save("booking_save", rows.booking_row(booking))
        for move in moves:
            self._gathered.write("history_add", rows.history_row(move))
        before, after = self._gathered.seen.get(booking.id), search_words(booking)
        known = search_words(before) if before else ()
        if known != after:
            self._gathered.write("word_drop", rows.words_row(booking, _without(known, after)))
            self._gathered.write("word_add", rows.words_row(booking, _without(after, known)))
        self._seen(booking)

    def _seen(self, booking: Booking) -> Booking:
        self._gathered.seen[booking.id] = booking
        return booking


def _without(words: Sequence[str], others: Sequence[str]) -> Sequence[str]:
    return tuple(word for word in words if word not in others)


class RelationalPayments:
    """Payments by id."""

    __slots__ = ("_gathered",)

    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered

    async def get(self, payment_id: PaymentId) -> Payment:
        """Read one. Raises NotFound."""
        found = await self._read("payment", (payment_id,))
        if not found:
            raise NotFound("payment", payment_id)
        return found[0]

    async def of_booking(self, booking_id: BookingId) -> Sequence[Payment]:
        """List a booking's payments, oldest first."""
        return await self._read("payments_of_booking", (booking_id,))

    async def open(self, *, created_before: datetime, limit: int, after: Position | None = None) -> Sequence[Payment]:
        """List payments still open that were created before then, oldest first, from just behind `after`."""
        above = (EARLIEST, "") if after is None else (instant(after.at), after.id)
        return await self._read("payments_open", (instant(created_before), *above, limit))

    def add(self, payment: Payment) -> None:
        """Gather the insert."""
        self._gathered.write("payment_add", rows.payment_row(payment))

    def save(self, payment: Payment) -> None:
        """Gather the update."""
        self._gathered.save("payment_save", rows.payment_row(payment))

    async def _read(self, name: str, parameters: tuple[Any, ...]) -> Sequence[Payment]:
        return [rows.payment_from(row) for row in await self._gathered.reader.all(name, parameters)]


class RelationalLedger:
    """The double-entry ledger; append-only."""

    __slots__ = ("_gathered",)

    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered

    async def of_booking(self, booking_id: BookingId) -> Sequence[Entry]:
        """List a booking's entries in the order of posting."""
        return rows.entries_from(await self._gathered.reader.all("entries_of_booking", (booking_id,)))

    async def balances(self) -> Mapping[tuple[str, str], int]:
        """Sum every (account, currency), in minor units."""
        sums = await self._gathered.reader.far("balances")
        return {(account, currency): amount for account, currency, amount in sums}

    def post(self, entry: Entry) -> None:
        """Gather the entry and its postings."""
        self._gathered.write("entry_add", rows.entry_row(entry))
        for posting in rows.posting_rows(entry):
            self._gathered.write("posting_add", posting)
