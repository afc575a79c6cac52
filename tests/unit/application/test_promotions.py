"""Promotion codes from quote to booking, through the whole core."""

import asyncio

import pytest
from attrs import evolve

from repaircore.adapters.pricing.files import RulebookFiles
from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.lifecycle import Action
from repaircore.domain.errors import InvalidValue
from repaircore.domain.pricing.margin import Margins
from repaircore.domain.pricing.promotions import PromotionUnusable
from repaircore.domain.pricing.quoting import QuoteRequest
from tests.unit.application.conftest import CUSTOMER, EXAMPLE, STAFF, Shop
from tests.unit.application.offering import PROMOTIONS, WAS, book, off, quoted, uses


@pytest.fixture
async def offering(shop: Shop) -> Shop:
    """The shop with promotions, and margins guarded."""
    book = RulebookFiles(EXAMPLE).load(shop.core.pricing.prices.catalogue)
    rules = (*book.rules, off("SAVE15", 15), off("WELCOME20", 20))
    await shop.core.publish(evolve(book, version="offers", rules=rules, promotions=PROMOTIONS, margins=Margins()))
    return shop


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


@pytest.mark.parametrize("confirmed", [False, True])
async def test_a_use_is_given_back(offering: Shop, confirmed: bool) -> None:
    """When the booking is called off before work begins."""
    booking = await book(offering, await quoted(offering, "SAVE15"))
    if confirmed:
        await offering.core.booking.move(booking.id, Action.CONFIRM, by=STAFF)

    await offering.core.booking.move(booking.id, Action.CANCEL, by=CUSTOMER, reason="changed my mind")

    assert await uses(offering, "SAVE15") == 0


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
    request = QuoteRequest(device_id="iphone-13-pro", items=(("screen-repair", 1),), promo_codes=("WELCOME20",))
    known = await offering.core.pricing.request(request, by=CUSTOMER, customer=first.customer)
    assert [each.why for each in known.facts.refused_codes] == ["is for a first order"]

    with pytest.raises(PromotionUnusable, match="WELCOME20 is for a first order: ask for a new quote without it"):
        await book(offering, again)
    await offering.core.booking.move(first.id, Action.CANCEL, by=CUSTOMER, reason="changed my mind")

    assert (await book(offering, again)).quote_id == again.id


async def test_an_unknown_code(offering: Shop) -> None:
    """Is refused, and tells no other."""
    with pytest.raises(InvalidValue, match="'SAVE' is not a promotion of this business"):
        await quoted(offering, "SAVE")
