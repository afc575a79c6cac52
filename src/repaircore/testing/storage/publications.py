"""Publications and drafts of rulebooks."""

from datetime import timedelta

import pytest

from repaircore.domain.errors import NotFound
from repaircore.domain.pricing.publications import Draft, Publication
from repaircore.testing.storage.harness import StorageHarness, committed, refused_as
from repaircore.testing.storage.registers import RULEBOOK
from repaircore.testing.storage.values import NOON


def a_publication(number: int, version: str = "2026-02") -> Publication:
    """A publication, approved, that comes into force a day later."""
    return Publication(
        number=number,
        version=version,
        effective_from=NOON + timedelta(days=1),
        published_at=NOON + timedelta(minutes=number),
        approver="Dana Example",
        note="Parts are dearer: +3 %",
        rolls_back="2026-03" if number > 1 else "",
    )


class PublicationContract:
    """When which rulebook came into force."""

    async def test_publications_come_back_in_order(self, harness: StorageHarness) -> None:
        """Each is read exactly as it was published; whoever reads on from the last number misses nothing."""
        first, second, third = (a_publication(number) for number in (1, 2, 3))
        for publication in (first, third, second):
            async with committed(harness) as work:
                work.rulebooks.publish(publication)

        assert list(await work.rulebooks.publications()) == [first, second, third]
        assert list(await work.rulebooks.publications(after=1)) == [second, third]
        assert list(await work.rulebooks.publications(after=3)) == []

    async def test_a_number_is_published_once(self, harness: StorageHarness) -> None:
        """Of two who publish at the same moment, one is told; what was published stays."""
        async with committed(harness) as work:
            work.rulebooks.publish(a_publication(1))

        async with refused_as("rulebook.publication"), committed(harness) as work:
            work.rulebooks.publish(a_publication(1, version="2026-03"))

        assert list(await work.rulebooks.publications()) == [a_publication(1)]

    async def test_drafts_come_back(self, harness: StorageHarness) -> None:
        """A draft is read exactly as it was handed in, and is kept once; it is no published rulebook."""
        draft = Draft.of(RULEBOOK, at=NOON, by="key_1")
        async with committed(harness) as work:
            work.rulebooks.add_draft(draft)

        async with refused_as("rulebook.draft"), committed(harness) as work:
            work.rulebooks.add_draft(draft)

        assert await work.rulebooks.draft(draft.id) == draft
        assert list(await work.rulebooks.all()) == []
        with pytest.raises(NotFound):
            await work.rulebooks.draft("rb_none")
