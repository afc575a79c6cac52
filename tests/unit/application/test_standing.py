"""A customer's record prices their quotes, and nobody else's."""

from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve

from repaircore.domain.actors import SYSTEM
from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.contact import Contact
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.errors import InvalidValue, ReasonRequired
from repaircore.domain.pricing.loyalty import Threshold
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.rules import Action, Rule, Scope, Stage
from repaircore.domain.pricing.standing import NotTheCustomer
from tests.unit.application.conftest import STAFF, Shop
from tests.unit.application.offering import WAS

ANN = ("ann@example.com", "+442079460123")
BO = ("bo@example.com", "+442079460124")


def off(percent: int, **scope: Any) -> Rule:
    """A discount on what the customer's record says."""
    id = "-".join(scope)
    return Rule(
        id=id, stage=Stage.DISCOUNTS, action=Action.PERCENT, value=Fraction(-percent), scope=Scope(**scope), stacks=True
    )


@pytest.fixture
async def loyal(shop: Shop) -> Shop:
    """The shop, with a discount for each thing that a record can say."""
    book = shop.core.rulebooks.in_force()
    rules = (off(10, first_order=True), off(20, tiers=frozenset({"gold"})), off(5, referred=True))
    await shop.core.publish(
        evolve(book, version="loyal", rules=(*book.rules, *rules), loyalty=(Threshold(tier="gold", orders=1),))
    )
    return shop


def who(shop: Shop, email: str, phone: str) -> Contact:
    """A customer."""
    return shop.core.booking.contact("Customer", email, phone)


async def asked(shop: Shop, customer: tuple[str, str] | None = ANN, **given: Any) -> Quote:
    """A screen, priced for somebody."""
    named = who(shop, *customer) if customer else None
    return await shop.core.pricing.quote(device="iphone-13-pro", items=["screen-repair"], customer=named, **given)


async def booked(shop: Shop, quote: Quote, customer: tuple[str, str] = ANN) -> Booking:
    """Somebody books it."""
    return await shop.core.booking.book(
        quote.id, customer=who(shop, *customer), issue_description="The screen is cracked"
    )


async def done(shop: Shop, customer: tuple[str, str] = ANN) -> Booking:
    """Somebody's booking, with the work done."""
    booking = await booked(shop, await asked(shop, customer), customer)
    after = evolve(booking, status=Status.COMPLETED, version=booking.version + 1)
    async with shop.storage.unit_of_work() as work:
        work.bookings.save(after)
        await work.commit()
    return after


def price(quote: Quote) -> int:
    return quote.priced.total.amount


async def test_a_first_order(loyal: Shop) -> None:
    """A new customer pays less; one who has a booking, however the e-mail is written, and one whom nobody named do not."""
    first, unnamed = await asked(loyal), await asked(loyal, None)
    await booked(loyal, first)
    again = [await asked(loyal, one) for one in (ANN, ("ANN@example.com", BO[1]), (BO[0], "020 7946 0123"))]

    assert (price(first), price(unnamed)) == (14900, WAS)
    assert [price(quote) for quote in again] == [WAS] * 3


async def test_a_tier_is_earned(loyal: Shop) -> None:
    """After the first order is done, and for who has both the e-mail and the phone of it."""
    await done(loyal)
    own, half = await asked(loyal), await asked(loyal, (ANN[0], BO[1]))

    assert (own.facts.tier, price(own)) == ("gold", 13200)
    assert (half.facts.tier, price(half)) == ("", WAS)


async def test_a_referral(loyal: Shop) -> None:
    """Another customer's reference of a finished job, on a first order; one's own, or one that is not done, is none."""
    finished = await done(loyal)
    unfinished = await booked(loyal, await asked(loyal, BO), BO)
    new = ("cy@example.com", "+442079460125")
    sent = await asked(loyal, new, referral_code=f" {finished.reference.lower()} ")
    others = [
        await asked(loyal, new, referral_code=unfinished.reference),
        await asked(loyal, ANN, referral_code=finished.reference),
        await asked(loyal, BO, referral_code=finished.reference),
    ]

    assert sent.facts.referred
    assert [quote.facts.referred for quote in others] == [False] * 3
    with pytest.raises(InvalidValue) as refused:
        await asked(loyal, new, referral_code="ann@example.com")
    assert refused.value.pointer == "/referral_code"


async def test_a_price_is_its_customers_alone(loyal: Shop) -> None:
    """Who asked in another's name cannot book in their own; the customer can."""
    await done(loyal)
    quote = await asked(loyal)

    for other in (BO, (ANN[0], BO[1]), (BO[0], ANN[1])):
        with pytest.raises(NotTheCustomer, match="another customer"):
            await booked(loyal, quote, other)

    assert (await booked(loyal, quote)).total.amount == 13200


async def test_a_first_order_is_booked_once(loyal: Shop) -> None:
    """Of two quotes for a first order, one becomes a booking."""
    one, other = await asked(loyal), await asked(loyal)
    await booked(loyal, one)

    with pytest.raises(NotTheCustomer, match="first order"):
        await booked(loyal, other)


async def test_customers_claim_nothing(loyal: Shop) -> None:
    """A guest who states it is refused, named or not, with a reason or not."""
    for claim in ({"first_order": True}, {"tier": "gold"}, {"referred": True}):
        for customer in (None, ANN):
            with pytest.raises(InvalidValue, match="for the shop to say"):
                await asked(loyal, customer, reason="Trust me", **claim)


async def test_staff_may_say_otherwise(loyal: Shop) -> None:
    """With a reason, which is on record; what the record says as well needs none."""
    await done(loyal)
    with pytest.raises(ReasonRequired):
        await asked(loyal, by=STAFF, first_order=True)

    stated = await asked(loyal, by=STAFF, first_order=True, reason="The first one was ours to mend")
    agreed = await asked(loyal, by=STAFF, first_order=False)

    assert (stated.facts.first_order, agreed.facts.first_order) == (True, False)
    events = await loyal.core.booking.unit_of_work().events.of_aggregate(stated.id)
    assert [(event.name, event.by) for event in events] == [("quote.customer_stated", STAFF)]
    assert (await booked(loyal, stated)).total == stated.priced.total


async def test_a_rulebook_that_does_not_ask_reads_nothing(shop: Shop) -> None:
    """A named customer is then as good as anybody, and the quote says nothing of them."""
    quote = await asked(shop, by=SYSTEM)

    assert (quote.facts.customer, quote.facts.first_order) == ("", False)


async def test_quotes_of_records_recompute(loyal: Shop) -> None:
    """Though the record goes on; who it was is not among what is stored with them."""
    quote = await asked(loyal)
    await booked(loyal, quote)

    assert (await loyal.core.pricing.verify(quote.id)).matches
    assert ANN[0] not in str(quote.facts)
