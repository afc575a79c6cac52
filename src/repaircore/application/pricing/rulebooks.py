"""The rulebook room: drafts handed in, looked into and compared; what was published and what is in force."""

from collections.abc import Sequence

from attrs import frozen

from repaircore.application.pricing.pricebook import PriceBook
from repaircore.application.pricing.publish import PublishRulebook
from repaircore.application.pricing.rollback import RollBack
from repaircore.application.pricing.simulate import SimulateRulebook
from repaircore.domain.errors import NotFound
from repaircore.domain.pricing.problems import Problem
from repaircore.domain.pricing.publications import Draft, Publication
from repaircore.domain.pricing.review.difference import Difference, difference
from repaircore.domain.pricing.review.inspection import Progress, inspect
from repaircore.domain.pricing.rules import Rulebook
from repaircore.ports.clock import Clock
from repaircore.ports.errors import AlreadyExists
from repaircore.ports.unit_of_work import UnitOfWorkFactory


@frozen
class RulebookRoom:
    """Everything that is done with rulebooks. A rulebook is named by its published version, or by its draft's id."""

    unit_of_work: UnitOfWorkFactory
    prices: PriceBook
    clock: Clock
    publish: PublishRulebook
    roll_back: RollBack
    simulate: SimulateRulebook

    async def load(self) -> None:
        """Take in everything that was published."""
        async with self.unit_of_work() as work:
            await self.prices.take_in(work)

    async def publications(self) -> tuple[Sequence[Publication], Publication | None]:
        """List what was published, newest first, and which of it is in force."""
        await self.load()
        return tuple(reversed(self.prices.publications)), self.current()

    def current(self) -> Publication | None:
        """The publication in force now, if one is."""
        try:
            return self.prices.publication(self.clock.now())
        except NotFound:
            return None

    async def upload(self, rulebook: Rulebook, *, by: str) -> Draft:
        """Keep a draft. The same content again is the same draft."""
        draft = Draft.of(rulebook, at=self.clock.now(), by=by)
        async with self.unit_of_work() as work:
            work.rulebooks.add_draft(draft)
            try:
                await work.commit(now=True)
            except AlreadyExists:
                return await work.rulebooks.draft(draft.id)
        return draft

    async def find(self, name: str) -> Rulebook:
        """Find a rulebook by published version or draft's id. Raises NotFound naming the nearest version."""
        await self.load()
        if self.prices.has(name):
            return self.prices.version(name).rulebook
        async with self.unit_of_work() as work:
            try:
                return (await work.rulebooks.draft(name)).rulebook
            except NotFound:
                raise NotFound("rulebook version or draft", name, tuple(self.prices.published)) from None

    def in_force(self) -> Rulebook:
        """The rulebook in force now. Raises NotFound when none is."""
        return self.prices.current(self.clock.now()).rulebook

    def check(self, rulebook: Rulebook, progress: Progress = lambda done, of: None) -> tuple[Problem, ...]:
        """Find everything worth a look before it is published."""
        return inspect(self.prices.costed(rulebook), self.prices.catalogue, progress)

    def diff(self, old: Rulebook, new: Rulebook) -> Difference:
        """Compare two rulebooks over the catalogue."""
        return difference(self.prices.costed(old), self.prices.costed(new), self.prices.catalogue)
