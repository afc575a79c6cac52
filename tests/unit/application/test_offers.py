"""Agreed prices, promotion codes and market snapshots, through the whole core."""

import asyncio
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve

from repaircore.adapters.pricing.files import RulebookFiles
from repaircore.application.pricing.market import MeasureMarket
from repaircore.domain.actors import Actor, Role
from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.lifecycle import Action
from repaircore.domain.errors import Forbidden, InvalidValue, QuoteUsed
from repaircore.domain.identity import JobId
from repaircore.domain.money import Money
from repaircore.domain.pricing.margin import Margins
from repaircore.domain.pricing.market import Source
from repaircore.domain.pricing.overrides import AgreedPrice
from repaircore.domain.pricing.promotions import Promotion, PromotionUnusable
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.rules import Action as Does
from repaircore.domain.pricing.rules import Rule, Scope, Stage
from repaircore.ports.jobs import Job, JobState
from tests.unit.application.conftest import CUSTOMER, EXAMPLE, STAFF, Shop

ADMIN, TECHNICIAN = Actor(Role.ADMIN, "key_admin"), Actor(Role.TECHNICIAN, "key_tech")
WAS = 16500  # a screen of an iPhone 13 Pro
PROMOTIONS = (
    Promotion(code="SAVE15", uses=7),
    Promotion(code="WELCOME20", first_order=True),
    Promotion(code="SUMMER", uses=1000, ends=None),
)


def off(code: str, percent: int) -> Rule:
    """A discount for who has that code."""
    return Rule(
        id=code.lower(),
        stage=Stage.DISCOUNTS,
        action=Does.PERCENT,
        value=Fraction(-percent),
        scope=Scope(promo_codes=frozenset({code})),
        stacks=True,
    )


@pytest.fixture
async def offering(shop: Shop) -> Shop:
    """The shop with promotions, and margins guarded."""
    book = RulebookFiles(EXAMPLE).load(shop.core.pricing.prices.catalogue)
    rules = (*book.rules, off("SAVE15", 15), off("WELCOME20", 20))
    await shop.core.publish(evolve(book, version="offers", rules=rules, promotions=PROMOTIONS, margins=Margins()))
    return shop


async def quoted(shop: Shop, *codes: str, **given: Any) -> Quote:
    """A screen, priced."""
    return await shop.core.pricing.quote(device="iphone-13-pro", items=["screen-repair"], promo_codes=codes, **given)


async def book(shop: Shop, quote: Quote, number: int = 1) -> Booking:
    """One of many customers books the quote."""
    customer = shop.core.booking.contact("Ann Smith", f"ann{number}@example.com", f"+4420794601{number:02d}")
    return await shop.core.booking.book(quote.id, customer=customer, issue_description="The screen is cracked")


async def agreed(shop: Shop, quote: Quote, amount: int, by: Actor = STAFF, **given: Any) -> Quote:
    """Staff agree on a price for the screen."""
    prices = (AgreedPrice(line="screen-repair", amount=amount),)
    return await shop.core.override(quote.id, prices, reason="Promised on the phone", by=by, **given)


async def uses(shop: Shop, code: str) -> int:
    """How often a code was used."""
    return next(state.used for state in await shop.core.promotions.all() if state.promotion.code == code)


async def events(shop: Shop, id: str) -> list[str]:
    """What happened to it."""
    return [event.name for event in await shop.core.booking.unit_of_work().events.of_aggregate(id)]


async def test_an_agreed_price_is_a_new_quote(shop: Shop) -> None:
    """The old one stays as it was; the new one says who agreed to what and why, recomputes, and can be booked."""
    old = await quoted(shop)

    new = await agreed(shop, old, 15000)

    assert (old.priced.total.amount, new.priced.total.amount) == (WAS, 15000)
    assert await shop.core.pricing.get(old.id) == old
    assert new.facts.override is not None
    assert (new.facts.override.replaces, new.facts.override.by) == (old.id, STAFF)
    assert (await shop.core.pricing.verify(new.id)).matches
    assert (await book(shop, new)).total == Money(15000, "GBP")
    assert "quote.overridden" in await events(shop, new.id)


async def test_limits_do_not_add_up(shop: Shop) -> None:
    """Ten per cent and another ten are twenty of what the rules say, which a technician may not give."""
    once = await agreed(shop, await quoted(shop), WAS * 9 // 10, by=TECHNICIAN)

    with pytest.raises(Forbidden, match="ask a member of staff or an admin"):
        await agreed(shop, once, WAS * 81 // 100, by=TECHNICIAN)

    assert (await agreed(shop, once, WAS, by=TECHNICIAN)).priced.total.amount == WAS


async def test_an_agreed_price_has_its_own_time(shop: Shop) -> None:
    """Held as long as was agreed, or as long as any quote."""
    old = await quoted(shop)
    until = shop.clock.now() + timedelta(days=7)

    assert (await agreed(shop, old, 15000, expires_at=until)).valid_until == until
    assert (await agreed(shop, old, 15000)).valid_until == old.valid_until


async def test_only_an_open_quote_is_overridden(shop: Shop) -> None:
    """What was booked is booked."""
    old = await quoted(shop)
    await book(shop, old)

    with pytest.raises(QuoteUsed):
        await agreed(shop, old, 15000)


async def test_unknown_costs_stop_nobody(offering: Shop) -> None:
    """Where no line's cost is known there is nothing to guard, and no alert either."""
    quote = await agreed(offering, await quoted(offering), 14000)

    assert await events(offering, quote.id) == ["quote.overridden"]


async def test_a_code_is_used_with_the_booking(offering: Shop) -> None:
    """A quote counts nothing; the booking does, once."""
    quote = await quoted(offering, "save15")
    assert quote.facts.promo_codes == ("SAVE15",)
    assert quote.priced.total.amount < WAS
    assert await uses(offering, "SAVE15") == 0

    await book(offering, quote)

    assert await uses(offering, "SAVE15") == 1


async def test_never_more_uses_than_the_limit(offering: Shop) -> None:
    """Fifty customers book at once with a code that has seven uses: seven do; then it is refused at quoting."""
    quotes = [await quoted(offering, "SAVE15") for _ in range(50)]

    outcomes = await asyncio.gather(
        *(book(offering, quote, number) for number, quote in enumerate(quotes)), return_exceptions=True
    )

    booked = [each for each in outcomes if isinstance(each, Booking)]
    assert len(booked) == await uses(offering, "SAVE15") == 7
    assert all(isinstance(each, Booking | PromotionUnusable) for each in outcomes)
    late = await quoted(offering, "SAVE15")
    assert late.priced.total.amount == WAS
    assert [each.why for each in late.facts.refused_codes] == ["has been used as often as it may be"]


@pytest.mark.parametrize(("confirmed", "left"), [(False, 0), (True, 0)])
async def test_a_use_is_given_back(offering: Shop, confirmed: bool, left: int) -> None:
    """When the booking is called off before work begins."""
    booking = await book(offering, await quoted(offering, "SAVE15"))
    if confirmed:
        await offering.core.booking.move(booking.id, Action.CONFIRM, by=STAFF)

    await offering.core.booking.move(booking.id, Action.CANCEL, by=CUSTOMER, reason="changed my mind")

    assert await uses(offering, "SAVE15") == left


async def test_a_use_is_kept_once_work_began(offering: Shop) -> None:
    """What was called off during the work was a use."""
    booking = await book(offering, await quoted(offering, "SAVE15"))
    for action in (Action.CONFIRM, Action.START):
        await offering.core.booking.move(booking.id, action, by=STAFF)

    await offering.core.booking.move(booking.id, Action.CANCEL, by=STAFF, reason="cannot be repaired")

    assert await uses(offering, "SAVE15") == 1


async def test_a_first_order_is_a_first_order(offering: Shop) -> None:
    """Who has ordered before is told at booking, or at quoting when they are known; one who only cancelled has not ordered."""
    first = await book(offering, await quoted(offering, "WELCOME20"))
    again = await quoted(offering, "WELCOME20")

    with pytest.raises(PromotionUnusable, match="WELCOME20 is for a first order: ask for a new quote without it"):
        await book(offering, again)
    await offering.core.booking.move(first.id, Action.CANCEL, by=CUSTOMER, reason="changed my mind")

    assert (await book(offering, again)).quote_id == again.id


async def test_an_unknown_code(offering: Shop) -> None:
    """Is refused, and tells no other."""
    with pytest.raises(InvalidValue, match="'SAVE' is not a promotion of this business"):
        await quoted(offering, "SAVE")


async def test_quotes_use_the_newest_snapshot(shop: Shop) -> None:
    """The newest that is not older than a day; else none. Its figures stay on the quote."""
    market = shop.core.market
    assert (await quoted(shop)).facts.market.id == "ms_none"
    old = await market.add({"queue_length": 3}, by=STAFF)
    shop.clock.advance(timedelta(hours=1))
    new = await market.add({"queue_length": 12}, by=STAFF)
    await market.add({"queue_length": 1}, by=STAFF, at=old.at)

    quote = await quoted(shop)

    assert (quote.facts.market.id, dict(quote.facts.market.figures)) == (new.id, {"queue_length": 12})
    shop.clock.advance(timedelta(hours=24))
    assert await market.current() == new
    shop.clock.advance(timedelta(seconds=1))
    assert await market.current() is None
    assert (await quoted(shop)).facts.market.id == "ms_none"
    assert (await shop.core.pricing.verify(quote.id)).matches


@pytest.mark.parametrize(
    ("figures", "hours", "pointer"),
    [
        ({"queue_length": 1}, 1, "/at"),
        ({}, 0, "/figures"),
        ({"Queue/Length": 1}, 0, "/figures/Queue~1Length"),
        ({"queue_length": 10**9 + 1}, 0, "/figures/queue_length"),
        ({f"figure_{number}": 1 for number in range(51)}, 0, "/figures"),
    ],
)
async def test_what_is_no_measurement(shop: Shop, figures: dict[str, int], hours: int, pointer: str) -> None:
    """A time to come, no figures, too many, strange names, absurd numbers."""
    with pytest.raises(InvalidValue) as refused:
        await shop.core.market.add(figures, by=STAFF, at=shop.clock.now() + timedelta(hours=hours))

    assert refused.value.pointer == pointer


async def test_the_core_counts_its_own_bookings(shop: Shop) -> None:
    """Confirmed and running jobs are the queue; what people fed in stays beside it until it is too old."""
    await shop.core.market.add({"competitor_index": 97, "queue_length": 0}, by=STAFF)
    for _ in range(3):
        booking = await shop.booked("standard")
        await shop.core.booking.move(booking.id, Action.CONFIRM, by=STAFF)
    for action in (Action.START, Action.WAIT_FOR_PARTS):
        await shop.core.booking.move(booking.id, action, by=STAFF, reason="a screen is on its way")
    measure = MeasureMarket(shop.core.market)
    job = Job(
        id=JobId("job_1"),
        name="",
        payload={},
        state=JobState.LEASED,
        run_at=shop.clock.now(),
        attempts=1,
        lease=1,
        created_at=shop.clock.now(),
    )

    await measure(job)

    measured = await shop.core.market.current()
    assert measured is not None
    assert measured.source is Source.CORE
    assert measured.figures == {"competitor_index": 97, "queue_length": 2, "parts_waiting": 1}
    shop.clock.advance(timedelta(hours=25))
    await measure(job)
    later = await shop.core.market.current()
    assert later is not None
    assert "competitor_index" not in later.figures
