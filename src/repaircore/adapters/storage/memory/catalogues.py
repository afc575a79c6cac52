"""Versions of the catalogue, and the history of prices, in memory."""

from collections.abc import Sequence

from attrs import frozen

from repaircore.adapters.storage.memory.gathering import Gathered
from repaircore.adapters.storage.memory.state import State
from repaircore.domain.catalog.history import PriceChange
from repaircore.domain.catalog.versions import CatalogueDraft, CatalogueVersion
from repaircore.domain.errors import NotFound
from repaircore.ports.unit_of_work import PriceFilter, RecordedPrice


@frozen
class MemoryCatalogues:
    """Versions and drafts of the catalogue, what is in them, and every change of a price; nothing is ever changed."""

    _gathered: Gathered

    async def versions(self, *, after: int = 0) -> Sequence[CatalogueVersion]:
        """List them in order, from just behind that number."""
        found = (each for each in self._gathered.state.catalogue_versions.values() if each.number > after)
        return sorted(found, key=lambda each: each.number)

    async def content(self, content_hash: str) -> str:
        """Read what was kept. Raises NotFound."""
        content = self._gathered.state.catalogues.get(content_hash)
        if content is None:
            raise NotFound("catalogue with the hash", content_hash)
        return content

    async def draft(self, draft_id: str) -> CatalogueDraft:
        """Read a draft. Raises NotFound."""
        draft = self._gathered.state.catalogue_drafts.get(draft_id)
        if draft is None:
            raise NotFound("draft of the catalogue", draft_id)
        return draft

    async def drafts(self, *, limit: int) -> Sequence[CatalogueDraft]:
        """List them, the newest first."""
        found = self._gathered.state.catalogue_drafts.values()
        return sorted(found, key=lambda each: (each.drafted_at, each.id), reverse=True)[:limit]

    def keep(self, content_hash: str, content: str) -> None:
        """Gather the content."""

        def write(state: State) -> None:
            if content_hash not in state.catalogues:
                state.put(state.catalogues, content_hash, content)

        self._gathered.write(write)

    def publish(self, version: CatalogueVersion) -> None:
        """Gather the version."""
        self._gathered.write(
            lambda state: state.insert(state.catalogue_versions, version.number, version, "catalogue.version")
        )

    def add_draft(self, draft: CatalogueDraft) -> None:
        """Gather the draft."""
        self._gathered.write(lambda state: state.insert(state.catalogue_drafts, draft.id, draft, "catalogue.draft"))

    def record_price(self, change: PriceChange) -> None:
        """Gather the change of a price."""
        self._gathered.write(lambda state: state.put(state.price_changes, len(state.price_changes) + 1, change))

    async def prices(self, wanted: PriceFilter, *, limit: int, before: int | None = None) -> Sequence[RecordedPrice]:
        """List changes of prices, the newest first, from just behind that position."""
        found = [
            RecordedPrice(position=position, change=change)
            for position, change in self._gathered.state.price_changes.items()
            if wanted.fits(change) and (before is None or position < before)
        ]
        return found[::-1][:limit]
