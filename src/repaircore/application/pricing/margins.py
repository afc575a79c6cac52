"""The margin guard at work: what a quote leaves the shop, what is recorded of it, and what is refused."""

from collections.abc import Iterator
from datetime import datetime

from attrs import evolve, frozen

from repaircore.domain.actors import Actor
from repaircore.domain.events import Event
from repaircore.domain.pricing.engine import CompiledRulebook, price
from repaircore.domain.pricing.events import QuoteMarginAlert, QuoteMarginApproved, QuoteRefused
from repaircore.domain.pricing.margin import Margin, Margins, Verdict, guard, margin_of
from repaircore.domain.pricing.quote import Priced, Quote


@frozen(kw_only=True)
class JudgedMargin:
    """What a quote leaves the shop; without a verdict where the rulebook guards no margins."""

    margin: Margin
    verdict: Verdict | None


def judged(quote: Quote, compiled: CompiledRulebook) -> JudgedMargin:
    """Judge a quote's margin by the rulebook that it was priced with."""
    by_rules = price(compiled, evolve(quote.facts, override=None)) if quote.facts.override else None
    margin, margins = margin_of(quote.priced, by_rules), compiled.rulebook.margins
    return JudgedMargin(margin=margin, verdict=None if margins is None else margins.judge(margin))


def guarded(
    quote: Quote,
    margins: Margins | None,
    *,
    by: Actor,
    approval: str | None,
    at: datetime,
    by_rules: Priced | None = None,
) -> Iterator[Event]:
    """Judge a quote's margin; answer the events that come of it. `by_rules` is the price without what was agreed.

    Raises MarginTooLow, for customers NotPricedOnline; Forbidden or ReasonRequired.
    """
    if margins is None:
        return
    margin = margin_of(quote.priced, by_rules)
    verdict = guard(margin, margins, by=by, approval=approval)
    if verdict in (Verdict.ALERT, Verdict.REFUSED):
        yield QuoteMarginAlert(aggregate_id=quote.id, at=at, by=by, margin=str(margin), verdict=verdict)
    if verdict is Verdict.REFUSED:
        yield QuoteMarginApproved(aggregate_id=quote.id, at=at, by=by, reason=approval or "")


def refused(quote: Quote, *, by: Actor) -> QuoteRefused:
    """Say what a customer asked for and was not given."""
    facts = quote.facts
    return QuoteRefused(
        aggregate_id=quote.id,
        at=quote.created_at,
        by=by,
        margin=str(margin_of(quote.priced)),
        total=quote.priced.total,
        device=facts.device.id,
        services=tuple(item.service_id for item in facts.items),
    )
