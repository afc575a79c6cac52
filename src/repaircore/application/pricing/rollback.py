"""Rolling back: an earlier version comes into force again, by one more publication."""

from datetime import datetime

from attrs import frozen

from repaircore.application.pricing.price_history import record_prices
from repaircore.application.pricing.pricebook import PriceBook
from repaircore.application.pricing.publish import must_be_ahead, next_number
from repaircore.domain.errors import DomainError
from repaircore.domain.pricing.publications import Publication, before
from repaircore.ports.clock import Clock
from repaircore.ports.errors import AlreadyExists
from repaircore.ports.unit_of_work import UnitOfWorkFactory


class AlreadyInForce(DomainError):
    """The version is the one in force."""

    code = "already_in_force"


@frozen
class RollBack:
    """The shop returns to a rulebook that was published before. Nothing is unmade: quotes keep their versions."""

    unit_of_work: UnitOfWorkFactory
    prices: PriceBook
    clock: Clock

    async def __call__(
        self, version: str = "", *, effective_from: datetime | None = None, approver: str = "", note: str = ""
    ) -> Publication:
        """Put that version into force again, or without one the version before the current. Raises NotFound, AlreadyInForce,
        and InvalidValue for a moment that has passed."""
        now = self.clock.now()
        if effective_from is not None:
            must_be_ahead(effective_from, now)
        published = None
        while published is None:
            published = await self._publish(version, effective_from or now, now, approver, note)
        async with self.unit_of_work() as work:
            await self.prices.take_in(work)
        await self.prices.announce()
        return published

    async def _publish(
        self, version: str, effective_from: datetime, now: datetime, approver: str, note: str
    ) -> Publication | None:
        """Answer None when somebody else published at the same moment."""
        async with self.unit_of_work() as work:
            await self.prices.take_in(work)
            current = self.prices.publication(effective_from)
            wanted = version or before(self.prices.publications, current).version
            if wanted == current.version:
                raise AlreadyInForce(f"rulebook version {wanted!r} is in force at that moment anyway")
            publication = Publication(
                number=await next_number(work),
                version=self.prices.version(wanted).rulebook.version,
                effective_from=effective_from,
                published_at=now,
                approver=approver,
                note=note,
                rolls_back=current.version,
            )
            work.rulebooks.publish(publication)
            books = self.prices.published
            record_prices(work, books[current.version], books[wanted], publication)
            try:
                await work.commit(now=True)
            except AlreadyExists:
                return None
        return publication
