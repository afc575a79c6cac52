"""Changing the catalogue: drafts, versions, costs of parts, and the record of who changed what."""

from datetime import date, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from repaircore.adapters.clock.memory import ManualClock
from repaircore.domain.actors import Actor, Role
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.catalog.history import ChangeKind, differences
from repaircore.domain.catalog.parts import Part
from repaircore.domain.catalog.record import catalogue_from_json, catalogue_hash, catalogue_to_json
from repaircore.domain.catalog.supply import SuspiciousJumps, compare_costs, with_price_list
from repaircore.domain.catalog.versions import CatalogueDraft, CatalogueSource, DraftOutdated
from repaircore.domain.errors import Forbidden, InvalidValue, NotFound, ReasonRequired
from repaircore.domain.money import Money
from repaircore.domain.pricing.problems import RulebookInvalid
from repaircore.ports.unit_of_work import PriceFilter
from tests.unit.application.conftest import STAFF, Shop

ADMIN = Actor(Role.ADMIN, "key_admin")


def a_part(number: str, pence: int, *, supplier: str = "acme", device: str = "iphone-13-pro") -> Part:
    return Part(
        supplier=supplier,
        number=number,
        device=device,
        service="screen-repair",
        grade="oem",
        cost=Money(pence, "GBP"),
        as_of=date(2026, 5, 1),
    )


@pytest.fixture
async def stocked(shop: Shop) -> Shop:
    """The shop with its files taken in, as at every start."""
    await shop.core.catalogues.take_in_files(shop.core.catalog.prices.catalogue)
    return shop


async def renamed(shop: Shop, name: str) -> CatalogueDraft:
    """Draft another name for one device."""
    base, catalogue = await shop.core.catalogues.draft.newest()
    devices = {**catalogue.devices}
    devices["iphone-13-pro"] = evolve(devices["iphone-13-pro"], model=name)
    changed = evolve(catalogue, devices=devices)
    return await shop.core.catalogues.draft(
        changed, base=base, source=CatalogueSource.IMPORT, by=STAFF, reason="A better name"
    )


async def test_a_program_whose_clock_is_behind_starts(stocked: Shop) -> None:
    """The first catalogue was published a moment ago by a program whose clock is ahead: there is nothing else to sell by."""
    behind = ManualClock(stocked.clock.now() - timedelta(seconds=1))
    other = evolve(stocked.core.catalogues.take_in_files, clock=behind)

    assert await other(stocked.core.catalog.prices.catalogue) is None


async def test_a_draft_changes_nothing_until_it_is_published(stocked: Shop) -> None:
    """What is proposed can be looked at; what is published is for sale, with who, when and why on record."""
    draft = await renamed(stocked, "iPhone 13 Pro (A15)")
    review = await stocked.core.catalogues.draft.review(draft.id)
    (change,) = review.changes

    assert change.fields == {"model": ("iPhone 13 Pro", "iPhone 13 Pro (A15)")}
    assert stocked.core.catalog.device("iphone-13-pro").model == "iPhone 13 Pro"

    version = await stocked.core.catalogues.publish(draft.id, approver=ADMIN)

    assert stocked.core.catalog.device("iphone-13-pro").model == "iPhone 13 Pro (A15)"
    assert (await stocked.core.catalogues.versions())[0] == version
    assert (version.approver, version.reason, version.published_at) == (ADMIN, "A better name", stocked.clock.now())


async def test_a_quote_keeps_the_device_as_it_was(stocked: Shop) -> None:
    """A later catalogue changes neither what an old quote says nor its proof."""
    quote = await stocked.core.pricing.quote(device="iphone-13-pro", items=["screen-repair"])
    draft = await renamed(stocked, "Another phone")
    await stocked.core.catalogues.publish(draft.id, approver=ADMIN)

    kept = await stocked.core.pricing.get(quote.id)

    assert kept.facts.device.name == "Apple iPhone 13 Pro"
    assert (await stocked.core.pricing.verify(quote.id)).matches


async def test_a_version_comes_into_force_when_it_says(stocked: Shop) -> None:
    """Published for tomorrow, it is for sale tomorrow; yesterday is refused."""
    draft = await renamed(stocked, "Tomorrow's phone")
    tomorrow = stocked.clock.now() + timedelta(days=1)
    with pytest.raises(InvalidValue):
        await stocked.core.catalogues.publish(draft.id, approver=ADMIN, effective_from=tomorrow - timedelta(days=2))
    await stocked.core.catalogues.publish(draft.id, approver=ADMIN, effective_from=tomorrow)

    await stocked.core.catalog.follow()
    assert stocked.core.catalog.device("iphone-13-pro").model == "iPhone 13 Pro"

    stocked.clock.move_to(tomorrow)
    await stocked.core.catalog.follow()
    assert stocked.core.catalog.device("iphone-13-pro").model == "Tomorrow's phone"


async def test_a_rollback_is_one_more_version(stocked: Shop) -> None:
    """The catalogue from before is for sale again; nothing is unmade, and it can be rolled forward by number."""
    draft = await renamed(stocked, "A mistake")
    wrong = await stocked.core.catalogues.publish(draft.id, approver=ADMIN)

    back = await stocked.core.catalogues.publish.roll_back(approver=ADMIN, reason="The name was wrong")

    assert stocked.core.catalog.device("iphone-13-pro").model == "iPhone 13 Pro"
    assert (back.number, back.rolls_back, back.source) == (wrong.number + 1, wrong.number, CatalogueSource.ROLLBACK)
    await stocked.core.catalogues.publish.roll_back(approver=ADMIN, reason="It was right", to=wrong.number)
    assert stocked.core.catalog.device("iphone-13-pro").model == "A mistake"
    with pytest.raises(NotFound):
        await stocked.core.catalogues.publish.roll_back(approver=ADMIN, reason="A mistake", to=99)


@pytest.mark.parametrize("reason", ["", "  "])
async def test_a_change_without_a_reason_is_refused(stocked: Shop, reason: str) -> None:
    """The history says why for good, so there has to be something to say."""
    base, catalogue = await stocked.core.catalogues.draft.newest()

    with pytest.raises(ReasonRequired, match="say why"):
        await stocked.core.catalogues.draft(
            catalogue, base=base, source=CatalogueSource.IMPORT, by=STAFF, reason=reason
        )
    with pytest.raises(ReasonRequired, match="say why"):
        await stocked.core.catalogues.publish.roll_back(approver=ADMIN, reason=reason)


async def test_only_an_admin_publishes(stocked: Shop) -> None:
    """Staff propose; an admin answers for it."""
    draft = await renamed(stocked, "Not yet")

    with pytest.raises(Forbidden):
        await stocked.core.catalogues.publish(draft.id, approver=STAFF)
    with pytest.raises(Forbidden):
        await stocked.core.catalogues.publish.roll_back(approver=STAFF, reason="")


async def test_a_draft_of_an_older_version_is_refused(stocked: Shop) -> None:
    """Of two drafts from one version the second would undo the first, so it is made again."""
    first, second = await renamed(stocked, "First"), await renamed(stocked, "Second")
    await stocked.core.catalogues.publish(first.id, approver=ADMIN)

    with pytest.raises(DraftOutdated):
        await stocked.core.catalogues.publish(second.id, approver=ADMIN)

    assert stocked.core.catalog.device("iphone-13-pro").model == "First"


async def test_a_catalogue_without_what_the_rulebook_names_is_refused(stocked: Shop) -> None:
    """A device with a rule of its own cannot be dropped from under it."""
    base, catalogue = await stocked.core.catalogues.draft.newest()
    without = evolve(catalogue, categories={}, devices={}, services={})
    draft = await stocked.core.catalogues.draft(
        without, base=base, source=CatalogueSource.IMPORT, by=STAFF, reason="Closing down"
    )

    with pytest.raises(RulebookInvalid):
        await stocked.core.catalogues.publish(draft.id, approver=ADMIN)


async def test_files_are_taken_in_when_they_changed(stocked: Shop) -> None:
    """Unchanged files publish nothing, so that what an admin published since stays; changed ones are one more version."""
    files = stocked.core.catalog.prices.catalogue
    draft = await renamed(stocked, "By an admin")
    await stocked.core.catalogues.publish(draft.id, approver=ADMIN)

    assert await stocked.core.catalogues.take_in_files(files) is None
    assert stocked.core.catalog.device("iphone-13-pro").model == "By an admin"

    changed = evolve(files, aliases={**files.aliases, "the phone": "iPhone 13 Pro"})
    taken = await stocked.core.catalogues.take_in_files(changed)
    assert taken is not None
    assert taken.source is CatalogueSource.FILES
    assert stocked.core.catalog.device("iphone-13-pro").model == "iPhone 13 Pro"


async def test_a_price_list_is_looked_at_before_it_counts(stocked: Shop) -> None:
    """The new list says what changed, what is new and what is gone; approved, each cost has its history."""
    room = stocked.core.catalogues
    first = await room.take_price_list("acme", [a_part("A", 5000), a_part("B", 900)], by=STAFF, reason="April")
    await room.publish(first.draft.id, approver=ADMIN)
    other = await room.take_price_list("bolt", [a_part("A", 100, supplier="bolt")], by=STAFF, reason="Another supplier")
    await room.publish(other.draft.id, approver=ADMIN)

    second = await room.take_price_list(
        "acme", [a_part("A", 5500), a_part("C", 700)], by=STAFF, reason="May", batch="parts-2026-05"
    )

    costs = second.costs
    assert [(each.part.number, each.before, each.after) for each in costs.changed] == [
        ("A", Money(5000, "GBP"), Money(5500, "GBP"))
    ]
    assert [each.part.number for each in costs.new] == ["C"]
    assert [each.part.key for each in costs.gone] == ["acme/B"]
    assert costs.suspicious == ()

    await room.publish(second.draft.id, approver=ADMIN)
    history = await room.price_history(PriceFilter(batch="parts-2026-05"), limit=9)
    assert {(each.change.subject, each.change.before, each.change.after) for each in history} == {
        ("acme/A", Money(5000, "GBP"), Money(5500, "GBP")),
        ("acme/B", Money(900, "GBP"), None),
        ("acme/C", None, Money(700, "GBP")),
    }
    assert {(each.change.by, each.change.reason, each.change.at) for each in history} == {
        (ADMIN, "May", stocked.clock.now())
    }
    assert "bolt/A" in stocked.core.catalog.prices.catalogue.parts


@pytest.mark.parametrize("pence", [2000, 10000, 0])
async def test_a_jump_has_to_be_meant(stocked: Shop, pence: int) -> None:
    """A cost that more than halves or grows by more than half is published only by who says that it is meant."""
    room = stocked.core.catalogues
    first = await room.take_price_list("acme", [a_part("A", 5000)], by=STAFF, reason="April")
    await room.publish(first.draft.id, approver=ADMIN)
    second = await room.take_price_list("acme", [a_part("A", pence)], by=STAFF, reason="May")
    assert [each.part.number for each in second.costs.suspicious] == ["A"]

    with pytest.raises(SuspiciousJumps, match="acme/A"):
        await room.publish(second.draft.id, approver=ADMIN)

    await room.publish(second.draft.id, approver=ADMIN, jumps_are_meant=True)
    assert stocked.core.catalog.prices.catalogue.parts["acme/A"].cost == Money(pence, "GBP")


costs = st.dictionaries(st.sampled_from("ABCD"), st.integers(1, 9999))


@given(costs, costs)
def test_a_comparison_tells_every_part_once(old: dict[str, int], new: dict[str, int]) -> None:
    """Changed, new, gone and as before are all there is; applying the list gives exactly what it offers."""
    blank = Catalogue({}, {}, {})
    before = with_price_list(blank, "acme", [a_part(number, cost) for number, cost in old.items()])
    after = with_price_list(before, "acme", [a_part(number, cost) for number, cost in new.items()])
    told = compare_costs(before, after)

    same = {number for number in old.keys() & new.keys() if old[number] == new[number]}
    numbers = [each.part.number for each in (*told.changed, *told.new, *told.gone)]
    assert sorted((*numbers, *same)) == sorted(old.keys() | new.keys())
    assert {part.number: part.cost.amount for part in after.parts.values()} == new
    assert list(differences(after, after)) == []
    kinds = {change.kind for change in differences(before, after)}
    assert (ChangeKind.REMOVED in kinds) == bool(told.gone)


def forgetful(old: Catalogue, new: Catalogue) -> int:
    """What is often written instead: only what the new list names is looked at."""
    return sum(key not in old.parts or old.parts[key].cost != part.cost for key, part in new.parts.items())


def test_a_comparison_that_forgets_what_is_gone_is_caught() -> None:
    """Every difference counts, also of what is no longer offered."""
    before = with_price_list(Catalogue({}, {}, {}), "acme", [a_part("A", 1), a_part("B", 2)])
    after = with_price_list(before, "acme", [a_part("A", 1)])
    told = compare_costs(before, after)

    assert len((*told.changed, *told.new, *told.gone)) == 1
    assert forgetful(before, after) == 0


def test_a_catalogue_comes_back_from_storage(shop: Shop) -> None:
    """What is written is read as it was, and equal catalogues have equal hashes."""
    catalogue = with_price_list(shop.core.catalog.prices.catalogue, "acme", [a_part("A", 5000), a_part("B", 0)])
    text = catalogue_to_json(catalogue)

    again = catalogue_from_json(text)

    assert again == catalogue
    assert list(again.devices) == list(catalogue.devices)
    assert catalogue_hash(catalogue_to_json(again)) == catalogue_hash(text)
    assert catalogue_hash(catalogue_to_json(with_price_list(catalogue, "acme", []))) != catalogue_hash(text)
