"""Quotes: asked for, read, explained, proved, accepted."""

from repaircore.application.pricing.margins import JudgedMargin
from repaircore.domain.actors import Role
from repaircore.domain.identity import QuoteId
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.rules import Stage
from repaircore.entrypoints.http.callers import Caller, reaching
from repaircore.entrypoints.http.conditions import IfMatch
from repaircore.entrypoints.http.routes import Routes
from repaircore.entrypoints.http.schemas import explanations, quotes
from repaircore.wiring.core import Core

routes = Routes("Quotes")

_REACHING = reaching("quote_id")
_TOLD_MARGINS = (Role.STAFF, Role.ADMIN)


@routes.post("/v1/quotes", status=201, location="/v1/quotes/{id}")
async def ask(core: Core, caller: Caller, body: quotes.NewQuote) -> quotes.QuoteWithToken:
    """Price a job and hold the price.

    The answer's `token` opens this quote, and nothing else, to whoever has it.
    """
    named = body.customer
    customer = core.booking.contact("-", named.email, named.phone) if named else None
    quote = await core.pricing.request(
        body.request(), by=caller.actor, customer=customer, approval=body.margin_approval, reason=body.reason
    )
    return quotes.show_new(quote, core.clock.now(), core.access.token(quote.id), await margin_for(core, caller, quote))


@routes.get("/v1/quotes/{quote_id}", auth=_REACHING)
async def read(core: Core, caller: Caller, quote_id: str) -> quotes.Quote:
    """Read a quote.

    Staff are told its `margin`: what it leaves the shop.
    """
    quote = await core.pricing.get(QuoteId(quote_id))
    return quotes.show(quote, core.clock.now(), await margin_for(core, caller, quote))


@routes.get("/v1/quotes/{quote_id}/explanation", auth=_REACHING)
async def explain(
    core: Core,
    caller: Caller,
    quote_id: str,
    language: str = "en",
    stage: Stage | None = None,
    line: str | None = None,
    fired: bool | None = None,
) -> explanations.Explanation:
    """Explain a price: sentences for the customer, and every rule in order: what it did, or why it did nothing.

    `language` is of the sentences; `stage`, `line` (a code, or empty for the order) and `fired` choose among the rules.
    """
    texts = core.texts(language)
    explained = await core.pricing.explained(QuoteId(quote_id), by=caller.actor)
    listed = explanations.RuleFilter(stage=stage, line=line, fired=fired)
    return explanations.explanation(explained, texts, listed)


@routes.post("/v1/quotes/{quote_id}/verify", auth=_REACHING)
async def verify(core: Core, quote_id: str) -> quotes.Verification:
    """Recompute a quote from its stored inputs and the rulebook of its version."""
    proof = await core.pricing.verify(QuoteId(quote_id))
    return quotes.Verification(
        matches=proof.matches,
        receipt_hash=proof.receipt_hash,
        recomputed_hash=proof.recomputed_hash,
        differs=list(proof.differs),
    )


@routes.post("/v1/quotes/{quote_id}/accept", auth=_REACHING)
async def accept(core: Core, caller: Caller, quote_id: str, if_match: IfMatch, body: quotes.Acceptance) -> quotes.Quote:
    """Accept exactly the terms that a receipt stands for.

    409 when the quote has expired, was booked, or is not the one the receipt is of.
    """
    if if_match.versions is not None:
        if_match.expected((await core.pricing.get(QuoteId(quote_id))).version)
    quote = await core.pricing.accept(QuoteId(quote_id), body.receipt_hash, by=caller.actor)
    return quotes.show(quote, core.clock.now(), await margin_for(core, caller, quote))


async def margin_for(core: Core, caller: Caller, quote: Quote) -> JudgedMargin | None:
    """Answer what a quote leaves the shop, to staff and administrators alone."""
    return await core.pricing.margin(quote) if caller.actor.role in _TOLD_MARGINS else None
