"""What is written into columns is read back exactly, whatever it is."""

from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from repaircore.adapters.storage import rows
from repaircore.adapters.storage.encoding import from_instant, instant
from repaircore.adapters.storage.jobs import job_id, position_of
from repaircore.adapters.storage.searching import Exact, wanted
from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.contact import Address, Contact, Fulfilment
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.booking.reference import BITS, reference
from repaircore.domain.identity import JobId
from repaircore.domain.money import Money
from repaircore.domain.payments.payment import Fact, FactKind, NextAction, Payment, Purpose
from repaircore.domain.pricing.facts import DeviceFacts, Facts, Item, MarketSnapshot
from repaircore.domain.pricing.quote import Line, LineKind, Priced, Quote, QuoteStatus, TaxTotal
from repaircore.testing.storage.values import a_booking, a_payment, a_quote

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8))])
MOMENTS = st.datetimes(datetime(1980, 1, 1), datetime(2200, 1, 1), timezones=ZONES)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
FILLED = TEXTS.filter(str.strip)
AMOUNTS = st.integers(-(10**15), 10**15)


def monies(currency: str, amounts: st.SearchStrategy[int] = AMOUNTS) -> st.SearchStrategy[Money]:
    """Amounts in one currency."""
    return st.builds(Money, amounts, st.just(currency))


@st.composite
def results(draw: st.DrawFn) -> Priced:
    """Priced results in any currency."""
    money = monies(draw(st.sampled_from(["GBP", "JPY", "KWD"])))
    rates = st.fractions()
    lines = st.builds(
        Line, code=TEXTS, description=TEXTS, kind=st.sampled_from(LineKind), quantity=AMOUNTS, unit=money, amount=money
    )
    taxes = st.builds(TaxTotal, name=TEXTS, rate=rates, inclusive=st.booleans(), amount=money)
    return Priced(
        lines=tuple(draw(st.lists(lines, max_size=3))),
        subtotal=draw(money),
        taxes=tuple(draw(st.lists(taxes, max_size=2))),
        total=draw(money),
        deposit=draw(money),
        deposit_refundable=draw(st.booleans()),
    )


DEVICES = st.builds(
    DeviceFacts, id=TEXTS, name=TEXTS, brand=TEXTS, category=TEXTS, year=st.none() | st.integers(1970, 2100)
)
FACTS = st.builds(
    Facts,
    device=DEVICES,
    items=st.lists(st.builds(Item, service_id=TEXTS, name=TEXTS, quantity=st.integers(1, 99)), max_size=3).map(tuple),
    local_time=MOMENTS,
    postcode=TEXTS,
    promo_codes=st.lists(TEXTS, max_size=2).map(tuple),
    market=st.builds(MarketSnapshot, id=TEXTS, figures=st.dictionaries(TEXTS, AMOUNTS, max_size=3)),
)
QUOTES = st.builds(
    evolve,
    st.just(a_quote()),
    facts=FACTS,
    priced=results(),
    created_at=MOMENTS,
    valid_until=MOMENTS,
    status=st.sampled_from(QuoteStatus),
    booking_id=st.none() | TEXTS,
    accepted_at=st.none() | MOMENTS,
    version=st.integers(1, 10**9),
)
BOOKINGS = st.builds(
    evolve,
    st.just(a_booking()),
    priced=results(),
    device=DEVICES,
    customer=st.builds(Contact, name=FILLED, email=TEXTS, phone=TEXTS),
    fulfilment=st.sampled_from(Fulfilment),
    address=st.none()
    | st.builds(
        Address, line1=FILLED, line2=TEXTS, city=FILLED, postcode=FILLED.map(lambda t: t[:20] or "1").filter(str.strip)
    ),
    slot_start=st.none() | MOMENTS,
    status=st.sampled_from(Status),
    notes=TEXTS,
    paid=monies("JPY"),
)
PROVIDER_FACTS = st.builds(
    Fact, kind=st.sampled_from(FactKind), reference=TEXTS, amount=monies("GBP"), at=MOMENTS, detail=TEXTS
)
PAYMENTS = st.builds(
    evolve,
    st.just(a_payment()),
    purpose=st.sampled_from(Purpose),
    amount=monies("GBP", st.integers(1, 10**15)),
    facts=st.lists(PROVIDER_FACTS, max_size=3).map(tuple),
    next_action=st.builds(NextAction, type=TEXTS, url=TEXTS, client_secret=TEXTS),
)


@given(QUOTES)
def test_quotes(quote: Quote) -> None:
    """A quote and its row are the same thing; an offset is kept where the price depends on it."""
    read = rows.quote_from(rows.quote_row(quote))

    assert read == quote
    assert read.facts.local_time.utcoffset() == quote.facts.local_time.utcoffset()
    assert hash(read.facts.device) == hash(quote.facts.device)  # the engine looks up what it remembers by device


@given(BOOKINGS)
def test_bookings(booking: Booking) -> None:
    """A booking and its row are the same thing."""
    assert rows.booking_from(rows.booking_row(booking)) == booking


@given(PAYMENTS)
def test_payments(payment: Payment) -> None:
    """A payment and its row are the same thing."""
    assert rows.payment_from(rows.payment_row(payment)) == payment


@given(results())
def test_a_rate_kept_as_a_float_is_noticed(priced: Priced) -> None:
    """The law is not vacuous: rates that go through floating point do not all come back."""
    third = TaxTotal(name="VAT", rate=Fraction(1, 3), inclusive=False, amount=priced.total)
    through_float = evolve(third, rate=Fraction(float(third.rate)))

    assert evolve(priced, taxes=(through_float,)) != evolve(priced, taxes=(third,))


@given(st.lists(MOMENTS, min_size=2, max_size=6))
def test_text_sorts_as_time_does(moments: list[datetime]) -> None:
    """Moments of any zone, written down, are in order when the text is; and they are the same when read."""
    written = [instant(moment) for moment in moments]

    assert [from_instant(text) for text in written] == moments
    assert sorted(written) == [instant(moment) for moment in sorted(moments)]
    assert {len(text) for text in written} == {32}


@given(st.lists(MOMENTS, min_size=2, max_size=6))
def test_other_ways_of_writing_time_are_noticed(moments: list[datetime]) -> None:
    """The law is not vacuous: with the offset as it was, text does not sort as time does."""
    late, early = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-8))), datetime(2026, 1, 1, 1, tzinfo=UTC)

    assert (late.isoformat() > early.isoformat()) != (late > early)
    assert (instant(late) > instant(early)) == (late > early)
    assert moments


@given(st.integers(1, 10**12))
def test_job_ids(position: int) -> None:
    """A job's id names its place, and sorts by it."""
    assert position_of(job_id(position)) == position
    assert job_id(position) < job_id(position + 1) or position + 1 == 10**12


@pytest.mark.parametrize("nonsense", ["", "job_", "job_x", "bk_1", "job_٣", "job_-1"])
def test_what_is_no_job_id(nonsense: str) -> None:
    """It names the place where no job is."""
    assert position_of(JobId(nonsense)) == 0


@given(st.integers(0, (1 << BITS) - 1))
def test_references_are_recognised(number: int) -> None:
    """Every reference is looked for as one, as it is written and without its dashes."""
    text = reference(number)

    assert (wanted(text).exact, wanted(text).value) == (Exact.REFERENCE, text)
    assert wanted(text.replace("-", "").lower()).value == text


@pytest.mark.parametrize(
    ("text", "exact", "value"),
    [
        ("Jo.Bloggs+x@Example.COM", Exact.EMAIL, "jo.bloggs+x@example.com"),
        ("+44 20 7946 0958", Exact.PHONE, "+442079460958"),
        ("442079460958", Exact.PHONE, "+442079460958"),
        ("Jo Bloggs", None, ""),
        ("@ home", None, ""),
        ("12345", None, ""),
    ],
)
def test_what_people_type(text: str, exact: Exact | None, value: str) -> None:
    """E-mail addresses, phone numbers, and everything else."""
    assert (wanted(text).exact, wanted(text).value) == (exact, value)
