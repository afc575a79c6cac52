"""Values to store: complete ones, and short ways to make many."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from attrs import evolve

from repaircore.domain.actors import GUEST, SYSTEM, Actor, Role
from repaircore.domain.booking.booking import Booking, HistoryEntry
from repaircore.domain.booking.contact import Address, Contact, Fulfilment
from repaircore.domain.booking.events import BookingRequested
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.booking.reference import reference
from repaircore.domain.events import Event
from repaircore.domain.identity import BookingId, PaymentId, QuoteId
from repaircore.domain.ledger.ledger import Entry, charge
from repaircore.domain.money import Money
from repaircore.domain.payments.payment import Fact, FactKind, NextAction, Payment, Purpose
from repaircore.domain.pricing.facts import DeviceFacts, Facts, Item, MarketSnapshot
from repaircore.domain.pricing.quote import Line, LineKind, Priced, Quote, TaxTotal
from repaircore.ports.jobs import NewJob
from repaircore.ports.unit_of_work import Replay

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
STAFF = Actor(Role.STAFF, "key_1")

# Texts that a careless database loses, cuts, folds or takes for its own language.
AWKWARD = (
    "",
    " leading and trailing ",
    "Robert'); DROP TABLE bookings;--",
    "back\\slash \"quoted\" 'single' `tick`",
    "100 % of _under_scores_ and ? and :name and %s",
    "Zoë O’Brien-Łukasz 👩🏽‍🔧 修理店 \u202eright to left\u202c",
    "line\nbreak\r\nreturn\ttab\u2028separator\x7f",
    "1e5",
    "0012",
    "null",
    "{}",
    "x" * 1500,
)


def pounds(amount: int) -> Money:
    """That many pence."""
    return Money(amount, "GBP")


PRICED = Priced(
    lines=(
        Line(
            code="screen-repair",
            description="Screen repair",
            kind=LineKind.REPAIR,
            quantity=2,
            unit=pounds(8300),
            amount=pounds(16600),
        ),
        Line(
            code="less", description="Loyal", kind=LineKind.DISCOUNT, quantity=1, unit=pounds(-100), amount=pounds(-100)
        ),
    ),
    subtotal=pounds(16500),
    taxes=(TaxTotal(name="VAT", rate=Fraction(41, 2), inclusive=True, amount=pounds(2750)),),
    total=pounds(16500),
    deposit=pounds(4125),
    deposit_refundable=False,
)
DEVICE = DeviceFacts(id="iphone-13-pro", name="iPhone 13 Pro", brand="Apple", category="phone", year=2021)
FACTS = Facts(
    device=DEVICE,
    items=(Item(service_id="screen-repair", name="Screen repair", quantity=2),),
    local_time=NOON,
    urgency="urgent",
    postcode="SW1A 1AA",
    promo_codes=("LOYAL",),
    market=MarketSnapshot(id="ms_1", figures={"demand": 104}),
)
ADDRESS = Address(line1="1 Example Street", city="London", postcode="SW1A 1AA", country="GB")
CUSTOMER = Contact(name="Jo Bloggs", email="Jo@example.com", phone="+442079460958")


def a_quote(number: int = 1) -> Quote:
    """An open quote."""
    return Quote(
        id=QuoteId(f"qt_{number:04d}"),
        facts=FACTS,
        priced=PRICED,
        rulebook_version="2026-01",
        engine_version="1",
        receipt_hash="5e" * 32,
        created_at=NOON,
        valid_until=NOON + timedelta(hours=24),
    )


def a_booking(number: int = 1, *, minutes: int = 0) -> Booking:
    """A pending booking, made that many minutes past noon."""
    at = NOON + timedelta(minutes=minutes)
    return Booking(
        id=BookingId(f"bk_{number:04d}"),
        reference=reference(number),
        profile="bench",
        quote_id=QuoteId(f"qt_{number:04d}"),
        receipt_hash="5e" * 32,
        priced=PRICED,
        device=DEVICE,
        customer=CUSTOMER,
        fulfilment=Fulfilment.PICKUP,
        issue_description="The screen is cracked in two places",
        created_at=at,
        updated_at=at,
        paid=pounds(0),
        address=ADDRESS,
        slot_start=at + timedelta(days=1),
        notes="Ring twice",
        technician_id="tech_1",
    )


def first_entry(booking: Booking) -> HistoryEntry:
    """How a booking's history begins."""
    return HistoryEntry(
        booking_id=booking.id,
        action="book",
        before=Status.PENDING,
        after=Status.PENDING,
        actor=GUEST,
        reason="",
        at=booking.created_at,
        version=1,
    )


def confirmed(booking: Booking) -> tuple[Booking, HistoryEntry]:
    """The booking's next version, and the row of its history that goes with it."""
    at = booking.updated_at + timedelta(minutes=1)
    after = evolve(booking, status=Status.CONFIRMED, updated_at=at, version=booking.version + 1)
    entry = HistoryEntry(
        booking_id=booking.id,
        action="confirm",
        before=booking.status,
        after=Status.CONFIRMED,
        actor=STAFF,
        reason="it fits",
        at=at,
        version=after.version,
    )
    return after, entry


def a_payment(number: int = 1, *, booking: int = 1, minutes: int = 0, purpose: Purpose = Purpose.DEPOSIT) -> Payment:
    """An open payment for a booking."""
    return Payment(
        id=PaymentId(f"pay_{number:04d}"),
        booking_id=BookingId(f"bk_{booking:04d}"),
        purpose=purpose,
        amount=pounds(4125),
        provider="sandbox",
        created_at=NOON + timedelta(minutes=minutes),
        return_url="https://shop.example.com/back",
        next_action=NextAction(type="redirect", url="https://pay.example.com/1"),
    )


def captured(payment: Payment) -> Payment:
    """The payment, paid."""
    fact = Fact(kind=FactKind.CAPTURED, reference="cap_1", amount=payment.amount, at=NOON)
    return payment.learn(fact, reference="sb_1")[0]


def an_entry(number: int = 1, *, booking: int = 1) -> Entry:
    """A charge to a booking's customer; its key is its own."""
    entry = charge(BookingId(f"bk_{booking:04d}"), PRICED, id=f"le_{number:04d}", at=NOON)
    return evolve(entry, key=f"charge/{number}")


def an_event(booking: Booking) -> Event:
    """A booking was requested."""
    return BookingRequested(
        aggregate_id=booking.id,
        at=booking.created_at,
        by=SYSTEM,
        reference=booking.reference,
        quote_id=booking.quote_id,
        total=booking.total,
    )


def a_replay(key: str = "k1", *, scope: str = "POST /v1/bookings", minutes: int = 0) -> Replay:
    """An answer to keep."""
    return Replay(
        scope=scope,
        key=key,
        fingerprint="f1" * 32,
        status=201,
        headers={"etag": '"1"'},
        body=b'{"a":"\xc3\xa9"}',
        created_at=NOON + timedelta(minutes=minutes),
    )


def subscriptions(event: Event) -> tuple[NewJob, ...]:
    """Every event interests two: give this to the storage under test."""
    return (
        NewJob(name="mail", payload={"aggregate_id": event.aggregate_id}, ordering_key=event.aggregate_id),
        NewJob(name="count", payload={"event": event.name}),
    )
