"""Versions of the catalogue, and the history of prices."""

from collections.abc import Sequence
from typing import Final

from repaircore.adapters.storage import catalogues as rows
from repaircore.adapters.storage.relational.gathering import Gathered
from repaircore.domain.catalog.history import PriceChange
from repaircore.domain.catalog.versions import CatalogueDraft, CatalogueVersion
from repaircore.domain.errors import NotFound
from repaircore.ports.unit_of_work import PriceFilter, RecordedPrice

_WISHES: Final = ("device", "service", "subject", "batch")


class RelationalCatalogues:
    """Versions and drafts of the catalogue, what is in them, and every change of a price; nothing is ever changed."""

    __slots__ = ("_gathered",)

    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered

    async def versions(self, *, after: int = 0) -> Sequence[CatalogueVersion]:
        """List them in order, from just behind that number."""
        return [rows.version_from(row) for row in await self._gathered.reader.all("catalogue_versions", (after,))]

    async def content(self, content_hash: str) -> str:
        """Read what was kept. Raises NotFound."""
        found = await self._gathered.reader.far("catalogue_content", (content_hash,))
        if not found:
            raise NotFound("catalogue with the hash", content_hash)
        return str(found[0][0])

    async def draft(self, draft_id: str) -> CatalogueDraft:
        """Read a draft. Raises NotFound."""
        row = await self._gathered.reader.first("catalogue_draft", (draft_id,))
        if row is None:
            raise NotFound("draft of the catalogue", draft_id)
        return rows.draft_from(row)

    async def drafts(self, *, limit: int) -> Sequence[CatalogueDraft]:
        """List them, the newest first."""
        return [rows.draft_from(row) for row in await self._gathered.reader.all("catalogue_drafts", (limit,))]

    def keep(self, content_hash: str, content: str) -> None:
        """Gather the content."""
        self._gathered.write("catalogue_keep", (content_hash, content))

    def publish(self, version: CatalogueVersion) -> None:
        """Gather the version."""
        self._gathered.write("catalogue_publish", rows.version_row(version))

    def add_draft(self, draft: CatalogueDraft) -> None:
        """Gather the draft."""
        self._gathered.write("catalogue_draft_add", rows.draft_row(draft))

    def record_price(self, change: PriceChange) -> None:
        """Gather the change of a price."""
        self._gathered.write("price_change_add", rows.change_row(change))

    async def prices(self, wanted: PriceFilter, *, limit: int, before: int | None = None) -> Sequence[RecordedPrice]:
        """List changes of prices, the newest first, from just behind that position."""
        wishes = {name: said for name in _WISHES if (said := getattr(wanted, name))}
        statement = "_".join(("price_changes", *wishes))
        found = await self._gathered.reader.far(statement, (*wishes.values(), before or 1 << 62, limit))
        return [RecordedPrice(position=row[0], change=rows.change_from(row[1:])) for row in found]
