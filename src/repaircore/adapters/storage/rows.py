"""Aggregates as rows and back. A row is a tuple in the order of its table's columns; `position` comes from the database."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from repaircore.adapters.storage.encoding import (
    event_data,
    from_instant,
    from_instant_or_none,
    instant,
    instant_or_none,
    read_address,
    read_data,
    read_device,
    read_facts,
    read_figures,
    read_headers,
    read_next_action,
    read_payment_facts,
    read_priced,
    to_json,
)
from repaircore.adapters.storage.searching import search_text
from repaircore.domain.actors import Actor, Role
from repaircore.domain.booking.booking import Booking, HistoryEntry
from repaircore.domain.booking.contact import Contact, Fulfilment
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.events import Event
from repaircore.domain.identity import BookingId, KeyId, PaymentId, QuoteId
from repaircore.domain.ledger.ledger import Entry, Posting
from repaircore.domain.money import Money
from repaircore.domain.payments.payment import Payment, Purpose
from repaircore.domain.pricing.facts import DeviceFacts
from repaircore.domain.pricing.loyalty import PastOrders, customer_key
from repaircore.domain.pricing.market import DatedSnapshot, Source
from repaircore.domain.pricing.promotions import PromotionUse
from repaircore.domain.pricing.quote import Priced, Quote, QuoteStatus
from repaircore.domain.remembering import Remembered
from repaircore.ports.unit_of_work import ApiKey, InboxMessage, RecordedEvent, Replay

Cells = tuple[Any, ...]
Row = Cells

# Values are frozen, so equal rows may share one: a page that was read a moment ago costs no decoding.
_shared = lru_cache(maxsize=1024)
_priced_text = Remembered[Priced, str](to_json, most=256)
_device_text = Remembered[DeviceFacts, str](to_json, most=256)


def quote_row(quote: Quote) -> Cells:
    """Write a quote."""
    return (
        quote.id,
        quote.status.value,
        to_json(quote.facts),
        _priced_text(quote.priced),
        quote.rulebook_version,
        quote.engine_version,
        quote.receipt_hash,
        instant(quote.created_at),
        instant(quote.valid_until),
        quote.booking_id,
        instant_or_none(quote.accepted_at),
        quote.version,
    )


def saved_quote_row(quote: Quote) -> Cells:
    """Write what may change in a quote: facts and price stay as they were added."""
    return (
        quote.id,
        quote.status.value,
        quote.rulebook_version,
        quote.engine_version,
        quote.receipt_hash,
        instant(quote.created_at),
        instant(quote.valid_until),
        quote.booking_id,
        instant_or_none(quote.accepted_at),
        quote.version,
    )


@_shared
def quote_from(row: Row) -> Quote:
    """Read a quote."""
    return Quote(
        id=QuoteId(row[0]),
        status=QuoteStatus(row[1]),
        facts=read_facts(row[2]),
        priced=read_priced(row[3]),
        rulebook_version=row[4],
        engine_version=row[5],
        receipt_hash=row[6],
        created_at=from_instant(row[7]),
        valid_until=from_instant(row[8]),
        booking_id=row[9],
        accepted_at=from_instant_or_none(row[10]),
        version=row[11],
    )


def booking_row(booking: Booking) -> Cells:
    """Write a booking."""
    priced, customer = booking.priced, booking.customer
    return (
        booking.id,
        booking.reference,
        booking.profile,
        booking.status.value,
        booking.quote_id,
        booking.receipt_hash,
        booking.paid.currency,
        priced.total.amount,
        priced.deposit.amount,
        booking.paid.amount,
        _priced_text(priced),
        _device_text(booking.device),
        customer.name,
        customer.email,
        customer.phone,
        booking.fulfilment.value,
        None if booking.address is None else to_json(booking.address),
        booking.issue_description,
        booking.notes,
        instant_or_none(booking.slot_start),
        booking.technician_id,
        search_text(booking),
        customer_key(customer.email),
        instant(booking.created_at),
        instant(booking.updated_at),
        booking.version,
    )


def words_row(booking: Booking, words: Sequence[str]) -> Cells:
    """Write words that a booking is found by."""
    return instant(booking.created_at), booking.id, to_json(words)


@_shared
def booking_from(row: Row) -> Booking:
    """Read a booking."""
    return Booking(
        id=BookingId(row[0]),
        reference=row[1],
        profile=row[2],
        status=Status(row[3]),
        quote_id=QuoteId(row[4]),
        receipt_hash=row[5],
        paid=Money(row[9], row[6]),
        priced=read_priced(row[10]),
        device=read_device(row[11]),
        customer=Contact(name=row[12], email=row[13], phone=row[14]),
        fulfilment=Fulfilment(row[15]),
        address=None if row[16] is None else read_address(row[16]),
        issue_description=row[17],
        notes=row[18],
        slot_start=from_instant_or_none(row[19]),
        technician_id=row[20],
        created_at=from_instant(row[23]),
        updated_at=from_instant(row[24]),
        version=row[25],
    )


def past_from(row: Row, email: str, phone: str) -> PastOrders:
    """Read what a customer has ordered of one kind."""
    status, currency, key, number, count, spent = row
    is_same = (key, number) == (customer_key(email), phone)
    return PastOrders(status=Status(status), currency=currency, count=int(count), spent=int(spent), is_same=is_same)


def history_row(entry: HistoryEntry) -> Cells:
    """Write one line of a booking's history."""
    return (
        entry.booking_id,
        entry.version,
        entry.action,
        entry.before.value,
        entry.after.value,
        entry.actor.role.value,
        entry.actor.id,
        entry.reason,
        instant(entry.at),
    )


def history_from(row: Row) -> HistoryEntry:
    """Read one line of a booking's history."""
    return HistoryEntry(
        booking_id=BookingId(row[0]),
        version=row[1],
        action=row[2],
        before=Status(row[3]),
        after=Status(row[4]),
        actor=Actor(Role(row[5]), row[6]),
        reason=row[7],
        at=from_instant(row[8]),
    )


def payment_row(payment: Payment) -> Cells:
    """Write a payment, with the status its facts amount to."""
    return (
        payment.id,
        payment.booking_id,
        payment.purpose.value,
        payment.amount.currency,
        payment.amount.amount,
        payment.provider,
        payment.status.value,
        payment.is_open,
        instant(payment.created_at),
        payment.return_url,
        to_json(payment.facts),
        payment.provider_reference,
        to_json(payment.next_action),
        payment.version,
    )


def payment_from(row: Row) -> Payment:
    """Read a payment."""
    return Payment(
        id=PaymentId(row[0]),
        booking_id=BookingId(row[1]),
        purpose=Purpose(row[2]),
        amount=Money(row[4], row[3]),
        provider=row[5],
        created_at=from_instant(row[8]),
        return_url=row[9],
        facts=read_payment_facts(row[10]),
        provider_reference=row[11],
        next_action=read_next_action(row[12]),
        version=row[13],
    )


def entry_row(entry: Entry) -> Cells:
    """Write a ledger entry without its postings."""
    return entry.id, entry.key, entry.booking_id, entry.memo, instant(entry.at)


def posting_rows(entry: Entry) -> Iterator[Cells]:
    """Write a ledger entry's postings."""
    for number, posting in enumerate(entry.postings, start=1):
        yield entry.id, number, posting.account, posting.amount.currency, posting.amount.amount


def entries_from(rows: Iterable[Row]) -> Sequence[Entry]:
    """Read ledger entries, each given as one row for each of its postings."""
    postings: dict[str, list[Posting]] = {}
    heads: dict[str, Row] = {}
    for row in rows:
        heads[row[0]] = row
        postings.setdefault(row[0], []).append(Posting(row[5], Money(row[7], row[6])))
    return [
        Entry(
            id=id,
            key=row[1],
            booking_id=BookingId(row[2]),
            memo=row[3],
            at=from_instant(row[4]),
            postings=tuple(postings[id]),
        )
        for id, row in heads.items()
    ]


def event_cells(event: Event) -> Cells:
    """Write an event; the stream it joins is named twice, the second time to find the last of its numbers."""
    id, by = event.aggregate_id, event.by
    return id, id, event.name, instant(event.at), by.role.value, by.id, event_data(event)


def event_from(row: Row) -> RecordedEvent:
    """Read an event."""
    return RecordedEvent(
        position=row[0],
        aggregate_id=row[1],
        sequence=row[2],
        name=row[3],
        at=from_instant(row[4]),
        by=Actor(Role(row[5]), row[6]),
        data=read_data(row[7]),
    )


def snapshot_row(snapshot: DatedSnapshot) -> Cells:
    """Write a snapshot of the market."""
    figures, by = to_json(dict(snapshot.figures)), snapshot.by
    at, source = instant(snapshot.at), snapshot.source.value
    return snapshot.id, at, figures, source, by.role.value, by.id, snapshot.note


@_shared
def snapshot_from(row: Row) -> DatedSnapshot:
    """Read a snapshot of the market."""
    return DatedSnapshot(
        id=row[0],
        at=from_instant(row[1]),
        figures=read_figures(row[2]),
        source=Source(row[3]),
        by=Actor(Role(row[4]), row[5]),
        note=row[6],
    )


def use_row(use: PromotionUse) -> Cells:
    """Write a use of a promotion code."""
    return use.code, use.booking_id, use.customer.email, use.customer.phone, instant(use.at)


def message_row(message: InboxMessage) -> Cells:
    """Write a webhook."""
    headers = to_json(dict(message.headers))
    return message.provider, message.event_id, headers, message.body, instant(message.received_at)


def message_from(row: Row) -> InboxMessage:
    """Read a webhook."""
    return InboxMessage(
        provider=row[1], event_id=row[2], headers=read_headers(row[3]), body=row[4], received_at=from_instant(row[5])
    )


def key_row(key: ApiKey) -> Cells:
    """Write an API key."""
    return key.id, key.role.value, key.key_hash, key.label, instant(key.created_at), instant_or_none(key.revoked_at)


def key_from(row: Row) -> ApiKey:
    """Read an API key."""
    return ApiKey(
        id=KeyId(row[0]),
        role=Role(row[1]),
        key_hash=row[2],
        label=row[3],
        created_at=from_instant(row[4]),
        revoked_at=from_instant_or_none(row[5]),
    )


def replay_row(replay: Replay) -> Cells:
    """Write a kept answer."""
    headers = to_json(dict(replay.headers))
    at = instant(replay.created_at)
    return replay.scope, replay.key, replay.fingerprint, replay.status, headers, replay.body, at


def replay_from(row: Row) -> Replay:
    """Read a kept answer."""
    return Replay(
        scope=row[0],
        key=row[1],
        fingerprint=row[2],
        status=row[3],
        headers=read_headers(row[4]),
        body=row[5],
        created_at=from_instant(row[6]),
    )
