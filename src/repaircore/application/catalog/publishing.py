"""Publishing a catalogue: approved, checked against the rulebook, and never changed; with the history of every cost it moves."""

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve, frozen

from repaircore.application.catalog.drafting import base_of, content
from repaircore.application.pricing.pricebook import PriceBook
from repaircore.domain.actors import SYSTEM, Actor, Role
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.catalog.history import PriceChange, PriceKind, cost_changes
from repaircore.domain.catalog.record import catalogue_hash, catalogue_to_json
from repaircore.domain.catalog.supply import compare_costs, refuse_jumps
from repaircore.domain.catalog.versions import (
    CatalogueDraft,
    CatalogueSource,
    CatalogueVersion,
    DraftOutdated,
    before,
    in_force,
    must_say_why,
)
from repaircore.domain.errors import Forbidden, InvalidValue, NotFound
from repaircore.domain.pricing.checks import check, refuse
from repaircore.domain.pricing.costing import with_costs
from repaircore.ports.clock import Clock
from repaircore.ports.errors import AlreadyExists
from repaircore.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory

FROM_FILES = "The shop's files"
OUTDATED = "another version of the catalogue was published since: make the draft again from that one"


@frozen
class PublishCatalogue:
    """The shop puts a catalogue into force. Quotes that were given out keep the device as it was."""

    unit_of_work: UnitOfWorkFactory
    prices: PriceBook
    clock: Clock

    async def __call__(
        self,
        draft_id: str,
        *,
        approver: Actor,
        reason: str = "",
        effective_from: datetime | None = None,
        jumps_are_meant: bool = False,
    ) -> CatalogueVersion:
        """Publish a draft, now or from a moment to come. Raises NotFound; Forbidden for who is no admin; DraftOutdated;
        SuspiciousJumps unless they are meant; RulebookInvalid when the rulebook names what the draft does not have."""
        must_approve(approver)
        now = self.clock.now()
        async with self.unit_of_work() as work:
            draft, old, new = await self.opened(work, draft_id, jumps_are_meant=jumps_are_meant)
            version = version_of(draft, ahead(effective_from, now), now, approver=approver, reason=reason)
            await self._publish(work, version, old, new)
        return version

    async def opened(
        self, work: UnitOfWork, draft_id: str, *, jumps_are_meant: bool
    ) -> tuple[CatalogueDraft, Catalogue, Catalogue]:
        """Read a draft that may be published, what it was made from, and what it makes of it. Raises as publishing it does."""
        draft = await work.catalogues.draft(draft_id)
        if (await work.catalogues.versions())[-1].number != draft.base:
            raise DraftOutdated(OUTDATED)
        old, new = await base_of(work, draft), await content(work, draft.content_hash)
        if not jumps_are_meant:
            refuse_jumps(compare_costs(old, new, self.prices.costs_today(self.clock.now())))
        return draft, old, new

    async def roll_back(self, *, approver: Actor, reason: str, to: int = 0) -> CatalogueVersion:
        """Put an earlier version into force again, or without one the last that was different.

        Raises NotFound, Forbidden, ReasonRequired.
        """
        must_approve(approver)
        must_say_why(reason)
        now = self.clock.now()
        async with self.unit_of_work() as work:
            versions = await work.catalogues.versions()
            current = in_force(versions, now)
            wanted = _numbered(versions, to) if to else before(versions, current)
            version = CatalogueVersion(
                number=versions[-1].number + 1,
                source=CatalogueSource.ROLLBACK,
                content_hash=wanted.content_hash,
                effective_from=now,
                published_at=now,
                approver=approver,
                reason=reason,
                batch=wanted.batch,
                rolls_back=current.number,
            )
            old, new = await content(work, current.content_hash), await content(work, wanted.content_hash)
            await self._publish(work, version, old, new)
        return version

    async def _publish(self, work: UnitOfWork, version: CatalogueVersion, old: Catalogue, new: Catalogue) -> None:
        refuse(check(with_costs(self.prices.base(version.effective_from), new), new))
        if not await _committed(work, version, old, new):
            raise DraftOutdated(OUTDATED)
        await self.prices.restock(work, version.published_at)
        await self.prices.announce()


@frozen
class TakeInFiles:
    """The shop's own files are published when they are not as they were at the last start."""

    unit_of_work: UnitOfWorkFactory
    prices: PriceBook
    clock: Clock

    async def __call__(self, files: Catalogue) -> CatalogueVersion | None:
        """Answer the new version, or None when the files are as they were: then a version published since stays in force.

        Files that name no parts keep those that suppliers' lists brought."""
        text, now = catalogue_to_json(files), self.clock.now()
        batch = f"files-{catalogue_hash(text)[:16]}"
        self.prices.shelf.hold(catalogue_hash(text), files)
        published = None
        while published is None and not await self._is_last_of_files(batch):
            published = await self._publish(files, batch, now)
        async with self.unit_of_work() as work:
            await self.prices.restock(work, now)
        if published is not None:
            await self.prices.announce()
        return published

    async def _is_last_of_files(self, batch: str) -> bool:
        async with self.unit_of_work() as work:
            versions = await work.catalogues.versions()
        of_files = [each.batch for each in versions if each.source is CatalogueSource.FILES]
        return of_files[-1:] == [batch]

    async def _publish(self, files: Catalogue, batch: str, now: datetime) -> CatalogueVersion | None:
        """Answer None when somebody else published at the same moment."""
        async with self.unit_of_work() as work:
            versions = await work.catalogues.versions()
            old = await content(work, in_force(versions, now).content_hash) if versions else files
            new = files if files.parts or not old.parts else evolve(files, parts=old.parts)
            text = catalogue_to_json(new)
            version = CatalogueVersion(
                number=versions[-1].number + 1 if versions else 1,
                source=CatalogueSource.FILES,
                content_hash=catalogue_hash(text),
                effective_from=now,
                published_at=now,
                approver=SYSTEM,
                reason=FROM_FILES,
                batch=batch,
            )
            work.catalogues.keep(version.content_hash, text)
            return version if await _committed(work, version, old, new) else None


async def _committed(work: UnitOfWork, version: CatalogueVersion, old: Catalogue, new: Catalogue) -> bool:
    """Publish with the history of costs, in one transaction; answer whether nobody else took the number."""
    gather(work, version, old, new)
    try:
        await work.commit(now=True)
    except AlreadyExists:
        return False
    return True


def gather(work: UnitOfWork, version: CatalogueVersion, old: Catalogue, new: Catalogue) -> None:
    """Gather a version with the history of the costs that it moves."""
    work.catalogues.publish(version)
    for part, was, is_now in cost_changes(old, new):
        work.catalogues.record_price(
            PriceChange(
                kind=PriceKind.COST,
                subject=part.key,
                device=part.device,
                service=part.service,
                grade=part.grade,
                before=was,
                after=is_now,
                version=str(version.number),
                at=version.published_at,
                by=version.approver,
                reason=version.reason,
                batch=version.batch,
            )
        )


def version_of(
    draft: CatalogueDraft, effective_from: datetime, now: datetime, *, approver: Actor, reason: str
) -> CatalogueVersion:
    """Make the version that publishes a draft."""
    return CatalogueVersion(
        number=draft.base + 1,
        source=draft.source,
        content_hash=draft.content_hash,
        effective_from=effective_from,
        published_at=now,
        approver=approver,
        reason=reason or draft.reason,
        batch=draft.batch,
    )


def must_approve(approver: Actor) -> None:
    """Raise Forbidden for who does not answer for the catalogue."""
    if approver.role not in (Role.ADMIN, Role.SYSTEM):
        raise Forbidden("publishing a catalogue needs an admin")


def ahead(effective_from: datetime | None, now: datetime) -> datetime:
    """Answer the moment, or now without one. Raises InvalidValue for one that has passed."""
    if effective_from is None:
        return now
    if effective_from.tzinfo is None:
        raise InvalidValue("the effective date must have an offset", pointer="/effective_from")
    if effective_from < now:
        raise InvalidValue(
            f"{effective_from.isoformat()} has passed: a catalogue comes into force now or later",
            pointer="/effective_from",
        )
    return effective_from


def _numbered(versions: Sequence[CatalogueVersion], number: int) -> CatalogueVersion:
    for version in versions:
        if version.number == number:
            return version
    raise NotFound("catalogue version", str(number))
