"""Rulebooks through the use cases: published with a date and an approver, rolled back, followed by other processes."""

import asyncio
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from attrs import evolve

from repaircore.application.pricing.following import PUBLISHED
from repaircore.application.pricing.pricebook import LOOK_EVERY, PriceBook
from repaircore.application.pricing.publish import AlreadyPublished, VersionTaken
from repaircore.application.pricing.rollback import AlreadyInForce
from repaircore.domain.errors import InvalidValue, NotFound
from repaircore.domain.pricing.checks import RulebookInvalid
from repaircore.domain.pricing.rules import Rulebook
from repaircore.ports.unit_of_work import UnitOfWork
from tests.unit.application.conftest import Shop

DAY = timedelta(days=1)


async def test_who_follows_goes_on_after_a_failure(shop: Shop) -> None:
    """News that cannot be taken in, for whatever reason, does not make a process deaf to the news after it."""
    asked: list[int] = []
    usual = shop.core.following

    def failing_once() -> UnitOfWork:
        asked.append(1)
        if len(asked) == 1:
            raise ValueError("what is stored cannot be read")
        return usual.unit_of_work()

    async with evolve(usual, unit_of_work=failing_once)(), asyncio.timeout(20):
        while len(asked) < 2:
            await usual.pubsub.publish(PUBLISHED, "")
            await asyncio.sleep(0)


def dearer(shop: Shop, version: str, factor: str = "2") -> Rulebook:
    """The rulebook in force, with another factor for urgent work."""
    book = shop.core.rulebooks.in_force()
    rules = (evolve(rule, value=Fraction(factor)) if rule.id == "urgency/urgent" else rule for rule in book.rules)
    return evolve(book, version=version, rules=tuple(rules))


async def urgent(shop: Shop) -> tuple[str, int]:
    """The version and the total of an urgent quote."""
    quote = await shop.core.pricing.quote(device="iphone-13-pro", items=["screen-repair"], urgency="urgent")
    return quote.rulebook_version, quote.priced.total.amount


async def test_a_publication_to_come(shop: Shop) -> None:
    """It comes into force on its day, not before; whoever approved it and why is on record."""
    day = shop.clock.now() + DAY

    done = await shop.core.publish.anew(
        dearer(shop, "2"), effective_from=day, approver="Dana Example", note="Busy season"
    )

    assert (done.number, done.effective_from, done.approver, done.note) == (2, day, "Dana Example", "Busy season")
    assert await urgent(shop) == ("2025-1", 24800)
    shop.clock.move_to(day)
    assert await urgent(shop) == ("2", 33000)


async def test_quotes_keep_their_version(shop: Shop) -> None:
    """What was given out before recomputes from the rulebook that it was made by."""
    quote = await shop.core.pricing.quote(device="iphone-13-pro", items=["screen-repair"], urgency="urgent")

    await shop.core.publish.anew(dearer(shop, "2"), approver="Dana")

    assert (await shop.core.pricing.verify(quote.id)).matches
    assert (await shop.core.pricing.get(quote.id)).rulebook_version == "2025-1"


async def test_an_old_date_in_the_file_is_no_return_to_the_past(shop: Shop) -> None:
    """A rulebook that says it is from last year is in force from the moment of publishing."""
    shop.clock.advance(DAY)

    done = await shop.core.publish.anew(dearer(shop, "2"), approver="Dana")

    assert done.effective_from == shop.clock.now()


async def test_what_cannot_be_published(shop: Shop) -> None:
    """One with errors, one for a day that has passed, one whose version is taken, one that is there already."""
    book = shop.core.rulebooks.in_force()
    tied = evolve(book, version="2", rules=(*book.rules, evolve(book.rules[0], id="again")))
    with pytest.raises(RulebookInvalid):
        await shop.core.publish.anew(tied, approver="Dana")
    with pytest.raises(InvalidValue, match="has passed"):
        await shop.core.publish.anew(dearer(shop, "2"), effective_from=shop.clock.now() - DAY, approver="Dana")
    with pytest.raises(InvalidValue, match="offset"):
        await shop.core.publish.anew(dearer(shop, "2"), effective_from=datetime(2030, 1, 1), approver="Dana")
    with pytest.raises(VersionTaken):
        await shop.core.publish.anew(dearer(shop, "2025-1"), approver="Dana")
    with pytest.raises(AlreadyPublished, match="roll back"):
        await shop.core.publish.anew(book, approver="Dana")

    publications, current = await shop.core.rulebooks.publications()
    assert [each.number for each in publications] == [1]
    assert current == publications[0]


async def test_a_rollback(shop: Shop) -> None:
    """The version before is in force again, by one more publication; rolling that back returns."""
    await shop.core.publish.anew(dearer(shop, "2"), approver="Dana")
    shop.clock.advance(DAY)

    back = await shop.core.rulebooks.roll_back(approver="Eli", note="Customers complained")

    assert (back.number, back.version, back.rolls_back, back.approver) == (3, "2025-1", "2", "Eli")
    assert await urgent(shop) == ("2025-1", 24800)
    shop.clock.advance(DAY)
    await shop.core.rulebooks.roll_back(approver="Eli")
    assert await urgent(shop) == ("2", 33000)


async def test_a_rollback_to_a_version(shop: Shop) -> None:
    """Any version that was published; not the one in force, and none that nobody knows."""
    for version in ("2", "3"):
        await shop.core.publish.anew(dearer(shop, version), approver="Dana")
        shop.clock.advance(DAY)

    await shop.core.rulebooks.roll_back("2025-1", approver="Dana")

    assert (await urgent(shop))[0] == "2025-1"
    with pytest.raises(AlreadyInForce):
        await shop.core.rulebooks.roll_back("2025-1", approver="Dana")
    with pytest.raises(NotFound):
        await shop.core.rulebooks.roll_back("2024-9", approver="Dana")
    with pytest.raises(InvalidValue, match="has passed"):
        await shop.core.rulebooks.roll_back("2", effective_from=shop.clock.now() - DAY, approver="Dana")


async def test_nothing_to_return_to(shop: Shop) -> None:
    """The first rulebook cannot be rolled back."""
    with pytest.raises(NotFound):
        await shop.core.rulebooks.roll_back(approver="Dana")


async def test_a_rollback_cancels_what_is_planned(shop: Shop) -> None:
    """Rolling back to the version in force, for the moment of a planned one, keeps that one from coming."""
    day = shop.clock.now() + DAY
    await shop.core.publish.anew(dearer(shop, "2"), effective_from=day, approver="Dana")

    await shop.core.rulebooks.roll_back("2025-1", effective_from=day, approver="Dana")

    shop.clock.move_to(day)
    assert (await urgent(shop))[0] == "2025-1"


async def test_many_publish_at_once(shop: Shop) -> None:
    """Every publication has its own number, and none is lost."""
    books = [dearer(shop, str(version)) for version in range(2, 10)]

    await asyncio.gather(*(shop.core.publish.anew(book, approver="Dana") for book in books))

    publications, _ = await shop.core.rulebooks.publications()
    assert [each.number for each in publications] == list(range(9, 0, -1))
    assert {each.version for each in publications} == {"2025-1", *(book.version for book in books)}


async def test_another_process_follows(shop: Shop) -> None:
    """A server that did not publish itself takes it in at the next quote, without a restart."""
    catalogue = shop.core.rulebooks.prices.catalogue
    other = evolve(shop.core.pricing, unit_of_work=shop.storage.unit_of_work, prices=PriceBook(catalogue))
    before = await other.quote(device="iphone-13-pro", items=["screen-repair"])

    await shop.core.publish.anew(dearer(shop, "2"), approver="Dana")
    shop.clock.advance(LOOK_EVERY)

    after = await other.quote(device="iphone-13-pro", items=["screen-repair"])
    assert (before.rulebook_version, after.rulebook_version) == ("2025-1", "2")


async def test_drafts(shop: Shop) -> None:
    """A draft is found by its id, is the same when handed in again, and is no published version."""
    draft = await shop.core.rulebooks.upload(dearer(shop, "2"), by="key_1")
    shop.clock.advance(DAY)

    assert await shop.core.rulebooks.upload(dearer(shop, "2"), by="key_2") == draft
    assert await shop.core.rulebooks.find(draft.id) == draft.rulebook
    assert (await urgent(shop))[0] == "2025-1"
    with pytest.raises(NotFound):
        await shop.core.rulebooks.find("2")


async def test_a_simulation_over_real_quotes(shop: Shop) -> None:
    """Of the last quotes, the urgent one is dearer, and the changed rule is named; nothing is stored."""
    for urgency in ("urgent", "urgent", "standard"):
        await shop.core.pricing.quote(device="iphone-13-pro", items=["screen-repair"], urgency=urgency)
    told: list[int] = []

    found = await shop.core.rulebooks.simulate(dearer(shop, "2"), last=2, progress=told.append)

    assert told == [2]
    assert (found.total.count, found.total.more, found.total.before, found.total.after) == (2, 1, 41300, 49500)
    assert list(found.rules) == ["urgency/urgent"]
    assert found.segments["urgency"]["standard"].more == 0
    assert [case.after for case in found.dearest] == [33000]
    assert found.histogram == {0: 1, 31: 1}
    assert (await shop.core.rulebooks.publications())[1].version == "2025-1"  # type: ignore[union-attr]


async def test_a_simulation_of_what_is_not_offered_any_more(shop: Shop) -> None:
    """It is counted apart, and in no sum."""
    await shop.core.pricing.quote(device="iphone-13-pro", items=["screen-repair"])
    book = shop.core.rulebooks.in_force()
    without = evolve(book, version="2", rules=tuple(each for each in book.rules if each.id != "price/screen-repair"))

    found = await shop.core.rulebooks.simulate(without, last=10)

    assert (found.not_offered, found.total.count) == (1, 0)
