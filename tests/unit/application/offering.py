"""Quotes with codes and agreed prices, in few words."""

from fractions import Fraction
from typing import Any

from repaircore.domain.actors import Actor, Role
from repaircore.domain.booking.booking import Booking
from repaircore.domain.pricing.overrides import AgreedPrice
from repaircore.domain.pricing.promotions import Promotion
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.rules import Action as Does
from repaircore.domain.pricing.rules import Rule, Scope, Stage
from tests.unit.application.conftest import STAFF, Shop

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
