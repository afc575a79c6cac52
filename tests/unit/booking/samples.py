"""A quote and a booking to start from."""

from datetime import UTC, datetime, timedelta

from attrs import evolve

from repaircore.domain.actors import GUEST, Actor, Role
from repaircore.domain.booking.booking import Booking, BookingRequest, book
from repaircore.domain.booking.contact import Contact, Fulfilment
from repaircore.domain.identity import BookingId, QuoteId
from repaircore.domain.money import Money
from repaircore.domain.pricing.facts import DeviceFacts, Facts, Item
from repaircore.domain.pricing.quote import Priced, Quote

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
STAFF = Actor(Role.STAFF, "key_1")
TECHNICIAN = Actor(Role.TECHNICIAN, "key_2")
CUSTOMER = Actor(Role.CUSTOMER, "cus_1")
ANN = Contact(name="Ann Smith", email="ann@example.com", phone="+442079460123")


def a_quote(*, total: int = 24800, deposit: int = 6200, currency: str = "GBP", refundable: bool = True) -> Quote:
    """A quote over that total, of which that deposit."""
    device = DeviceFacts(id="iphone-13-pro", name="Apple iPhone 13 Pro", brand="Apple", category="iphone", year=2021)
    return Quote(
        id=QuoteId("qt_1"),
        facts=Facts(device=device, items=(Item(service_id="screen-repair", name="Screen repair"),), local_time=NOW),
        priced=Priced(
            lines=(),
            subtotal=Money(total, currency),
            taxes=(),
            total=Money(total, currency),
            deposit=Money(deposit, currency),
            deposit_refundable=refundable,
        ),
        rulebook_version="1",
        engine_version="1",
        receipt_hash="f" * 64,
        created_at=NOW,
        valid_until=NOW + timedelta(hours=2),
    )


def a_request(**changes: object) -> BookingRequest:
    """What Ann asks for."""
    wanted = BookingRequest(
        customer=ANN, issue_description="The screen is cracked from a fall", fulfilment=Fulfilment.IN_STORE
    )
    return evolve(wanted, **changes)  # type: ignore[arg-type]


def a_booking(*, profile: str = "repair-bench", quote: Quote | None = None) -> Booking:
    """Ann's booking, just made."""
    booking, _, _, _ = book(
        quote or a_quote(),
        a_request(),
        id=BookingId("bk_1"),
        reference="7ZK4-M2QX-8",
        profile=profile,
        by=GUEST,
        at=NOW,
    )
    return booking
