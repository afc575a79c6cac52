"""Quotes, as JSON."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from repaircore.application.pricing.margins import JudgedMargin
from repaircore.domain.money import Money
from repaircore.domain.pricing import quote, quoting
from repaircore.domain.pricing.margin import Known, Verdict
from repaircore.domain.pricing.quote import QuoteStatus
from repaircore.entrypoints.http.conditions import etag
from repaircore.entrypoints.http.schemas import prices
from repaircore.entrypoints.http.schemas.words import Body, Id, Moment, View, Word, sane


class NewItem(Body):
    """One service, that many times. What a competitor asks for one is for staff to say."""

    service_id: Id
    quantity: Annotated[int, Meta(ge=1, le=1000)] = 1
    grade: Word = ""
    warranty: Word = ""
    competitor_price: Money | None = None

    def wanted(self) -> quoting.Wanted:
        """Say it in the domain's words."""
        return quoting.Wanted(
            service_id=self.service_id,
            quantity=self.quantity,
            grade=self.grade,
            warranty=self.warranty,
            competitor_price=self.competitor_price,
        )


class QuoteCustomer(Body):
    """Who the price is for, as the booking will say."""

    email: Annotated[str, Meta(max_length=254)]
    phone: Annotated[str, Meta(max_length=40)]


class NewQuote(Body):
    """What is to be priced; a device that is not in the catalogue is `other-<category>`, or is described. Amounts and
    currencies are the server's to say. Tier, tax status, first order and referral are for staff to say, and customer types
    that the shop does not leave to the customer. The record of a `customer` who is named says whether this is a first order, the
    tier and the referral; the price is then theirs alone. `reason` is why staff say otherwise."""

    items: Annotated[tuple[NewItem, ...], Meta(min_length=1, max_length=20)]
    device_id: Annotated[str, Meta(max_length=100)] = ""
    device_description: Annotated[str, Meta(max_length=120)] = ""
    condition: Word = ""
    complexity: Word = ""
    urgency: Word = "standard"
    fulfilment: Word = "in_store"
    postcode: Annotated[str, Meta(max_length=20)] = ""
    slot_start: Moment | None = None
    customer_type: Word = ""
    promo_codes: Annotated[tuple[Word, ...], Meta(max_length=10)] = ()
    tier: Word = ""
    tax_status: Word = ""
    place: Word = ""
    first_order: bool | None = None
    referred: bool | None = None
    referral_code: Annotated[str, Meta(max_length=40)] = ""
    customer: QuoteCustomer | None = None
    reason: Annotated[str, Meta(max_length=500)] = ""
    margin_approval: Annotated[str, Meta(min_length=1, max_length=500)] | None = None

    def request(self) -> quoting.QuoteRequest:
        """Say it in the domain's words."""
        return quoting.QuoteRequest(
            device_id=self.device_id,
            device_description=self.device_description,
            items=tuple(item.wanted() for item in self.items),
            urgency=self.urgency,
            condition=self.condition,
            complexity=self.complexity,
            fulfilment=self.fulfilment,
            customer_type=self.customer_type,
            postcode=self.postcode,
            slot_start=sane(self.slot_start, "/slot_start"),
            promo_codes=self.promo_codes,
            tier=self.tier,
            tax_status=self.tax_status,
            place=self.place,
            first_order=self.first_order,
            referred=self.referred,
            referral_code=self.referral_code,
        )


class Acceptance(Body):
    """The customer's approval of exactly the terms that this receipt stands for."""

    receipt_hash: Annotated[str, Meta(min_length=1, max_length=128)]


class RefusedCode(View):
    """A promotion code that the quote was made without, and why."""

    code: str
    why: str


class Margin(View):
    """What a quote leaves the shop, net of taxes. `percent` is of the net price, rounded, as text such as `41.3`; null where no cost
    is known or nothing is paid. Where the cost is known `partly`, for all but the lines in `unknown`, it is at most that.
    `verdict` is null where the rulebook guards no margins."""

    percent: str | None
    known: Known
    unknown: list[str]
    verdict: Verdict | None


class Quote(View, kw_only=True):
    """A price, held until `valid_until`. `deposit_due` is a part of `total`, never on top. `margin` is for staff alone."""

    id: str
    status: QuoteStatus
    device: prices.PricedDevice
    lines: list[prices.Line]
    subtotal: Money
    tax: list[prices.Tax]
    total: Money
    deposit_due: Money
    deposit_refundable: bool
    currency: str
    urgency: str
    fulfilment: str
    created_at: Moment
    valid_until: Moment
    accepted_at: Moment | None
    booking_id: str | None
    rulebook_version: str
    engine_version: str
    market_snapshot_id: str
    promo_codes: list[str]
    refused_codes: list[RefusedCode]
    replaces: str | None
    receipt_hash: str
    version: int
    margin: Margin | UnsetType = UNSET

    def tag(self) -> str:
        """A quote changes when it is accepted or booked, and when its time is over."""
        return etag(self.version, self.status)


class QuoteWithToken(Quote, kw_only=True):
    """A new quote, with the token that opens it and nothing else."""

    token: str


class Verification(View):
    """What recomputing from stored inputs gave. `differs` names the parts that are not as they were given out."""

    matches: bool
    receipt_hash: str
    recomputed_hash: str
    differs: list[str]


def show(held: quote.Quote, now: datetime, judged: JudgedMargin | None = None) -> Quote:
    """Show a quote as it is at that moment; what it leaves the shop only where that is given."""
    return Quote(**_members(held, now), margin=_margin(judged))


def show_new(held: quote.Quote, now: datetime, token: str, judged: JudgedMargin | None = None) -> QuoteWithToken:
    """Show a quote that was just made, once with its token."""
    return QuoteWithToken(**_members(held, now), token=token, margin=_margin(judged))


def _margin(judged: JudgedMargin | None) -> Margin | UnsetType:
    if judged is None:
        return UNSET
    margin = judged.margin
    return Margin(
        percent=None if margin.percent is None else f"{float(margin.percent):.1f}",
        known=margin.known,
        unknown=list(margin.unknown),
        verdict=judged.verdict,
    )


def _members(held: quote.Quote, now: datetime) -> dict[str, Any]:
    priced, facts = held.priced, held.facts
    return {
        "id": held.id,
        "status": held.status_at(now),
        "device": prices.device(facts.device),
        "lines": prices.lines(priced),
        "subtotal": priced.subtotal,
        "tax": prices.taxes(priced),
        "total": priced.total,
        "deposit_due": priced.deposit,
        "deposit_refundable": priced.deposit_refundable,
        "currency": priced.total.currency,
        "urgency": facts.urgency,
        "fulfilment": facts.fulfilment,
        "created_at": held.created_at,
        "valid_until": held.valid_until,
        "accepted_at": held.accepted_at,
        "booking_id": held.booking_id,
        "rulebook_version": held.rulebook_version,
        "engine_version": held.engine_version,
        "market_snapshot_id": facts.market.id,
        "promo_codes": list(facts.promo_codes),
        "refused_codes": [RefusedCode(code=each.code, why=each.why) for each in facts.refused_codes],
        "replaces": facts.override.replaces if facts.override else None,
        "receipt_hash": held.receipt_hash,
        "version": held.version,
    }
