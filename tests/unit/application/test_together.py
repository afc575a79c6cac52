"""Devices and prices of one delivery: both come into force at one moment, or nothing does."""

from datetime import timedelta
from fractions import Fraction

import pytest
from attrs import evolve

from repaircore.domain.actors import Actor, Role
from repaircore.domain.catalog.catalogue import Device
from repaircore.domain.catalog.versions import CatalogueDraft, CatalogueSource, DraftOutdated
from repaircore.domain.errors import Forbidden, NotFound
from repaircore.domain.pricing.problems import RulebookInvalid
from repaircore.domain.pricing.rules import Action, Rule, Rulebook, Scope, Stage
from repaircore.ports.unit_of_work import PriceFilter
from tests.unit.application.conftest import STAFF, Shop

ADMIN = Actor(Role.ADMIN, "key_admin")
FAIRPHONE = Device("fairphone-5", "Fairphone", "Fairphone 5", "android-phone")


@pytest.fixture
async def stocked(shop: Shop) -> Shop:
    """The shop with its files taken in, as at every start."""
    await shop.core.catalogues.take_in_files(shop.core.catalog.prices.catalogue)
    return shop


async def drafted(shop: Shop) -> CatalogueDraft:
    """Draft a catalogue with one device more."""
    base, catalogue = await shop.core.catalogues.draft.newest()
    more = evolve(catalogue, devices={**catalogue.devices, FAIRPHONE.id: FAIRPHONE})
    return await shop.core.catalogues.draft(
        more, base=base, source=CatalogueSource.IMPORT, by=STAFF, reason="New", batch="may"
    )


def priced(shop: Shop, version: str = "may") -> Rulebook:
    """The rulebook in force, with a price for that device."""
    current = shop.core.rulebooks.in_force()
    scope = Scope(models=frozenset({FAIRPHONE.id}), services=frozenset({"screen-repair"}))
    price = Rule(
        id="price/fairphone",
        stage=Stage.BASE,
        action=Action.SET,
        value=Fraction(9900),
        scope=scope,
        reason="Price list",
    )
    return evolve(current, version=version, rules=(*current.rules, price))


async def state(shop: Shop) -> tuple[int, int, int]:
    """How much was ever published: versions of the catalogue, rulebooks, changes of prices."""
    publications, _ = await shop.core.rulebooks.publications()
    changes = await shop.core.catalogues.price_history(PriceFilter(), limit=100)
    return len(await shop.core.catalogues.versions()), len(publications), len(changes)


async def test_both_from_one_moment(stocked: Shop) -> None:
    """The device and its price are for sale together; the history knows the reason of both."""
    draft, book = await drafted(stocked), priced(stocked)

    version, publication = await stocked.core.catalogues.publish_together(draft.id, book, approver=ADMIN)

    quote = await stocked.core.pricing.quote(device=FAIRPHONE.id, items=["screen-repair"])
    (change,) = await stocked.core.catalogues.price_history(PriceFilter(subject="price/fairphone"), limit=5)
    assert publication is not None
    assert version.effective_from == publication.effective_from
    assert quote.rulebook_version == "may"
    assert (change.change.by, change.change.reason) == (ADMIN, "New")


async def test_both_later(stocked: Shop) -> None:
    """Published for tomorrow, neither is in force today."""
    tomorrow = stocked.clock.now() + timedelta(days=1)
    draft, book = await drafted(stocked), priced(stocked)

    await stocked.core.catalogues.publish_together(draft.id, book, approver=ADMIN, effective_from=tomorrow)

    with pytest.raises(NotFound):
        stocked.core.catalog.device(FAIRPHONE.id)
    assert stocked.core.rulebooks.in_force().version != "may"
    stocked.clock.move_to(tomorrow)
    await stocked.core.catalog.follow()
    assert stocked.core.catalog.device(FAIRPHONE.id) == FAIRPHONE
    assert stocked.core.rulebooks.in_force().version == "may"


def wrong(book: Rulebook) -> Rulebook:
    """A price for what neither catalogue has."""
    stranger = Rule(
        id="x", stage=Stage.BASE, action=Action.SET, value=Fraction(1), scope=Scope(models=frozenset({"none"}))
    )
    return evolve(book, rules=(*book.rules, stranger))


async def test_a_wrong_price_holds_the_devices_back(stocked: Shop) -> None:
    """Refused rules leave the catalogue as it is."""
    draft, before = await drafted(stocked), await state(stocked)

    with pytest.raises(RulebookInvalid):
        await stocked.core.catalogues.publish_together(draft.id, wrong(priced(stocked)), approver=ADMIN)

    assert await state(stocked) == before


async def test_publishing_one_after_the_other_would_be_noticed(stocked: Shop) -> None:
    """Two publications instead of one leave the devices without their prices when the second is refused."""
    draft, before = await drafted(stocked), await state(stocked)

    await stocked.core.catalogues.publish(draft.id, approver=ADMIN)
    with pytest.raises(RulebookInvalid):
        await stocked.core.publish(wrong(priced(stocked)), approver=ADMIN.id)

    assert await state(stocked) != before


async def test_somebody_was_first(stocked: Shop) -> None:
    """An outdated draft takes its prices down with it."""
    first, second = await drafted(stocked), await drafted(stocked)
    await stocked.core.catalogues.publish(first.id, approver=ADMIN)
    before = await state(stocked)

    with pytest.raises(DraftOutdated):
        await stocked.core.catalogues.publish_together(second.id, priced(stocked), approver=ADMIN)

    assert await state(stocked) == before


async def test_only_an_admin(stocked: Shop) -> None:
    """Staff propose; an admin answers for it."""
    draft = await drafted(stocked)

    with pytest.raises(Forbidden):
        await stocked.core.catalogues.publish_together(draft.id, priced(stocked), approver=STAFF)


async def test_a_rulebook_that_is_published_already(stocked: Shop) -> None:
    """The same content again is no news: the catalogue is published, and the rulebook stays as it is."""
    book = stocked.core.rulebooks.in_force()
    draft, (versions, publications, _) = await drafted(stocked), await state(stocked)

    _, publication = await stocked.core.catalogues.publish_together(draft.id, book, approver=ADMIN)

    assert publication is None
    assert (await state(stocked))[:2] == (versions + 1, publications)
