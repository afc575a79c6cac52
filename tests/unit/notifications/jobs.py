"""Two real jobs to write to customers about: a phone on the bench in London, a phone in the van near Chicago."""

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from attrs import evolve

from repaircore.application.notifications.context import context
from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.contact import Contact, Fulfilment
from repaircore.domain.identity import BookingId, QuoteId
from repaircore.domain.ledger.ledger import charge, receipt, statement
from repaircore.domain.money import Money
from repaircore.domain.operations.business import Business
from repaircore.domain.pricing.facts import DeviceFacts
from repaircore.domain.pricing.quote import Line, LineKind, Priced, TaxTotal

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TRACKING_URL = "https://repairs.example.com/track/tok_3f9a"

BENCH = Business(
    name="Ada's Repairs",
    currency="GBP",
    timezone="Europe/London",
    country="GB",
    profile="repair-bench",
    phone="020 7946 0123",
    email="hello@shop.example.com",
    address="12 Example Street, London N1 9GU",
)
VAN = Business(name="Van & Sons", currency="USD", timezone="America/Chicago", country="US", profile="mobile-van")


def _line(code: str, description: str, amount: Money, quantity: int = 1) -> Line:
    unit = Money(amount.amount // quantity, amount.currency)
    return Line(code=code, description=description, kind=LineKind.REPAIR, quantity=quantity, unit=unit, amount=amount)


def bench_job(**changes: Any) -> Booking:
    """An urgent screen: £248 with the VAT within, a quarter of it as a deposit."""
    total = Money(24800, "GBP")
    job = Booking(
        id=BookingId("bk_1"),
        reference="7ZK4-M2QX-8",
        profile="repair-bench",
        quote_id=QuoteId("qt_1"),
        receipt_hash="f" * 64,
        priced=Priced(
            lines=(_line("screen-repair", "Screen repair, iPhone 13 Pro", total),),
            subtotal=total,
            taxes=(TaxTotal(name="VAT", rate=Fraction(20), inclusive=True, amount=Money(4133, "GBP")),),
            total=total,
            deposit=Money(6200, "GBP"),
        ),
        device=DeviceFacts(id="iphone-13-pro", name="iPhone 13 Pro", brand="Apple", category="iphone", year=2021),
        customer=Contact(name="Zoë O'Brien", email="zoe@example.com", phone="+442079460123"),
        fulfilment=Fulfilment.IN_STORE,
        issue_description="The screen is cracked from a fall <1 m & flickers",
        created_at=NOW,
        updated_at=NOW,
        paid=Money.zero("GBP"),
        slot_start=datetime(2026, 3, 6, 14, 30, tzinfo=UTC),
    )
    return evolve(job, **changes)


def van_job(**changes: Any) -> Booking:
    """An original screen at ZIP 60462: $220.00 and $20.35 tax on top, $15 deposit."""
    net, tax = Money(22000, "USD"), Money(2035, "USD")
    priced = Priced(
        lines=(_line("screen-original", "Original screen, Galaxy S22", net),),
        subtotal=net,
        taxes=(TaxTotal(name="Sales tax", rate=Fraction(37, 4), inclusive=False, amount=tax),),
        total=net + tax,
        deposit=Money(1500, "USD"),
    )
    device = DeviceFacts(id="galaxy-s22", name="Galaxy S22", brand="Samsung", category="galaxy", year=2022)
    job = bench_job(priced=priced, device=device, paid=Money.zero("USD"), fulfilment=Fulfilment.MOBILE)
    return evolve(job, **{"slot_start": datetime(2026, 3, 6, 17, 0, tzinfo=UTC), **changes})


def told(job: Booking, business: Business = BENCH, *, paid: int = 0, reason: str = "") -> Mapping[str, Any]:
    """Build the context from the job's own ledger after so much was paid."""
    currency = job.total.currency
    entries = [charge(job.id, job.priced, id="le_1", at=NOW)]
    if paid:
        amount = Money(paid, currency)
        entries.append(receipt(job.id, amount, provider="sandbox", key="pay_1", id="le_2", at=NOW, memo="deposit"))
    return context(job, business, statement(job.id, entries, currency), TRACKING_URL, reason=reason)
