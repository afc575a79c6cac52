"""Publishing a rulebook: checked, approved, immutable, and never two contents under one version."""

from contextlib import suppress
from datetime import datetime

from attrs import frozen

from repaircore.application.pricing.price_history import record_prices
from repaircore.application.pricing.pricebook import PriceBook
from repaircore.domain.errors import DomainError, InvalidValue, NotFound
from repaircore.domain.pricing.checks import check, refuse
from repaircore.domain.pricing.publications import Publication
from repaircore.domain.pricing.receipt import content_hash
from repaircore.domain.pricing.rules import Rulebook
from repaircore.ports.clock import Clock
from repaircore.ports.errors import AlreadyExists
from repaircore.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory


class VersionTaken(DomainError):
    """The version was published before with other content."""

    code = "rulebook_version_taken"


class AlreadyPublished(DomainError):
    """Exactly this content was published before."""

    code = "already_published"


@frozen
class PublishRulebook:
    """The shop puts a rulebook into force, now or at a moment to come. Quotes that were given out keep their version."""

    unit_of_work: UnitOfWorkFactory
    prices: PriceBook
    clock: Clock

    async def __call__(
        self, rulebook: Rulebook, *, effective_from: datetime | None = None, approver: str = "", note: str = ""
    ) -> Publication | None:
        """Answer the publication, or None when this content was published before: that changes nothing.

        Without `effective_from` it is the rulebook's own, but not in the past unless it is the first. Raises RulebookInvalid,
        VersionTaken when the version has other content, and InvalidValue for a moment that has passed.
        """
        now = self.clock.now()
        if effective_from is not None:
            must_be_ahead(effective_from, now)
        refuse(check(self.prices.costed(rulebook), self.prices.catalogue))
        publication = None
        while publication is None and not await self.is_published(rulebook):
            publication = await self._publish(rulebook, effective_from, now, approver, note)
        async with self.unit_of_work() as work:
            await self.prices.take_in(work)
        if publication is not None:
            await self.prices.announce()
        return publication

    async def anew(
        self, rulebook: Rulebook, *, effective_from: datetime | None = None, approver: str, note: str = ""
    ) -> Publication:
        """Publish what was not published before. Raises as a call does, and AlreadyPublished."""
        published = await self(rulebook, effective_from=effective_from, approver=approver, note=note)
        if published is None:
            raise AlreadyPublished(
                f"rulebook version {rulebook.version!r} was published before: roll back to it to put it into force again"
            )
        return published

    async def _publish(
        self, rulebook: Rulebook, effective_from: datetime | None, now: datetime, approver: str, note: str
    ) -> Publication | None:
        """Answer None when somebody else published at the same moment."""
        async with self.unit_of_work() as work:
            publication = await self.gather(work, rulebook, effective_from, now, approver, note)
            try:
                await work.commit(now=True)
            except AlreadyExists:
                return None
        return publication

    async def gather(
        self,
        work: UnitOfWork,
        rulebook: Rulebook,
        effective_from: datetime | None,
        now: datetime,
        approver: str,
        note: str,
    ) -> Publication:
        """Gather a publication with the changes of prices that it makes. The commit raises AlreadyExists when somebody else
        published at the same moment."""
        number = await next_number(work)
        usual = rulebook.effective_from if number == 1 else max(rulebook.effective_from, now)
        publication = Publication(
            number=number,
            version=rulebook.version,
            effective_from=effective_from or usual,
            published_at=now,
            approver=approver,
            note=note,
        )
        work.rulebooks.add(rulebook, at=now)
        work.rulebooks.publish(publication)
        if number > 1:
            await self.prices.take_in(work)
            record_prices(work, self._replaced(publication), rulebook, publication)
        return publication

    def _replaced(self, publication: Publication) -> Rulebook | None:
        """Answer the rulebook that is in force until then, if one is."""
        with suppress(NotFound):
            return self.prices.published[self.prices.publication(publication.effective_from).version]
        return None

    async def is_published(self, rulebook: Rulebook) -> bool:
        """Whether exactly this was published before. Raises VersionTaken when the version has other content."""
        async with self.unit_of_work() as work:
            try:
                stored = await work.rulebooks.get(rulebook.version)
            except NotFound:
                return False
        if content_hash(stored) != content_hash(rulebook):
            raise VersionTaken(
                f"rulebook version {rulebook.version!r} was published before with other content, and quotes refer to it: "
                "give the changed rulebook a new version"
            )
        return True


async def next_number(work: UnitOfWork) -> int:
    """Answer the number of the next publication."""
    publications = await work.rulebooks.publications()
    return publications[-1].number + 1 if publications else 1


def must_be_ahead(effective_from: datetime, now: datetime) -> None:
    """Raise InvalidValue for a moment that has passed: quotes were given out since."""
    if effective_from.tzinfo is None:
        raise InvalidValue("the effective date must have an offset", pointer="/effective_from")
    if effective_from < now:
        raise InvalidValue(
            f"{effective_from.isoformat()} has passed: a rulebook comes into force now or later",
            pointer="/effective_from",
        )
