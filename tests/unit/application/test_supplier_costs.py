"""An approved price list changes what parts cost in new quotes, and nothing in old ones."""

from datetime import timedelta
from fractions import Fraction

import pytest
from attrs import evolve

from repaircore.application.pricing.pricebook import LOOK_EVERY, PriceBook
from repaircore.domain.catalog.supply import SuspiciousJumps
from repaircore.domain.money import Money
from repaircore.domain.pricing.problems import RulebookInvalid
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.rules import Action, Rule, Scope, Stage
from repaircore.ports.unit_of_work import PriceFilter
from tests.unit.application.conftest import STAFF, Shop
from tests.unit.application.test_catalogues import ADMIN, a_part


@pytest.fixture
async def costed(shop: Shop) -> Shop:
    """The shop, pricing screens by work and parts, with what parts cost from its suppliers."""
    await shop.core.catalogues.take_in_files(shop.core.catalog.prices.catalogue)
    book = shop.core.rulebooks.in_force()
    screens = frozenset({"screen-repair"})
    rules = [rule for rule in book.rules if rule.stage is not Stage.BASE]
    work = Rule(id="work", stage=Stage.LABOUR, action=Action.SET, value=Fraction(4500), scope=Scope(services=screens))
    mark_up = Rule(id="mark-up", stage=Stage.PARTS, action=Action.PERCENT, value=Fraction(40), least=1000)
    await shop.core.publish(
        evolve(
            book,
            version="by-parts",
            rules=(*rules, work, mark_up),
            supplier_costs=True,
            vocabulary={**book.vocabulary, "grades": frozenset({"oem"})},
        )
    )
    return shop


async def listed(shop: Shop, pence: int, **given: object) -> None:
    """A supplier's list with one part comes, and is approved."""
    part = evolve(a_part("a1", pence), grade="")
    review = await shop.core.catalogues.take_price_list(
        "acme", [part], by=STAFF, reason="May list", batch=f"may-{pence}"
    )
    await shop.core.catalogues.publish(review.draft.id, approver=ADMIN, jumps_are_meant=True, **given)  # type: ignore[arg-type]


async def screen(shop: Shop) -> Quote:
    """A screen, priced now."""
    return await shop.core.pricing.quote(device="iphone-13-pro", items=["screen-repair"])


async def test_an_approved_list_makes_new_quotes_dearer(costed: Shop) -> None:
    """A list that is only proposed changes nothing; once approved, its cost is marked up, and the version says so."""
    before = await screen(costed)
    part = evolve(a_part("a1", 5000), grade="")
    review = await costed.core.catalogues.take_price_list("acme", [part], by=STAFF, reason="May list")
    proposed = await screen(costed)

    await costed.core.catalogues.publish(review.draft.id, approver=ADMIN)
    after = await screen(costed)

    assert proposed.priced == before.priced
    assert after.priced.lines[0].cost is not None
    assert after.priced.lines[0].cost.amount == 5000
    assert after.priced.total.amount > before.priced.total.amount
    assert (before.rulebook_version, after.rulebook_version[:15]) == ("by-parts", "by-parts+costs-")


async def test_old_quotes_keep_their_costs(costed: Shop) -> None:
    """Every quote recomputes to the byte after the next list, and in a program that never saw the one before."""
    quotes = [await screen(costed)]
    for pence in (5000, 7000):
        await listed(costed, pence)
        quotes.append(await screen(costed))

    assert len({quote.receipt_hash for quote in quotes}) == 3
    assert [(await costed.core.pricing.verify(quote.id)).matches for quote in quotes] == [True] * 3

    fresh = evolve(costed.core.pricing, prices=PriceBook(costed.core.catalog.prices.catalogue))
    assert [(await fresh.verify(quote.id)).matches for quote in quotes] == [True] * 3


async def test_costs_come_into_force_when_they_say(costed: Shop) -> None:
    """Approved for tomorrow, a list counts from tomorrow on; rolled back, it does not count any more."""
    tomorrow = costed.clock.now() + timedelta(days=1)
    await listed(costed, 5000, effective_from=tomorrow)
    today = await screen(costed)
    costed.clock.move_to(tomorrow)
    later = await screen(costed)
    await costed.core.catalogues.publish.roll_back(approver=ADMIN, reason="The list was wrong")
    again = await screen(costed)

    assert today.rulebook_version == again.rulebook_version == "by-parts"
    assert later.rulebook_version != "by-parts"


async def test_who_approved_which_cost_is_on_record(costed: Shop) -> None:
    """Who, when, why, and with which delivery."""
    await listed(costed, 5000)

    (recorded,) = await costed.core.catalogues.price_history(PriceFilter(batch="may-5000"), limit=9)

    change = recorded.change
    assert (change.subject, change.by, change.reason, change.at) == ("acme/a1", ADMIN, "May list", costed.clock.now())


async def test_a_program_that_was_running_follows(costed: Shop) -> None:
    """Another process prices by an approved list as soon as it looks, by the same version."""
    other = evolve(costed.core.pricing, prices=PriceBook(costed.core.catalog.prices.catalogue))
    await other.quote(device="iphone-13-pro", items=["screen-repair"])
    await listed(costed, 5000)
    costed.clock.move_to(costed.clock.now() + LOOK_EVERY)

    theirs = await other.quote(device="iphone-13-pro", items=["screen-repair"])

    assert theirs.rulebook_version == (await screen(costed)).rulebook_version


async def test_a_list_that_no_rulebook_could_use_is_refused(costed: Shop) -> None:
    """A grade that the rulebook does not know would never be sold: the publication is refused, and says so."""
    review = await costed.core.catalogues.take_price_list(
        "acme", [evolve(a_part("a1", 5000), grade="gold")], by=STAFF, reason="May list"
    )

    with pytest.raises(RulebookInvalid, match="gold"):
        await costed.core.catalogues.publish(review.draft.id, approver=ADMIN)


async def test_a_candidate_is_compared_at_the_same_costs(costed: Shop) -> None:
    """What suppliers changed is no difference between two rulebooks."""
    await listed(costed, 5000)
    book = costed.core.catalog.prices.base(costed.clock.now())

    same = costed.core.rulebooks.diff(costed.core.rulebooks.in_force(), evolve(book, version="candidate"))

    assert not same.changes
    assert same.prices == ()


async def with_own_cost(shop: Shop, pence: int, **given: str) -> None:
    """The shop's own sheet says what the part costs, before any supplier does."""
    book = shop.core.rulebooks.in_force()
    grades = frozenset(given.values())
    scope = Scope(models=frozenset({"iphone-13-pro"}), services=frozenset({"screen-repair"}), grades=grades)
    own = Rule(id="own", stage=Stage.PARTS, action=Action.SET, value=Fraction(pence), scope=scope)
    await shop.core.publish(evolve(book, version="own-costs", rules=(*book.rules, own)))


@pytest.mark.parametrize(("pence", "is_odd"), [(30000, True), (12000, False), (4000, False), (3999, True)])
async def test_a_first_cost_is_held_against_the_shops_own(costed: Shop, pence: int, is_odd: bool) -> None:
    """Until now the part was £80: a supplier's first list that says £300 has to be meant."""
    await with_own_cost(costed, 8000)
    part = evolve(a_part("a1", pence), grade="")

    review = await costed.core.catalogues.take_price_list("acme", [part], by=STAFF, reason="May list")

    [new] = review.costs.new
    assert (new.before, new.today, new.is_suspicious) == (None, Money(8000, "GBP"), is_odd)
    if is_odd:
        with pytest.raises(SuspiciousJumps, match=r"from GBP 80\.00 to"):
            await costed.core.catalogues.publish(review.draft.id, approver=ADMIN)
    await costed.core.catalogues.publish(review.draft.id, approver=ADMIN, jumps_are_meant=is_odd)


async def test_a_second_supplier_is_held_against_the_first(costed: Shop) -> None:
    """The cost in force is what parts for that use cost today, whoever they are from."""
    await listed(costed, 8000)
    part = evolve(a_part("b1", 30000, supplier="bolt"), grade="")

    review = await costed.core.catalogues.take_price_list("bolt", [part], by=STAFF, reason="Another supplier")

    assert [each.today for each in review.costs.suspicious] == [Money(8000, "GBP")]


async def test_a_first_cost_that_nothing_is_known_of(costed: Shop) -> None:
    """Parts of another grade are no measure."""
    await with_own_cost(costed, 8000, grade="oem")
    part = evolve(a_part("a1", 30000), grade="")

    review = await costed.core.catalogues.take_price_list("acme", [part], by=STAFF, reason="May list")

    assert [(each.today, each.is_suspicious) for each in review.costs.new] == [(None, False)]
