"""A delivery of devices and prices is approved as one: both come into force at the same moment, or nothing does."""

from datetime import datetime

from attrs import frozen

from repaircore.application.catalog.publishing import (
    OUTDATED,
    PublishCatalogue,
    ahead,
    gather,
    must_approve,
    version_of,
)
from repaircore.application.pricing.publish import PublishRulebook
from repaircore.domain.actors import Actor
from repaircore.domain.catalog.versions import CatalogueVersion, DraftOutdated
from repaircore.domain.pricing.checks import check, refuse
from repaircore.domain.pricing.publications import Publication
from repaircore.domain.pricing.rules import Rulebook
from repaircore.ports.errors import AlreadyExists


@frozen
class PublishTogether:
    """The shop puts a catalogue and a rulebook into force, in one transaction."""

    catalogue: PublishCatalogue
    rulebook: PublishRulebook

    async def __call__(
        self,
        draft_id: str,
        rulebook: Rulebook,
        *,
        approver: Actor,
        reason: str = "",
        effective_from: datetime | None = None,
        jumps_are_meant: bool = False,
    ) -> tuple[CatalogueVersion, Publication | None]:
        """Publish both, from one moment on: the one given, or the rulebook's own, but not in the past.

        A rulebook with exactly this content that was published before stays as it is, and there is no publication. Raises as
        publishing each of them does; RulebookInvalid when the rules name what the catalogue does not have.
        """
        must_approve(approver)
        now = self.catalogue.clock.now()
        start = ahead(effective_from, now) if effective_from else max(rulebook.effective_from, now)
        if await self.rulebook.is_published(rulebook):
            version = await self.catalogue(
                draft_id,
                approver=approver,
                reason=reason,
                effective_from=effective_from,
                jumps_are_meant=jumps_are_meant,
            )
            return version, None
        async with self.catalogue.unit_of_work() as work:
            draft, old, new = await self.catalogue.opened(work, draft_id, jumps_are_meant=jumps_are_meant)
            refuse(check(rulebook, new))
            version = version_of(draft, start, now, approver=approver, reason=reason)
            gather(work, version, old, new)
            publication = await self.rulebook.gather(work, rulebook, start, now, approver.id, version.reason)
            try:
                await work.commit(now=True)
            except AlreadyExists:
                raise DraftOutdated(OUTDATED) from None
        await self._take_in(now)
        return version, publication

    async def _take_in(self, now: datetime) -> None:
        async with self.catalogue.unit_of_work() as work:
            await self.catalogue.prices.take_in(work)
            await self.catalogue.prices.restock(work, now)
        await self.catalogue.prices.announce()
