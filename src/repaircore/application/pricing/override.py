"""Prices agreed by staff: a new quote beside the old one, within the limits of who agrees, and not below the shop's margin."""

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve, frozen

from repaircore.application.pricing.margins import guarded
from repaircore.application.pricing.pricebook import PriceBook
from repaircore.domain.actors import Actor, Role
from repaircore.domain.errors import Forbidden, ReasonRequired
from repaircore.domain.identity import QUOTE, QuoteId
from repaircore.domain.pricing.agreeing import agree
from repaircore.domain.pricing.engine import price
from repaircore.domain.pricing.events import QuoteOverridden, QuoteWithdrawn
from repaircore.domain.pricing.overrides import AgreedPrice, Override
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.quoting import hold, validity
from repaircore.ports.clock import Clock
from repaircore.ports.ids import Ids
from repaircore.ports.unit_of_work import UnitOfWorkFactory

_PAGE = 500
_AGREEING = (Role.TECHNICIAN, Role.STAFF, Role.ADMIN)


@frozen
class OverridePrice:
    """Staff agree on another price than the rules give."""

    unit_of_work: UnitOfWorkFactory
    prices: PriceBook
    clock: Clock
    ids: Ids

    async def __call__(
        self,
        quote_id: QuoteId,
        prices: tuple[AgreedPrice, ...],
        *,
        reason: str,
        expires_at: datetime | None = None,
        by: Actor,
        approval: str | None = None,
    ) -> Quote:
        """Make a new quote with these prices instead of those in the old one, which stays as it is.

        Limits are measured against what the rules alone give, so that overriding again adds nothing up. Without `expires_at`
        the price is held as long as any. `approval` is an admin's reason for a margin below the minimum. Raises NotFound,
        QuoteUsed, QuoteExpired, Forbidden, ReasonRequired, InvalidValue or MarginTooLow.
        """
        now = self.clock.now()
        async with self.unit_of_work() as work:
            old = await work.quotes.get(quote_id)
            old.must_be_open(now)
            if not self.prices.has(old.rulebook_version):
                self.prices.publish([await work.rulebooks.get(old.rulebook_version)])
            compiled = self.prices.version(old.rulebook_version)
            until = expires_at or now + validity(compiled.rulebook, old.facts.urgency)
            override = Override(prices=prices, reason=reason, by=by, at=now, expires_at=until, replaces=old.id)
            plain = price(compiled, evolve(old.facts, override=None))
            agree(override, compiled.rulebook.overrides, plain, by=by)
            quote = hold(
                compiled,
                evolve(old.facts, override=override),
                id=QuoteId(self.ids.new(QUOTE)),
                at=now,
                until=until,
            )
            work.quotes.add(quote)
            work.record(_overridden(quote, old, by, now))
            work.record(*guarded(quote, compiled.rulebook.margins, by=by, approval=approval, at=now, by_rules=plain))
            await work.commit()
        return quote

    async def withdraw(self, quote_id: QuoteId, *, reason: str, by: Actor) -> Quote:
        """End an agreed price early: from now on it can be neither accepted nor booked.

        Raises NotFound, InvalidValue for a price that nobody agreed on, QuoteExpired, QuoteUsed, Forbidden or ReasonRequired.
        """
        if by.role not in _AGREEING:
            raise Forbidden(f"a {by.role} may not withdraw a price: ask a member of staff or an admin")
        if not reason.strip():
            raise ReasonRequired("say why: to withdraw a price needs a reason")
        now = self.clock.now()
        async with self.unit_of_work() as work:
            quote = (await work.quotes.get(quote_id)).withdraw(at=now)
            work.quotes.save(quote)
            work.record(QuoteWithdrawn(aggregate_id=quote.id, at=now, by=by, reason=reason))
            await work.commit()
        return quote

    async def newest(self, *, limit: int) -> Sequence[Quote]:
        """List the quotes with agreed prices, the newest first. Every quote is looked through, one page at a time."""
        found: list[Quote] = []
        position = ""
        async with self.unit_of_work() as work:
            while len(found) < limit:
                page = await work.quotes.after(position, limit=_PAGE, newest_first=True)
                if not page:
                    break
                found += [quote for quote in page if quote.facts.override is not None]
                position = page[-1].id
        return found[:limit]


def _overridden(quote: Quote, old: Quote, by: Actor, at: datetime) -> QuoteOverridden:
    return QuoteOverridden(
        aggregate_id=quote.id, at=at, by=by, replaces=old.id, before=old.priced.total, after=quote.priced.total
    )
