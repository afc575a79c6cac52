"""Publishing a rulebook: checked, immutable, and never two contents under one version."""

from datetime import datetime

from attrs import frozen

from repaircore.application.pricing.pricebook import PriceBook
from repaircore.domain.errors import DomainError
from repaircore.domain.pricing.checks import check, refuse
from repaircore.domain.pricing.receipt import content_hash
from repaircore.domain.pricing.rules import Rulebook
from repaircore.ports.clock import Clock
from repaircore.ports.errors import AlreadyExists
from repaircore.ports.unit_of_work import UnitOfWorkFactory


class VersionTaken(DomainError):
    """The version was published before with other content."""

    code = "rulebook_version_taken"


@frozen
class PublishRulebook:
    """The shop puts a rulebook into force. Publishing the same content again changes nothing."""

    unit_of_work: UnitOfWorkFactory
    prices: PriceBook
    clock: Clock

    async def __call__(self, rulebook: Rulebook) -> bool:
        """Answer whether it is new. Raises RulebookInvalid, or VersionTaken when the version has other content."""
        refuse(check(rulebook, self.prices.catalogue))
        fresh = not await self._published(rulebook) and await self._add(rulebook, self.clock.now())
        async with self.unit_of_work() as work:
            self.prices.publish(await work.rulebooks.all())
        return fresh

    async def _add(self, rulebook: Rulebook, at: datetime) -> bool:
        async with self.unit_of_work() as work:
            work.rulebooks.add(rulebook, at=at)
            try:
                await work.commit(now=True)
            except AlreadyExists:  # another process published at the same moment
                return not await self._published(rulebook)
        return True

    async def _published(self, rulebook: Rulebook) -> bool:
        async with self.unit_of_work() as work:
            stored = next((each for each in await work.rulebooks.all() if each.version == rulebook.version), None)
        if stored is None:
            return False
        if content_hash(stored) != content_hash(rulebook):
            raise VersionTaken(
                f"rulebook version {rulebook.version!r} was published before with other content, and quotes refer to it: "
                "give the changed rulebook a new version"
            )
        return True
