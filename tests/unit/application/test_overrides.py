"""Agreed prices and margins, through the whole core."""

from datetime import timedelta
from fractions import Fraction

import pytest
from attrs import evolve

from repaircore.adapters.pricing.files import RulebookFiles
from repaircore.domain.actors import GUEST
from repaircore.domain.errors import Forbidden, InvalidValue, QuoteExpired, QuoteUsed, ReasonRequired
from repaircore.domain.money import Money
from repaircore.domain.pricing.margin import Margins, MarginTooLow, NotPricedOnline
from repaircore.domain.pricing.quote import QuoteStatus
from repaircore.domain.pricing.quoting import QuoteRequest
from repaircore.domain.pricing.rules import Action as Does
from repaircore.domain.pricing.rules import Rule, Scope, Stage
from tests.unit.application.conftest import EXAMPLE, STAFF, Shop
from tests.unit.application.offering import ADMIN, TECHNICIAN, WAS, agreed, book, events, quoted


@pytest.fixture
async def costly(shop: Shop) -> Shop:
    """The shop with margins guarded, where the parts of a screen cost 120.00; a screen is then 297.00 with VAT."""
    book = RulebookFiles(EXAMPLE).load(shop.core.pricing.prices.catalogue)
    parts = Rule(
        id="screen-parts",
        stage=Stage.PARTS,
        action=Does.SET,
        value=Fraction(12000),
        scope=Scope(services=frozenset({"screen-repair"})),
    )
    await shop.core.publish(evolve(book, version="costly", rules=(*book.rules, parts), margins=Margins()))
    return shop


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


async def test_an_agreed_price_is_withdrawn(shop: Shop) -> None:
    """It ends at once, with who and why on record; it still recomputes, and the quote before it stands as it did."""
    old = await quoted(shop)
    new = await agreed(shop, old, 15000)

    ended = await shop.core.override.withdraw(new.id, reason="The wrong customer", by=STAFF)

    assert ended.status_at(shop.clock.now()) is QuoteStatus.EXPIRED
    with pytest.raises(QuoteExpired):
        await book(shop, new)
    assert (await shop.core.pricing.verify(new.id)).matches
    assert (await book(shop, old)).total == old.priced.total
    event = (await shop.core.booking.unit_of_work().events.of_aggregate(new.id))[-1]
    assert (event.name, event.by, event.data) == ("quote.withdrawn", STAFF, {"reason": "The wrong customer"})


async def test_what_cannot_be_withdrawn(shop: Shop) -> None:
    """The rules' own prices, what is withdrawn or booked already; nothing without a reason, and nothing by customers."""
    old = await quoted(shop)
    new, booked = [await agreed(shop, old, 15000) for _ in range(2)]
    await book(shop, booked)
    withdraw = shop.core.override.withdraw

    for quote, by, reason, refusal in (
        (old, STAFF, "why", InvalidValue),
        (booked, STAFF, "why", QuoteUsed),
        (new, STAFF, " ", ReasonRequired),
        (new, GUEST, "why", Forbidden),
    ):
        with pytest.raises(refusal):
            await withdraw(quote.id, reason=reason, by=by)
    await withdraw(new.id, reason="why", by=STAFF)
    with pytest.raises(QuoteExpired):
        await withdraw(new.id, reason="why", by=STAFF)


async def test_unknown_costs_stop_nobody(shop: Shop) -> None:
    """Where no line's cost is known there is nothing to guard, and no alert either."""
    quote = await agreed(shop, await quoted(shop), 14000)

    assert await events(shop, quote.id) == ["quote.overridden"]


async def test_a_thin_margin_is_told(costly: Shop) -> None:
    """From 45 % down to 40 % the shop hears of it; above, it does not."""
    quote = await quoted(costly)
    good, thin = [await agreed(costly, quote, amount) for amount in (26500, 24000)]

    assert await events(costly, quote.id) == []
    assert await events(costly, good.id) == ["quote.overridden"]
    assert await events(costly, thin.id) == ["quote.overridden", "quote.margin_alert"]


async def test_a_price_below_the_minimum_needs_approval(costly: Shop) -> None:
    """Staff are refused, within their limit as they are; an admin approves with a reason, which is on record."""
    quote = await quoted(costly)
    with pytest.raises(MarginTooLow):
        await agreed(costly, quote, 23800)
    with pytest.raises(Forbidden, match="ask an admin"):
        await agreed(costly, quote, 23800, approval="a good customer")

    approved = await agreed(costly, quote, 23800, by=ADMIN, approval="a good customer")

    stream = await costly.core.booking.unit_of_work().events.of_aggregate(approved.id)
    assert [event.name for event in stream] == ["quote.overridden", "quote.margin_alert", "quote.margin_approved"]
    assert stream[1].data == {"margin": "at most 39.5 %", "verdict": "refused"}
    assert (stream[2].data, stream[2].by) == ({"reason": "a good customer"}, ADMIN)


async def test_the_rules_themselves_are_guarded(costly: Shop) -> None:
    """A price that the rules make too low is no offer, until an admin approves it."""
    book = costly.core.pricing.prices.version("costly").rulebook
    half = Rule(id="half", stage=Stage.DISCOUNTS, action=Does.PERCENT, value=Fraction(-50))
    await costly.core.publish(evolve(book, version="half-price", rules=(*book.rules, half)))
    request = QuoteRequest(device_id="iphone-13-pro", items=(("screen-repair", 1),))

    with pytest.raises(NotPricedOnline):
        await costly.core.pricing.request(request, by=GUEST)
    with pytest.raises(MarginTooLow):
        await costly.core.pricing.request(request, by=STAFF)
    quote = await costly.core.pricing.request(request, by=ADMIN, approval="a day of open doors")

    assert await events(costly, quote.id) == ["quote.margin_alert", "quote.margin_approved"]
