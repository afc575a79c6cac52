"""Versions and drafts of the catalogue, and the history of prices."""

from datetime import timedelta

import pytest
from attrs import evolve

from repaircore.domain.actors import SYSTEM, Actor, Role
from repaircore.domain.catalog.history import PriceChange, PriceKind
from repaircore.domain.catalog.versions import CatalogueDraft, CatalogueSource, CatalogueVersion
from repaircore.domain.errors import NotFound
from repaircore.domain.money import Money
from repaircore.ports.unit_of_work import PriceFilter
from repaircore.testing.storage.harness import StorageHarness, committed, refused_as
from repaircore.testing.storage.values import NOON

DRAFT = CatalogueDraft(
    id="cat_1",
    base=3,
    source=CatalogueSource.SUPPLIER,
    content_hash="ab" * 32,
    drafted_at=NOON,
    drafted_by=Actor(Role.STAFF, "key_1"),
    reason="The list of May: 3 % dearer — “again”",
    batch="parts-2026-05",
)
CHANGE = PriceChange(
    kind=PriceKind.COST,
    subject="acme/SCR-13P",
    device="iphone-13-pro",
    service="screen-repair",
    grade="oem",
    before=Money(5199, "GBP"),
    after=Money(5450, "GBP"),
    version="4",
    at=NOON,
    by=Actor(Role.ADMIN, "key_2"),
    reason="The list of May",
    batch="parts-2026-05",
)


def a_version(number: int) -> CatalogueVersion:
    """A version that comes into force an hour after it was published."""
    return CatalogueVersion(
        number=number,
        source=CatalogueSource.ROLLBACK,
        content_hash=f"{number:064x}",
        effective_from=NOON + timedelta(hours=1),
        published_at=NOON,
        approver=SYSTEM,
        reason="The new names were wrong",
        batch="parts-2026-05",
        rolls_back=number - 1,
    )


class CatalogueContract:
    """What was for sale when, and at what price."""

    async def test_catalogue_versions_come_back_in_order(self, harness: StorageHarness) -> None:
        """Each is read exactly as it was published; whoever reads on from the last number misses nothing."""
        first, second, third = (a_version(number) for number in (1, 2, 3))
        for version in (first, third, second):
            async with committed(harness) as work:
                work.catalogues.publish(version)

        assert list(await work.catalogues.versions()) == [first, second, third]
        assert list(await work.catalogues.versions(after=2)) == [third]

    async def test_a_catalogue_number_is_taken_once(self, harness: StorageHarness) -> None:
        """Of two who publish at the same moment, one is told, and nothing of that one's unit is kept."""
        async with committed(harness) as work:
            work.catalogues.publish(a_version(1))

        async with refused_as("catalogue.version"), committed(harness) as work:
            work.catalogues.record_price(CHANGE)
            work.catalogues.publish(evolve(a_version(1), reason="another"))

        assert list(await work.catalogues.versions()) == [a_version(1)]
        assert list(await work.catalogues.prices(PriceFilter(), limit=9)) == []

    async def test_contents_are_kept_by_their_hash(self, harness: StorageHarness) -> None:
        """Keeping the same content again changes nothing; what was never kept is not found."""
        for content in ("the “content”", "never written"):
            async with committed(harness) as work:
                work.catalogues.keep("ab" * 32, content)

        assert await work.catalogues.content("ab" * 32) == "the “content”"
        with pytest.raises(NotFound):
            await work.catalogues.content("cd" * 32)

    async def test_catalogue_drafts_come_back(self, harness: StorageHarness) -> None:
        """A draft is read as it was made, the newest first in a list, and its id is taken once."""
        later = evolve(DRAFT, id="cat_0", drafted_at=NOON + timedelta(minutes=1))
        for draft in (DRAFT, later):
            async with committed(harness) as work:
                work.catalogues.add_draft(draft)

        async with refused_as("catalogue.draft"), committed(harness) as work:
            work.catalogues.add_draft(evolve(DRAFT, reason="another"))

        assert await work.catalogues.draft("cat_1") == DRAFT
        assert list(await work.catalogues.drafts(limit=9)) == [later, DRAFT]
        assert list(await work.catalogues.drafts(limit=1)) == [later]
        with pytest.raises(NotFound):
            await work.catalogues.draft("cat_none")

    async def test_the_history_of_prices(self, harness: StorageHarness) -> None:
        """Every change is read as it was recorded, the newest first, by device, service, subject and batch, in pages."""
        new = evolve(CHANGE, kind=PriceKind.PRICE, subject="price/screen-repair", device="", before=None, batch="")
        gone = evolve(CHANGE, after=None, batch="parts-2026-06")
        async with committed(harness) as work:
            for change in (CHANGE, new, gone):
                work.catalogues.record_price(change)

        async def found(limit: int = 9, **wanted: str) -> list[PriceChange]:
            return [each.change for each in await work.catalogues.prices(PriceFilter(**wanted), limit=limit)]

        assert await found() == [gone, new, CHANGE]
        assert await found(device="iphone-13-pro", service="screen-repair") == [gone, CHANGE]
        assert await found(subject="price/screen-repair") == [new]
        assert await found(batch="parts-2026-05") == [CHANGE]
        (newest,) = await work.catalogues.prices(PriceFilter(), limit=1)
        others = await work.catalogues.prices(PriceFilter(), limit=9, before=newest.position)
        assert [each.change for each in others] == [new, CHANGE]
