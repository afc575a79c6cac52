"""Quotes, bookings, payments and the ledger in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from attrs import frozen

from repaircore.adapters.storage.memory.gathering import Gathered
from repaircore.adapters.storage.memory.state import State
from repaircore.adapters.storage.searching import Wanted, wanted
from repaircore.domain.booking.booking import Booking, HistoryEntry
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.errors import NotFound
from repaircore.domain.identity import BookingId, PaymentId, QuoteId
from repaircore.domain.ledger.ledger import Entry
from repaircore.domain.payments.payment import Payment
from repaircore.domain.pricing.loyalty import PastOrders, customer_key
from repaircore.domain.pricing.quote import Quote
from repaircore.ports.errors import AlreadyExists
from repaircore.ports.unit_of_work import BookingFilter, Position


@frozen
class MemoryQuotes:
    """Quotes by id."""

    _gathered: Gathered

    async def get(self, quote_id: QuoteId) -> Quote:
        """Read one. Raises NotFound."""
        quote = self._gathered.state.quotes.get(quote_id)
        if quote is None:
            raise NotFound("quote", quote_id)
        return quote

    async def after(self, position: str, *, limit: int, newest_first: bool = False) -> Sequence[Quote]:
        """List quotes by id, from just behind that one."""
        quotes = self._gathered.state.quotes
        found = sorted(quotes, reverse=newest_first)
        if position:
            found = [each for each in found if (each < position if newest_first else each > position)]
        return [quotes[each] for each in found[:limit]]

    def add(self, quote: Quote) -> None:
        """Gather the insert."""
        self._gathered.write(lambda state: state.insert(state.quotes, quote.id, quote, "quote.id"))

    def save(self, quote: Quote) -> None:
        """Gather the update."""
        self._gathered.write(lambda state: state.replace(state.quotes, quote))


@frozen
class MemoryBookings:
    """Bookings by id, with their history."""

    _gathered: Gathered

    async def get(self, booking_id: BookingId) -> Booking:
        """Read one. Raises NotFound."""
        booking = self._gathered.state.bookings.get(booking_id)
        if booking is None:
            raise NotFound("booking", booking_id)
        return booking

    async def find(
        self, wanted: BookingFilter, *, limit: int, after: Position | None = None, newest_first: bool = True
    ) -> Sequence[Booking]:
        """List by `created_at` and id, from just behind `after`."""
        text = _wanted(wanted.text)
        found = sorted(
            (each for each in self._gathered.state.bookings.values() if _fits(each, wanted, text)),
            key=_place,
            reverse=newest_first,
        )
        if after is not None:
            last = (after.at, after.id)
            found = [each for each in found if (_place(each) < last if newest_first else _place(each) > last)]
        return found[:limit]

    async def history(self, booking_id: BookingId) -> Sequence[HistoryEntry]:
        """List every move, oldest first."""
        entries = (entry for entry in self._gathered.state.history.values() if entry.booking_id == booking_id)
        return sorted(entries, key=lambda entry: entry.version)

    async def count_by_status(self) -> Mapping[Status, int]:
        """Count the bookings in each status that any is in."""
        return Counter(booking.status for booking in self._gathered.state.bookings.values())

    async def of_customer(self, email: str, phone: str) -> Sequence[PastOrders]:
        """Count what a customer ordered, by e-mail or phone."""
        return [
            PastOrders(
                status=each.status, currency=each.total.currency, count=1, spent=each.total.amount, is_same=all(same)
            )
            for each in self._gathered.state.bookings.values()
            if any(same := _same(each, email, phone))
        ]

    def add(self, booking: Booking, first: HistoryEntry) -> None:
        """Gather the insert."""

        def write(state: State) -> None:
            state.insert(state.references, booking.reference, booking.id, "booking.reference")
            state.insert(state.bookings, booking.id, booking, "booking.id")

        self._gathered.write(write)
        self._gathered.write(partial(_remember, entry=first))

    def save(self, booking: Booking, *moves: HistoryEntry) -> None:
        """Gather the update."""

        def write(state: State) -> None:
            before = state.replace(state.bookings, booking)
            if before.reference != booking.reference:
                state.drop(state.references, before.reference)
                state.insert(state.references, booking.reference, booking.id, "booking.reference")

        self._gathered.write(write)
        for move in moves:
            self._gathered.write(partial(_remember, entry=move))


def _remember(state: State, entry: HistoryEntry) -> None:
    state.insert(state.history, (entry.booking_id, entry.version), entry, "booking.version")


def _place(booking: Booking) -> tuple[datetime, str]:
    return booking.created_at, booking.id


def _wanted(text: str) -> Wanted | None:
    return wanted(text) if text.strip() else None


def _fits(booking: Booking, filter: BookingFilter, text: Wanted | None) -> bool:
    return (
        (filter.status is None or booking.status is filter.status)
        and (not filter.technician_id or booking.technician_id == filter.technician_id)
        and (filter.created_from is None or booking.created_at >= filter.created_from)
        and (filter.created_until is None or booking.created_at < filter.created_until)
        and (text is None or text.matches(booking))
    )


def _same(booking: Booking, email: str, phone: str) -> tuple[bool, bool]:
    customer = booking.customer
    return customer_key(customer.email) == customer_key(email), customer.phone == phone


@frozen
class MemoryPayments:
    """Payments by id."""

    _gathered: Gathered

    async def get(self, payment_id: PaymentId) -> Payment:
        """Read one. Raises NotFound."""
        payment = self._gathered.state.payments.get(payment_id)
        if payment is None:
            raise NotFound("payment", payment_id)
        return payment

    async def of_booking(self, booking_id: BookingId) -> Sequence[Payment]:
        """List a booking's payments, oldest first."""
        return [payment for payment in self._oldest_first() if payment.booking_id == booking_id]

    async def open(self, *, created_before: datetime, limit: int, after: Position | None = None) -> Sequence[Payment]:
        """List payments still open that were created before then, oldest first, from just behind `after`."""
        found = (each for each in self._oldest_first() if each.is_open and each.created_at < created_before)
        if after is not None:
            found = (each for each in found if (each.created_at, each.id) > (after.at, after.id))
        return [payment for payment, _ in zip(found, range(limit), strict=False)]

    def add(self, payment: Payment) -> None:
        """Gather the insert."""

        def write(state: State) -> None:
            _mark(state, payment)
            state.insert(state.payments, payment.id, payment, "payment.id")

        self._gathered.write(write)

    def save(self, payment: Payment) -> None:
        """Gather the update."""

        def write(state: State) -> None:
            before = state.replace(state.payments, payment)
            if before.is_open:
                state.drop(state.open_payments, (before.booking_id, before.purpose))
            _mark(state, payment)

        self._gathered.write(write)

    def _oldest_first(self) -> Sequence[Payment]:
        return sorted(self._gathered.state.payments.values(), key=lambda payment: (payment.created_at, payment.id))


def _mark(state: State, payment: Payment) -> None:
    if payment.is_open:
        state.insert(state.open_payments, (payment.booking_id, payment.purpose), payment.id, "payment.open")


@frozen
class MemoryLedger:
    """The double-entry ledger; append-only."""

    _gathered: Gathered

    async def of_booking(self, booking_id: BookingId) -> Sequence[Entry]:
        """List a booking's entries in the order of posting."""
        return [entry for entry in self._gathered.state.entries.values() if entry.booking_id == booking_id]

    async def balances(self) -> Mapping[tuple[str, str], int]:
        """Sum every (account, currency), in minor units."""
        sums: dict[tuple[str, str], int] = {}
        for entry in self._gathered.state.entries.values():
            for posting in entry.postings:
                account = posting.account, posting.amount.currency
                sums[account] = sums.get(account, 0) + posting.amount.amount
        return sums

    def post(self, entry: Entry) -> None:
        """Gather the entry."""

        def write(state: State) -> None:
            state.insert(state.entries, entry.key, entry, "ledger.key")
            if sum(known.id == entry.id for known in state.entries.values()) > 1:
                raise AlreadyExists("ledger.id")

        self._gathered.write(write)
