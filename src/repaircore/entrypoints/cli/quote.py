"""`repaircore quote …`: the same engine as the server's, without one."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

import msgspec
from attrs import asdict
from cyclopts import App, Parameter

from repaircore.application.pricing.explained import Explained
from repaircore.application.pricing.margins import JudgedMargin
from repaircore.domain.actors import SYSTEM
from repaircore.domain.errors import InvalidValue
from repaircore.domain.identity import QuoteId
from repaircore.domain.pricing.margin import Verdict
from repaircore.domain.pricing.messages import Messages
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.quoting import QuoteRequest, Wanted
from repaircore.domain.pricing.rules import Stage
from repaircore.domain.pricing.verifying import Verification
from repaircore.entrypoints.cli.explaining import write_explanation
from repaircore.entrypoints.cli.options import HERE, Json, Place
from repaircore.entrypoints.cli.output import write_json, write_table
from repaircore.entrypoints.cli.refusals import CannotBeDone
from repaircore.entrypoints.http.schemas import explanations, quotes
from repaircore.wiring.opening import open_core

app = App(name="quote", help="Price a job; explain or verify a quote.", help_format="plaintext")


@app.default
def quote(
    *,
    device: str = "",
    device_description: str = "",
    item: Annotated[list[str], Parameter(negative="")],
    urgency: str = "standard",
    condition: str = "",
    complexity: str = "",
    fulfilment: str = "in_store",
    postcode: str = "",
    customer_type: str = "",
    tier: str = "",
    tax_status: str = "",
    grade: str = "",
    warranty: str = "",
    promo_code: Annotated[list[str] | None, Parameter(negative="")] = None,
    slot_start: datetime | None = None,
    email: str = "",
    phone: str = "",
    referral_code: str = "",
    place: Place = HERE,
    json: Json = False,
) -> None:
    """Price a job and hold the price, as POST /v1/quotes does.

    Parameters
    ----------
    device
        The device's id, or other-CATEGORY for one that is not in the catalogue.
    device_description
        In words, what the device is: where it has no id.
    item
        A service's id, or `service=2` for two; again for each service.
    grade
        The grade of all parts, where the business has several.
    promo_code
        A promotion code; again for each.
    slot_start
        When, with offset: 2026-05-01T10:00:00+01:00.
    email
        The customer's: the price follows their record.
    phone
        The customer's, with --email.
    referral_code
        The reference of a booking of who sent them.
    """
    request = QuoteRequest(
        device_id=device,
        device_description=device_description,
        items=tuple(_item(text, grade, warranty) for text in item),
        urgency=urgency,
        condition=condition,
        complexity=complexity,
        fulfilment=fulfilment,
        postcode=postcode,
        customer_type=customer_type,
        tier=tier,
        tax_status=tax_status,
        promo_codes=tuple(promo_code or ()),
        slot_start=slot_start,
        referral_code=referral_code,
    )
    if bool(email) != bool(phone):
        raise InvalidValue("a customer is known by both: give --email and --phone")
    made, margin, shown = asyncio.run(_quote(place, request, email, phone))
    if json:
        write_json(msgspec.to_builtins(shown))
    else:
        write_quote(made)
        write_margin(margin)


@app.command
def explain(
    id: str,
    /,
    *,
    all: Annotated[bool, Parameter(negative="")] = False,
    stage: Stage | None = None,
    line: str | None = None,
    language: str = "en",
    place: Place = HERE,
    json: Json = False,
) -> None:
    """Say how a price came about, what did not apply, and what would change it.

    Parameters
    ----------
    id
        The quote's id.
    all
        List the rules that did nothing as well, and why.
    stage
        List the rules of this stage alone.
    line
        List the rules of this line alone, by its code; an empty one is the order.
    language
        The language of the sentences: en, de, fr.
    """
    explained, texts = asyncio.run(_explain(place, QuoteId(id), language))
    if json:
        listed = explanations.RuleFilter(stage=stage, line=line)
        write_json(msgspec.to_builtins(explanations.explanation(explained, texts, listed)))
        return
    write_explanation(explained, texts, explanations.RuleFilter(stage=stage, line=line, fired=None if all else True))


@app.command
def verify(id: str, /, *, place: Place = HERE, json: Json = False) -> None:
    """Recompute a quote, however old, from its stored inputs and the rulebook of its version.

    Parameters
    ----------
    id
        The quote's id.
    """
    proof = asyncio.run(_verify(place, QuoteId(id)))
    if json:
        write_json(asdict(proof))
    elif proof.matches:
        print(f"The quote is as it was: {proof.receipt_hash}")
    if not proof.matches:
        recomputed = proof.recomputed_hash or "nothing"
        raise CannotBeDone(
            f"not as it was given out: {', '.join(proof.differs)}; "
            f"the receipt says {proof.receipt_hash}, recomputing gives {recomputed}"
        )


async def _quote(place: Place, request: QuoteRequest, email: str, phone: str) -> tuple[Quote, JudgedMargin, Any]:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        customer = core.booking.contact("-", email, phone) if email else None
        made = await core.pricing.request(request, by=SYSTEM, customer=customer)
        margin = await core.pricing.margin(made)
        return made, margin, quotes.show(made, core.clock.now(), margin)


async def _explain(place: Place, quote_id: QuoteId, language: str) -> tuple[Explained, Messages]:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        return await core.pricing.explained(quote_id, by=SYSTEM), core.texts(language)


async def _verify(place: Place, quote_id: QuoteId) -> Verification:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        return await core.pricing.verify(quote_id)


def _item(text: str, grade: str, warranty: str) -> Wanted:
    service, _, quantity = text.partition("=")
    if quantity and not quantity.isdigit():
        raise InvalidValue(f"--item {text}: write a service's id, or SERVICE=2 for two")
    return Wanted(service_id=service, quantity=int(quantity or 1), grade=grade, warranty=warranty)


def write_margin(judged: JudgedMargin) -> None:
    """Write what a quote leaves the shop, where anything is known or guarded."""
    if judged.margin.is_known or judged.verdict is not None:
        verdict = "" if judged.verdict in (None, Verdict.UNKNOWN) else f", {judged.verdict.replace('_', ' ')}"
        print(f"Margin: {judged.margin}{verdict}; the customer is not told.")
        if judged.margin.unknown:
            print(f"Not all of the cost is known of: {', '.join(judged.margin.unknown)}")


def write_quote(made: Quote) -> None:
    """Write a quote as a table."""
    priced = made.priced
    rows = [[line.description, str(line.quantity), str(line.amount)] for line in priced.lines]
    rows += [
        [f"{tax.name} {float(tax.rate):g} %" + (" (within)" if tax.inclusive else ""), "", str(tax.amount)]
        for tax in priced.taxes
    ]
    rows.append(["Total", "", str(priced.total)])
    if priced.deposit:
        rows.append(["of it as deposit", "", str(priced.deposit)])
    write_table((made.facts.device.name, "", ""), rows, empty="")
    for refused in made.facts.refused_codes:
        print(f"Without {refused.code}, which {refused.why}.")
    print(f"\nQuote {made.id}, held until {made.valid_until.isoformat(timespec='minutes')}")
