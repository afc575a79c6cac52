"""Bookings: what they are made from, what they refuse, what of the deposit stays."""

from datetime import timedelta
from functools import partial

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from repaircore.domain.actors import GUEST, Actor
from repaircore.domain.booking.booking import book
from repaircore.domain.booking.contact import Address, Contact, Fulfilment
from repaircore.domain.booking.ending import kept
from repaircore.domain.booking.lifecycle import Action, Status, profile
from repaircore.domain.errors import IllegalTransition, InvalidValue, QuoteChanged, QuoteExpired, QuoteUsed
from repaircore.domain.identity import BookingId
from repaircore.domain.money import Money
from repaircore.domain.pricing.quote import QuoteStatus
from tests.unit.booking.samples import CUSTOMER, NOW, STAFF, a_booking, a_quote, a_request

make = partial(book, id=BookingId("bk_1"), reference="7ZK4-M2QX-8", profile="repair-bench", by=GUEST)
BENCH = profile("repair-bench")


def test_a_quote_becomes_one_booking() -> None:
    """The price is the quote's, and the quote is used up."""
    quote = a_quote()

    booking, used, requested, first = make(quote, a_request(), at=NOW)

    assert (booking.total, booking.receipt_hash) == (quote.priced.total, quote.receipt_hash)
    assert (used.status, used.booking_id) == (QuoteStatus.BOOKED, booking.id)
    assert (requested.name, first.after) == ("booking.requested", Status.PENDING)
    with pytest.raises(QuoteUsed):
        make(used, a_request(), at=NOW)


def test_an_expired_quote() -> None:
    """A price is held until its time and not a moment longer."""
    quote = a_quote()

    assert make(quote, a_request(), at=quote.valid_until - timedelta(microseconds=1))
    with pytest.raises(QuoteExpired, match="new quote"):
        make(quote, a_request(), at=quote.valid_until)


def test_accepting_other_terms() -> None:
    """Approval holds for the receipt it was given to."""
    with pytest.raises(QuoteChanged):
        a_quote().accept("0" * 64, at=NOW)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"issue_description": "too short"}, "/issue_description"),
        ({"issue_description": "x" * 1501}, "/issue_description"),
        ({"issue_description": " " * 20}, "/issue_description"),
        ({"notes": "n" * 2001}, "/notes"),
        ({"slot_start": NOW}, "/slot_start"),
        ({"slot_start": NOW - timedelta(days=1)}, "/slot_start"),
        ({"fulfilment": Fulfilment.PICKUP}, "/fulfilment"),
    ],
)
def test_what_a_booking_refuses(changes: dict[str, object], pointer: str) -> None:
    """Each refusal points at the field."""
    with pytest.raises(InvalidValue) as refused:
        make(a_quote(), a_request(**changes), at=NOW)
    assert refused.value.pointer == pointer


def test_a_pickup_needs_an_address() -> None:
    """Somebody has to know where to go."""
    quote = a_quote()
    quote = evolve(quote, facts=evolve(quote.facts, fulfilment="pickup"))
    home = Address(line1="1 High Street", city="London", postcode="N1 9GU", country="GB")

    with pytest.raises(InvalidValue, match="address"):
        make(quote, a_request(fulfilment=Fulfilment.PICKUP), at=NOW)
    assert make(quote, a_request(fulfilment=Fulfilment.PICKUP, address=home), at=NOW)[0].address == home


@pytest.mark.parametrize(
    ("name", "pointer"), [("", "/customer/name"), ("  ", "/customer/name"), ("x" * 201, "/customer/name")]
)
def test_names_that_are_none(name: str, pointer: str) -> None:
    """A customer has a name, of a length a label can hold."""
    with pytest.raises(InvalidValue) as refused:
        Contact(name=name, email="ann@example.com", phone="+442079460123")
    assert refused.value.pointer == pointer


def test_rescheduling_until_work_starts() -> None:
    """An appointment moves while it lies ahead, and only into the future."""
    booking, later = a_booking(quote=a_quote(deposit=0)), NOW + timedelta(days=2)

    moved, event, entry = booking.reschedule(later, by=CUSTOMER, at=NOW)
    assert (moved.slot_start, event.after, entry.action) == (later, later, "reschedule")
    with pytest.raises(InvalidValue):
        booking.reschedule(NOW, by=CUSTOMER, at=NOW)
    confirmed, _, _ = booking.move(Action.CONFIRM, BENCH, by=STAFF, at=NOW)
    started, _, _ = confirmed.move(Action.START, BENCH, by=STAFF, at=NOW)
    with pytest.raises(IllegalTransition):
        started.reschedule(later, by=STAFF, at=NOW)


def test_reassigning_until_the_end() -> None:
    """A job has one technician at a time, and none once it is over."""
    booking = a_booking()
    moved, event, _ = booking.reassign("tech_7", BENCH, by=STAFF, at=NOW)
    over, _, _ = moved.move(Action.CANCEL, BENCH, by=CUSTOMER, at=NOW, reason="changed my mind")

    assert (event.before, event.after, moved.technician_id) == ("", "tech_7", "tech_7")
    with pytest.raises(IllegalTransition):
        over.reassign("tech_8", BENCH, by=STAFF, at=NOW)


@given(st.lists(st.integers(1, 9000), max_size=6))
def test_the_deposit_moves_a_booking_once(amounts: list[int]) -> None:
    """However the deposit arrives, `deposit_paid` is entered once, when it is covered, and `paid` is what arrived."""
    booking, entries = a_booking(), 0
    for amount in amounts:
        booking, _, history = booking.receive(Money(amount, "GBP"), BENCH, at=NOW)
        entries += len(history)

    assert booking.paid == Money(sum(amounts), "GBP")
    assert entries == (sum(amounts) >= 6200)
    assert (booking.status is Status.DEPOSIT_PAID) == (sum(amounts) >= 6200)
    assert booking.version == 1 + len(amounts)


@pytest.mark.parametrize(
    ("refundable", "action", "by", "expected"),
    [
        (True, Action.CANCEL, CUSTOMER, 0),
        (False, Action.CANCEL, CUSTOMER, 6200),
        (False, Action.CANCEL, STAFF, 0),
        (False, Action.NO_SHOW, STAFF, 6200),
        (True, Action.NO_SHOW, STAFF, 0),
        (False, Action.REJECT, STAFF, 0),
        (False, Action.DECLINE, CUSTOMER, 6200),
    ],
)
def test_what_of_the_deposit_stays(refundable: bool, action: Action, by: Actor, expected: int) -> None:
    """A non-refundable deposit stays with the shop when the customer ends the job, never when the shop does."""
    booking = evolve(a_booking(quote=a_quote(refundable=refundable)), paid=Money(6200, "GBP"))

    assert kept(booking, action, by=by) == Money(expected, "GBP")
