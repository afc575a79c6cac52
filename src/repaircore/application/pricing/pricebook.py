"""What is for sale at what price: the catalogue, and every published rulebook in its compiled form."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from attrs import define, field

from repaircore.application.catalog.shelf import Shelf
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.catalog.supply import CostToday
from repaircore.domain.errors import NotFound
from repaircore.domain.pricing.compiling import compiling
from repaircore.domain.pricing.costing import cost_today, with_costs
from repaircore.domain.pricing.engine import CompiledRulebook, compile_rulebook
from repaircore.domain.pricing.publications import Publication, in_force
from repaircore.domain.pricing.rules import Rulebook
from repaircore.domain.pricing.standing import looks_at_record
from repaircore.ports.errors import AlreadyExists
from repaircore.ports.turns import lasting, taking_turns, unhurried
from repaircore.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory

LOOK_EVERY = timedelta(seconds=2)


Announce = Callable[[], Awaitable[None]]


async def _nobody() -> None:
    """There is nobody to tell."""


@define
class PriceBook:
    """An in-memory view of immutable values: published rulebooks never change, so what is compiled once stays right.

    What other processes publish is taken in by `follow`, at most `LOOK_EVERY` later, and at once after `look_again`. `announce` is
    called when something was published here.
    """

    catalogue: Catalogue
    announce: Announce = field(default=_nobody, kw_only=True)
    shelf: Shelf = field(factory=Shelf, init=False)
    _taking_in: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    _published: dict[str, Rulebook] = field(factory=dict, init=False)
    _publications: list[Publication] = field(factory=list, init=False)
    _compiled: dict[str, CompiledRulebook] = field(factory=dict, init=False)
    _costed: dict[str, tuple[Rulebook, Catalogue, Rulebook]] = field(factory=dict, init=False)
    _asks: dict[str, bool] = field(factory=dict, init=False)
    _looked_at: datetime | None = field(default=None, init=False)

    @property
    def publications(self) -> Sequence[Publication]:
        """Every publication known here, in order."""
        return tuple(self._publications)

    @property
    def published(self) -> Mapping[str, Rulebook]:
        """Every rulebook known here that was ever published, by version."""
        return self._published

    def has(self, version: str) -> bool:
        """Whether the rulebook of that version is loaded."""
        return version in self._published

    def publish(self, rulebooks: Sequence[Rulebook]) -> None:
        """Take in published rulebooks. When each is in force, the publications say."""
        self._published.update((rulebook.version, rulebook) for rulebook in rulebooks)

    async def load(self, work: UnitOfWork, versions: Iterable[str]) -> None:
        """Take in rulebooks that quotes were made with and that are not known here; what is not on record is left out."""
        for version in versions:
            if not self.has(version):
                with suppress(NotFound):
                    self.publish([await work.rulebooks.get(version)])

    async def follow(self, unit_of_work: UnitOfWorkFactory, at: datetime) -> None:
        """Take in what was published elsewhere; looks only when the last look is old, which costs one short read, or when costs
        came into force: a version that quotes will name is on record before the first of them."""
        if self._taking_in.locked() and self._is_on_record(at):
            return  # somebody takes it in already: until then all is as it was
        if self._looked_at is None or abs(at - self._looked_at) >= LOOK_EVERY or not self._is_on_record(at):
            self._looked_at = at
            async with unit_of_work() as work:
                await self.take_in(work)
                await self.restock(work, at)
                if not self._is_on_record(at):
                    await self._put_on_record(work, at)

    def look_again(self) -> None:
        """Whatever was read is old: something was published since."""
        self._looked_at = None

    async def restock(self, work: UnitOfWork, at: datetime) -> None:
        """Put the catalogue on sale that is in force at that moment."""
        in_stock = await self.shelf.take_in(work, at)
        if in_stock is not None:
            self.catalogue = in_stock

    async def take_in(self, work: UnitOfWork) -> None:
        """Read what was published since the last time. What is committed before the call is known after it."""
        async with self._taking_in:
            known = self._publications[-1].number if self._publications else 0
            for publication in await work.rulebooks.publications(after=known):
                if publication.version not in self._published:
                    await self._load(work, publication.version)
                self._publications.append(publication)

    async def _load(self, work: UnitOfWork, version: str) -> None:
        """Read it, and compile it so that the quotes that are being asked for hardly wait; at the start nobody asks yet."""
        if self._publications:
            with lasting(), unhurried():
                rulebook = await work.rulebooks.get(version)
                content_hash = await work.rulebooks.content_hash(version)
                self._compiled[version] = await taking_turns(compiling(rulebook, content_hash))
        else:
            rulebook = await work.rulebooks.get(version)
        self._published[rulebook.version] = rulebook

    def _is_on_record(self, at: datetime) -> bool:
        return not self._publications or self.costed(self.base(at)).version in self._published

    async def _put_on_record(self, work: UnitOfWork, at: datetime) -> None:
        """Keep a rulebook with its costs; who else does it at this moment keeps the same."""
        rulebook = self.costed(self.base(at))
        compiled = await taking_turns(compiling(rulebook))
        work.rulebooks.add(rulebook, at=at)
        with suppress(AlreadyExists):
            await work.commit(now=True)
        self._compiled[rulebook.version], self._published[rulebook.version] = compiled, rulebook

    def publication(self, at: datetime) -> Publication:
        """The publication in force at that moment. Raises NotFound when none is."""
        return in_force(self._publications, self._published, at)

    def current(self, at: datetime) -> CompiledRulebook:
        """The rulebook in force at that moment, with the costs of parts in force. Raises NotFound when none is."""
        return self._compile(self.costed(self.base(at)))

    def base(self, at: datetime) -> Rulebook:
        """The rulebook in force at that moment as it was published. Raises NotFound when none is."""
        return self._published[self.publication(at).version]

    def costed(self, rulebook: Rulebook) -> Rulebook:
        """The rulebook with the costs of the catalogue on sale, where it asks for them."""
        if not rulebook.supplier_costs:
            return rulebook
        book, catalogue, costed = self._costed.get(rulebook.version, (None, None, rulebook))
        if book is not rulebook or catalogue is not self.catalogue:
            costed = with_costs(rulebook, self.catalogue)
            self._costed[rulebook.version] = rulebook, self.catalogue, costed
        return costed

    def costs_today(self, at: datetime) -> CostToday:
        """Answer how to tell what a new part's use costs at that moment; nothing where no rulebook is in force."""
        try:
            compiled = self.current(at)
        except NotFound:
            return lambda part: None
        return lambda part: cost_today(compiled, self.catalogue, part)

    def version(self, version: str) -> CompiledRulebook:
        """The published rulebook of that version. Raises NotFound."""
        rulebook = self._published.get(version)
        if rulebook is None:
            raise NotFound("rulebook version", version, tuple(self._published))
        return self._compile(rulebook)

    def looks_at_record(self, rulebook: Rulebook) -> bool:
        """Whether a rule of the published rulebook looks at the customer's record."""
        known = self._asks.get(rulebook.version)
        if known is None:
            known = self._asks[rulebook.version] = looks_at_record(rulebook)
        return known

    def _compile(self, rulebook: Rulebook) -> CompiledRulebook:
        compiled = self._compiled.get(rulebook.version)
        if compiled is None:
            compiled = self._compiled[rulebook.version] = compile_rulebook(rulebook)
        return compiled
