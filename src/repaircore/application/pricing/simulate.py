"""Pricing real quotes once more under a rulebook that is not in force."""

import asyncio
from collections.abc import Callable, Iterable

from attrs import frozen

from repaircore.application.pricing.pricebook import PriceBook
from repaircore.domain.errors import NotOffered
from repaircore.domain.pricing.engine import compile_rulebook, price
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.review.simulation import Given, Simulation, Simulator
from repaircore.domain.pricing.rules import Rulebook
from repaircore.ports.clock import Clock
from repaircore.ports.unit_of_work import UnitOfWorkFactory

PAGE, AT_ONCE = 500, 50

Progress = Callable[[int], None]


@frozen
class SimulateRulebook:
    """The shop asks what a rulebook would have meant. Nothing is stored; memory does not grow with the number of quotes."""

    unit_of_work: UnitOfWorkFactory
    prices: PriceBook
    clock: Clock

    async def __call__(self, candidate: Rulebook, *, last: int, progress: Progress = lambda done: None) -> Simulation:
        """Price the last quotes that were given out. `progress` is told how many are done."""
        simulator = Simulator(compile_rulebook(self.prices.costed(candidate)), self.prices.published)
        position, done = "", 0
        while done < last:
            async with self.unit_of_work() as work:
                page = await work.quotes.after(position, limit=min(PAGE, last - done), newest_first=True)
                await self.prices.load(work, {quote.rulebook_version for quote in page})
            if not page:
                break
            for number, quote in enumerate(page):
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)  # a server has others to serve
                simulator.add(_given(quote))
            position, done = page[-1].id, done + len(page)
            progress(done)
        return simulator.result()

    def over(
        self, candidate: Rulebook, asked: Iterable[tuple[str, Facts]], progress: Progress = lambda done: None
    ) -> Simulation:
        """Price jobs from elsewhere, each with a name of its own, against the rulebook in force now. Raises NotOffered, with
        the job's name, where that has no price."""
        current = self.prices.current(self.clock.now())
        simulator = Simulator(compile_rulebook(self.prices.costed(candidate)), self.prices.published)
        for done, (name, facts) in enumerate(asked, start=1):
            try:
                priced = price(current, facts)
            except NotOffered as missing:
                raise NotOffered(f"{name}: {missing}") from None
            simulator.add(Given(id=name, facts=facts, priced=priced, rulebook_version=current.rulebook.version))
            if done % PAGE == 0:
                progress(done)
        return simulator.result()


def _given(quote: Quote) -> Given:
    return Given(id=quote.id, facts=quote.facts, priced=quote.priced, rulebook_version=quote.rulebook_version)
