"""Quotes: asked for, read, explained, proved, accepted."""

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from repaircore.application.pricing.pricebook import PriceBook
from repaircore.domain.actors import GUEST, Actor
from repaircore.domain.identity import QUOTE, QuoteId
from repaircore.domain.pricing.events import QuoteAccepted
from repaircore.domain.pricing.explain import Considered, explain
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.quoting import QuoteRequest, Verification, make_quote, verify
from repaircore.ports.clock import Clock
from repaircore.ports.ids import Ids
from repaircore.ports.unit_of_work import UnitOfWorkFactory


@frozen
class Quoting:
    """Everything that is done with quotes."""

    unit_of_work: UnitOfWorkFactory
    prices: PriceBook
    clock: Clock
    ids: Ids

    async def quote(
        self,
        *,
        device: str,
        items: Sequence[str | tuple[str, int]],
        urgency: str = "standard",
        condition: str = "",
        complexity: str = "",
        fulfilment: str = "in_store",
        customer_type: str = "",
        postcode: str = "",
        slot_start: datetime | None = None,
        promo_codes: Sequence[str] = (),
        by: Actor = GUEST,
    ) -> Quote:
        """Price a job and hold the price. `items` are service ids, or pairs of service id and quantity.

        Raises NotFound, NotOffered and InvalidValue, each with a pointer to the input that is wrong.
        """
        request = QuoteRequest(
            device_id=device,
            items=tuple((item, 1) if isinstance(item, str) else item for item in items),
            urgency=urgency,
            condition=condition,
            complexity=complexity,
            fulfilment=fulfilment,
            customer_type=customer_type,
            postcode=postcode,
            slot_start=slot_start,
            promo_codes=tuple(promo_codes),
        )
        return await self.request(request, by=by)

    async def request(self, request: QuoteRequest, *, by: Actor) -> Quote:
        """Price a request and hold the price. Raises as `quote` does."""
        now = self.clock.now()
        quote = make_quote(
            request,
            catalogue=self.prices.catalogue,
            rulebook=self.prices.current(now),
            id=QuoteId(self.ids.new(QUOTE)),
            at=now,
        )
        async with self.unit_of_work() as work:
            work.quotes.add(quote)
            await work.commit()
        return quote

    async def get(self, quote_id: QuoteId) -> Quote:
        """Read a quote. Raises NotFound."""
        async with self.unit_of_work() as work:
            return await work.quotes.get(quote_id)

    async def explain(self, quote_id: QuoteId) -> tuple[Considered, ...]:
        """List every rule that was considered, and why it fired or did not. Raises NotFound."""
        quote = await self.get(quote_id)
        return explain(self.prices.version(quote.rulebook_version).rulebook, quote.facts)

    async def verify(self, quote_id: QuoteId) -> Verification:
        """Recompute a quote, however old, from what is stored. Raises NotFound."""
        quote = await self.get(quote_id)
        return verify(quote, self.prices.version(quote.rulebook_version))

    async def accept(self, quote_id: QuoteId, receipt_hash: str, *, by: Actor) -> Quote:
        """Bind the customer's approval to exactly these terms. Raises QuoteChanged, QuoteExpired or QuoteUsed."""
        now = self.clock.now()
        async with self.unit_of_work() as work:
            quote = (await work.quotes.get(quote_id)).accept(receipt_hash, at=now)
            work.quotes.save(quote)
            work.record(QuoteAccepted(aggregate_id=quote.id, at=now, by=by, receipt_hash=receipt_hash))
            await work.commit()
        return quote
