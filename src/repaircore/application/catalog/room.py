"""The catalogue's room: looking through it, and changing it in steps that somebody answers for."""

from collections.abc import Iterable, Sequence

from attrs import frozen

from repaircore.application.catalog.drafting import DraftCatalogue, Review
from repaircore.application.catalog.publishing import PublishCatalogue, TakeInFiles
from repaircore.application.catalog.together import PublishTogether
from repaircore.domain.actors import Actor
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.catalog.parts import Part
from repaircore.domain.catalog.supply import with_price_list
from repaircore.domain.catalog.versions import CatalogueSource, CatalogueVersion
from repaircore.ports.unit_of_work import PriceFilter, RecordedPrice, UnitOfWorkFactory


@frozen
class CatalogueRoom:
    """Everything that changes the catalogue, and the record of it."""

    unit_of_work: UnitOfWorkFactory
    draft: DraftCatalogue
    publish: PublishCatalogue
    take_in_files: TakeInFiles
    publish_together: PublishTogether

    async def load(self, files: Catalogue, *, take_in: bool = True) -> None:
        """Put on sale what is in force; first take in the shop's files, unless they are only to be looked at. The very first
        time there is nothing else to sell by."""
        async with self.unit_of_work() as work:
            is_first = not await work.catalogues.versions()
        if take_in or is_first:
            await self.take_in_files(files)
            return
        async with self.unit_of_work() as work:
            await self.publish.prices.restock(work, self.publish.clock.now())

    async def take_price_list(
        self, supplier: str, offered: Iterable[Part], *, by: Actor, reason: str, batch: str = ""
    ) -> Review:
        """Draft the costs of a supplier's new price list, and say what it changes. Parts it does not name are gone."""
        base, catalogue = await self.draft.newest()
        proposed = with_price_list(catalogue, supplier, offered)
        draft = await self.draft(
            proposed, base=base, source=CatalogueSource.SUPPLIER, by=by, reason=reason, batch=batch
        )
        return await self.draft.review(draft.id)

    async def versions(self) -> Sequence[CatalogueVersion]:
        """List every version, the newest first."""
        async with self.unit_of_work() as work:
            return tuple(reversed(await work.catalogues.versions()))

    async def price_history(
        self, wanted: PriceFilter, *, limit: int, before: int | None = None
    ) -> Sequence[RecordedPrice]:
        """List changes of prices and costs, the newest first: who, when, why, with which batch."""
        async with self.unit_of_work() as work:
            return await work.catalogues.prices(wanted, limit=limit, before=before)
