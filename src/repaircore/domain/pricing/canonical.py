"""Inputs and results in canonical form, written directly: every quote has some to hash, and nearly all are made of the same few parts.

What has parts that came to be later is written by `record.py`; both write the same, to the byte, and a test holds them to it.
"""

import json
from functools import lru_cache
from operator import index

from repaircore.domain.pricing.facts import DeviceFacts, Facts, Item, MarketSnapshot
from repaircore.domain.pricing.quote import Line, Priced, TaxTotal
from repaircore.domain.pricing.record import facts_to_json, priced_to_json, ratio

quoted = json.encoder.encode_basestring

_TRUTH = {True: "true", False: "false"}


def facts_text(facts: Facts) -> str:
    """Write a quote's inputs."""
    if _says_more(facts):
        return facts_to_json(facts)
    return (
        f'{{"channel":{quoted(facts.channel)},"complexity":{quoted(facts.complexity)},"condition":{quoted(facts.condition)},'
        f'"customer_type":{quoted(facts.customer_type)},"device":{_device(facts.device)},'
        f'"fulfilment":{quoted(facts.fulfilment)},"items":[{",".join([_item(item) for item in facts.items])}],'
        f'"local_time":"{facts.local_time.isoformat()}","market":{_market(facts.market)},'
        f'"postcode":{quoted(facts.postcode)},"promo_codes":[{",".join(map(quoted, facts.promo_codes))}],'
        f'"urgency":{quoted(facts.urgency)}}}'
    )


def priced_text(priced: Priced) -> str:
    """Write a result: amounts in minor units of its one currency."""
    if _tells_more(priced):
        return priced_to_json(priced)
    return (
        f'{{"currency":{quoted(priced.total.currency)},"deposit":{priced.deposit.amount},'
        f'"deposit_refundable":{_TRUTH[priced.deposit_refundable]},"lines":[{",".join([_line(line) for line in priced.lines])}],'
        f'"subtotal":{priced.subtotal.amount},"taxes":[{",".join([_tax(tax) for tax in priced.taxes])}],'
        f'"total":{priced.total.amount}}}'
    )


def _says_more(facts: Facts) -> bool:
    for item in facts.items:
        if item.grade or item.warranty or item.competitor_price is not None:
            return True
    late = facts.tier or facts.tax_status or facts.place or facts.first_order or facts.referred
    return bool(late or facts.customer or facts.devices or facts.override or facts.refused_codes)


def _tells_more(priced: Priced) -> bool:
    for line in priced.lines:
        if line.cost is not None or line.labour is not None or line.labour_cost is not None:
            return True
    return any(tax.reason for tax in priced.taxes)


@lru_cache(maxsize=4096)
def _device(device: DeviceFacts) -> str:
    year = "null" if device.year is None else str(device.year)
    return (
        f'{{"brand":{quoted(device.brand)},"category":{quoted(device.category)},"id":{quoted(device.id)},'
        f'"name":{quoted(device.name)},"year":{year}}}'
    )


def _item(item: Item) -> str:
    return f'{{"name":{quoted(item.name)},"quantity":{item.quantity},"service_id":{quoted(item.service_id)}}}'


def _market(market: MarketSnapshot) -> str:
    if not market.figures:
        return f'{{"figures":{{}},"id":{quoted(market.id)}}}'
    figures = ",".join([f"{quoted(name)}:{index(figure)}" for name, figure in sorted(market.figures.items())])
    return f'{{"figures":{{{figures}}},"id":{quoted(market.id)}}}'


def _line(line: Line) -> str:
    return (
        f'{{"amount":{line.amount.amount},"code":{quoted(line.code)},"description":{quoted(line.description)},'
        f'"kind":"{line.kind.value}","quantity":{line.quantity},"unit":{line.unit.amount}}}'
    )


def _tax(tax: TaxTotal) -> str:
    return (
        f'{{"amount":{tax.amount.amount},"inclusive":{_TRUTH[tax.inclusive]},"name":{quoted(tax.name)},'
        f'"rate":"{ratio(tax.rate)}"}}'
    )
