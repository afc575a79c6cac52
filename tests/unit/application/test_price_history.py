"""Every change of a base price is on record: who, when, why, with which batch."""

from fractions import Fraction

from attrs import evolve

from repaircore.domain.actors import Actor, Role
from repaircore.domain.catalog.history import PriceKind
from repaircore.domain.money import Money
from repaircore.domain.pricing.rules import Rulebook
from repaircore.ports.unit_of_work import PriceFilter
from tests.unit.application.conftest import Shop

SCREEN = "price/screen-repair"


def dearer(rulebook: Rulebook, version: str, pence: int) -> Rulebook:
    """The same rulebook with another base price for screens."""
    rules = tuple(evolve(rule, value=Fraction(pence)) if rule.id == SCREEN else rule for rule in rulebook.rules)
    return evolve(rulebook, version=version, rules=rules)


async def test_a_changed_price_has_a_history(shop: Shop) -> None:
    """Publishing records what it makes dearer and rolling back what it undoes; the first rulebook changes nothing."""
    first = shop.core.pricing.prices.current(shop.clock.now()).rulebook
    assert await shop.core.catalogues.price_history(PriceFilter(), limit=9) == []

    await shop.core.publish(dearer(first, "dearer", 16000), approver="key_admin", note="Screens cost more")

    (recorded,) = await shop.core.catalogues.price_history(PriceFilter(service="screen-repair"), limit=9)
    change = recorded.change
    assert (change.kind, change.subject, change.version) == (PriceKind.PRICE, SCREEN, "dearer")
    assert (change.before, change.after) == (Money(15000, "GBP"), Money(16000, "GBP"))
    assert (change.by, change.reason, change.at) == (
        Actor(Role.ADMIN, "key_admin"),
        "Screens cost more",
        shop.clock.now(),
    )
    assert change.batch == "rulebook-2"


async def test_a_price_that_is_gone_has_no_amount_after(shop: Shop) -> None:
    """None is none: what is no longer sold is not free."""
    first = shop.core.pricing.prices.current(shop.clock.now()).rulebook
    without = evolve(first, version="without", rules=tuple(rule for rule in first.rules if rule.id != SCREEN))

    await shop.core.publish(without, note="No more screens")

    (recorded,) = await shop.core.catalogues.price_history(PriceFilter(subject=SCREEN), limit=9)
    assert (recorded.change.before, recorded.change.after) == (Money(15000, "GBP"), None)
