"""Drafting: a change of the catalogue is proposed, and looked at before anything is for sale by it."""

from collections.abc import Sequence

from attrs import frozen

from repaircore.application.pricing.pricebook import PriceBook
from repaircore.domain.actors import Actor
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.catalog.history import Change, differences
from repaircore.domain.catalog.record import catalogue_from_json, catalogue_hash, catalogue_to_json
from repaircore.domain.catalog.supply import CostComparison, compare_costs
from repaircore.domain.catalog.versions import CatalogueDraft, CatalogueSource, must_say_why
from repaircore.ports.clock import Clock
from repaircore.ports.ids import Ids
from repaircore.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory

DRAFT = "cat"


@frozen(kw_only=True)
class Review:
    """A draft with what it would change: entries of the catalogue, and costs of parts."""

    draft: CatalogueDraft
    changes: tuple[Change, ...]
    costs: CostComparison


@frozen
class DraftCatalogue:
    """Somebody of the shop proposes another catalogue, made from the newest version."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    ids: Ids
    prices: PriceBook

    async def newest(self) -> tuple[int, Catalogue]:
        """Answer the number and the content of the newest version: what a draft is made from."""
        async with self.unit_of_work() as work:
            versions = await work.catalogues.versions()
            return versions[-1].number, await content(work, versions[-1].content_hash)

    async def __call__(
        self,
        catalogue: Catalogue,
        *,
        base: int,
        source: CatalogueSource,
        by: Actor,
        reason: str,
        batch: str = "",
    ) -> CatalogueDraft:
        """Keep the proposal. `base` is the version it was made from; without a `batch` the draft's own id names it.

        Raises ReasonRequired.
        """
        must_say_why(reason)
        text, id = catalogue_to_json(catalogue), self.ids.new(DRAFT)
        draft = CatalogueDraft(
            id=id,
            base=base,
            source=source,
            content_hash=catalogue_hash(text),
            drafted_at=self.clock.now(),
            drafted_by=by,
            reason=reason,
            batch=batch or id,
        )
        async with self.unit_of_work() as work:
            work.catalogues.keep(draft.content_hash, text)
            work.catalogues.add_draft(draft)
            await work.commit()
        return draft

    async def review(self, draft_id: str) -> Review:
        """Say what a draft would change against the version that it was made from. Raises NotFound."""
        async with self.unit_of_work() as work:
            draft = await work.catalogues.draft(draft_id)
            old, new = await base_of(work, draft), await content(work, draft.content_hash)
        costs = compare_costs(old, new, self.prices.costs_today(self.clock.now()))
        return Review(draft=draft, changes=tuple(differences(old, new)), costs=costs)

    async def list(self, *, limit: int) -> Sequence[CatalogueDraft]:
        """List drafts, the newest first."""
        async with self.unit_of_work() as work:
            return await work.catalogues.drafts(limit=limit)


async def content(work: UnitOfWork, content_hash: str) -> Catalogue:
    """Read a catalogue by its hash. Raises NotFound."""
    return catalogue_from_json(await work.catalogues.content(content_hash))


async def base_of(work: UnitOfWork, draft: CatalogueDraft) -> Catalogue:
    """Read the catalogue that a draft was made from."""
    (version, *_) = await work.catalogues.versions(after=draft.base - 1)
    return await content(work, version.content_hash)
