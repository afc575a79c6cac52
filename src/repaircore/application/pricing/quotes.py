"""Quotes: asked for, read, explained, proved, accepted."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from attrs import evolve, frozen

from repaircore.application.pricing.explained import Explained
from repaircore.application.pricing.margins import JudgedMargin, guarded, judged, refused
from repaircore.application.pricing.market import Market
from repaircore.application.pricing.pricebook import PriceBook
from repaircore.application.pricing.promotions import used
from repaircore.application.pricing.standing import Standings, is_stated
from repaircore.domain.actors import GUEST, Actor
from repaircore.domain.booking.contact import Contact
from repaircore.domain.catalog.other import OtherDevices
from repaircore.domain.errors import NotFound
from repaircore.domain.identity import QUOTE, QuoteId
from repaircore.domain.pricing.engine import CompiledRulebook
from repaircore.domain.pricing.events import QuoteAccepted, QuoteCustomerStated
from repaircore.domain.pricing.explain import Considered
from repaircore.domain.pricing.margin import NotPricedOnline
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.quoting import QuoteRequest, Wanted, make_quote
from repaircore.domain.pricing.rules import Rulebook
from repaircore.domain.pricing.verifying import Verification, rulebook_missing, verify
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
    market: Market
    other: OtherDevices
    standings: Standings

    async def quote(
        self,
        *,
        device: str = "",
        items: Sequence[str | tuple[str, int] | Wanted],
        urgency: str = "standard",
        condition: str = "",
        complexity: str = "",
        fulfilment: str = "in_store",
        customer_type: str = "",
        postcode: str = "",
        slot_start: datetime | None = None,
        promo_codes: Sequence[str] = (),
        tier: str = "",
        tax_status: str = "",
        place: str = "",
        first_order: bool | None = None,
        referred: bool | None = None,
        referral_code: str = "",
        device_description: str = "",
        customer: Contact | None = None,
        reason: str = "",
        by: Actor = GUEST,
    ) -> Quote:
        """Price a job and hold the price. `items` are service ids, pairs of service id and quantity, or all of it as `Wanted`.
        Who the customer is (tier, tax status, first order, referred) is taken on the word of staff alone, or from the record of a
        `customer` who is named; `reason` is why staff say otherwise.

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
            tier=tier,
            tax_status=tax_status,
            place=place,
            first_order=first_order,
            referred=referred,
            referral_code=referral_code,
            device_description=device_description,
        )
        return await self.request(request, by=by, customer=customer, reason=reason)

    async def request(
        self,
        request: QuoteRequest,
        *,
        by: Actor,
        customer: Contact | None = None,
        approval: str | None = None,
        reason: str = "",
    ) -> Quote:
        """Price a request and hold the price. A customer who is named is looked up, for the limits of promotions and for the rules
        that ask; the price is then theirs alone.

        Raises as `quote` does; MarginTooLow where the rulebook guards margins, unless an admin gives a reason as `approval`, and
        for customers NotPricedOnline, of which the shop is told;
        ReasonRequired where staff state what the customer's record does not say, without a `reason`.
        """
        now = self.clock.now()
        await self.prices.follow(self.unit_of_work, now)
        compiled, catalogue = self.prices.current(now), self.prices.catalogue
        admitted = self.other.admit(request.device_id, request.device_description, catalogue)
        items = (Wanted(service_id=admitted.inspection),) if admitted.inspection else request.items
        async with self.unit_of_work() as work:
            quote = make_quote(
                _as_asked(request, items, vouched=by.is_staff),
                catalogue=catalogue,
                device=admitted.device,
                rulebook=compiled,
                id=QuoteId(self.ids.new(QUOTE)),
                at=now,
                market=await self.market.facts(work, now),
                standing=await self.standings.of(work, request, compiled.rulebook, customer, reason),
                used=await used(work, request.promo_codes, compiled.rulebook, customer),
            )
            try:
                told = tuple(guarded(quote, compiled.rulebook.margins, by=by, approval=approval, at=now))
            except NotPricedOnline:
                work.record(refused(quote, by=by))
                await work.commit(now=True)
                raise
            work.quotes.add(quote)
            work.record(*_stated(quote, request, by=by, reason=reason), *told)
            await work.commit()
        return quote

    async def get(self, quote_id: QuoteId) -> Quote:
        """Read a quote. Raises NotFound."""
        async with self.unit_of_work() as work:
            return await work.quotes.get(quote_id)

    async def explain(self, quote_id: QuoteId) -> tuple[Considered, ...]:
        """List every rule that was considered, and why it fired or did not. Raises NotFound."""
        return (await self.explained(quote_id)).rules

    async def explained(self, quote_id: QuoteId, *, by: Actor = GUEST) -> Explained:
        """Explain a quote, however old: every rule, what would have changed the price, and sentences for the customer.

        Staff are also told of promotion codes. Raises NotFound.
        """
        quote = await self.get(quote_id)
        compiled = await self._rulebook(quote.rulebook_version)
        return Explained.of(quote, compiled, self.prices.catalogue, by=by)

    async def margin(self, quote: Quote) -> JudgedMargin:
        """Say what a quote leaves the shop, however old it is. For staff alone. Raises NotFound."""
        return judged(quote, await self._rulebook(quote.rulebook_version))

    async def verify(self, quote_id: QuoteId) -> Verification:
        """Recompute a quote, however old, from what is stored. Raises NotFound."""
        quote = await self._as_given_out(quote_id)
        try:
            compiled = await self._rulebook(quote.rulebook_version)
        except NotFound:
            return rulebook_missing(quote)
        proof = verify(quote, compiled)
        return proof if proof.matches else verify(quote, compiled, others=await self._published())

    async def _as_given_out(self, quote_id: QuoteId) -> Quote:
        """Read a quote as it was before staff withdrew it, if that is on record."""
        async with self.unit_of_work() as work:
            quote = await work.quotes.get(quote_id)
            agreed = quote.facts.override
            if agreed is None or quote.valid_until == agreed.expires_at:
                return quote
            events = await work.events.of_aggregate(quote_id)
        withdrawn = any(event.name == "quote.withdrawn" and event.at == quote.valid_until for event in events)
        return evolve(quote, valid_until=agreed.expires_at) if withdrawn else quote

    async def _rulebook(self, version: str) -> CompiledRulebook:
        """Answer the rulebook of that version, from storage where it is not loaded. Raises NotFound."""
        if not self.prices.has(version):
            async with self.unit_of_work() as work:
                self.prices.publish([await work.rulebooks.get(version)])
        return self.prices.version(version)

    async def _published(self) -> Sequence[Rulebook]:
        async with self.unit_of_work() as work:
            return await work.rulebooks.all()

    async def accept(self, quote_id: QuoteId, receipt_hash: str, *, by: Actor) -> Quote:
        """Bind the customer's approval to exactly these terms. Raises QuoteChanged, QuoteExpired or QuoteUsed."""
        now = self.clock.now()
        async with self.unit_of_work() as work:
            quote = (await work.quotes.get(quote_id)).accept(receipt_hash, at=now)
            work.quotes.save(quote)
            work.record(QuoteAccepted(aggregate_id=quote.id, at=now, by=by, receipt_hash=receipt_hash))
            await work.commit()
        return quote


def _stated(quote: Quote, request: QuoteRequest, *, by: Actor, reason: str) -> Iterator[QuoteCustomerStated]:
    """Keep why staff say who the customer is."""
    if by.is_staff and is_stated(request) and reason.strip():
        yield QuoteCustomerStated(aggregate_id=quote.id, at=quote.created_at, by=by, reason=reason)


def _as_asked(request: QuoteRequest, items: tuple[tuple[str, int] | Wanted, ...], *, vouched: bool) -> QuoteRequest:
    """Most requests are priced as they came."""
    if items is request.items and vouched == request.vouched:
        return request
    return evolve(request, items=items, vouched=vouched)
