"""Pricing values as JSON and back, exactly: fractions as "n/d", times as RFC 3339, sets sorted. What is stored, recomputes."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from operator import attrgetter, index
from typing import Any

from attrs import NOTHING, fields, frozen

from repaircore.domain.errors import InvalidValue
from repaircore.domain.money import Money
from repaircore.domain.pricing.expressions import Expression, Tree
from repaircore.domain.pricing.facts import DeviceFacts, Facts, Item, MarketSnapshot
from repaircore.domain.pricing.policy_record import (
    FACTS_FROM_PLAIN,
    FACTS_TO_PLAIN,
    POLICIES_FROM_PLAIN,
    POLICIES_TO_PLAIN,
)
from repaircore.domain.pricing.quote import Line, LineKind, Priced, TaxTotal
from repaircore.domain.pricing.rules import (
    Action,
    GroupMode,
    MarketBound,
    Per,
    Rule,
    Rulebook,
    Scope,
    Stage,
    TaxRounding,
)

Plain = dict[str, Any]


encoded = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False).encode


def canonical(value: object) -> bytes:
    """Write plain data in its one canonical form: sorted keys, no spaces, UTF-8. Raises InvalidValue for a float."""
    _refuse_floats(value)
    return encoded(value).encode("utf-8", "surrogatepass")


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise InvalidValue(f"{value!r} is a float: amounts and rates are written as whole numbers or as n/d")
    if isinstance(value, Mapping):
        for part in value.values():
            _refuse_floats(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_floats(part)


def rulebook_to_json(rulebook: Rulebook) -> str:
    """Write a rulebook for storage. `rulebook_from_json` gives an equal one."""
    return encoded(rulebook_to_plain(rulebook))


def rulebook_from_json(text: str) -> Rulebook:
    """Read what `rulebook_to_json` wrote."""
    plain = json.loads(text)
    return rulebook_from_plain(plain, tuple(map(rule_from_plain, plain["rules"])))


def rulebook_from_plain(plain: Plain, rules: tuple[Rule, ...]) -> Rulebook:
    """Read all of a rulebook but its rules, which are read already."""
    plain["rules"] = rules
    for moment in {"effective_from", "effective_until"} & plain.keys():
        plain[moment] = datetime.fromisoformat(plain[moment])
    if "vocabulary" in plain:
        plain["vocabulary"] = {name: frozenset(words) for name, words in plain["vocabulary"].items()}
    return Rulebook(**_read(plain, _READ_RULEBOOK))


def facts_to_json(facts: Facts) -> str:
    """Write a quote's inputs for storage. `facts_from_json` gives equal ones."""
    return encoded(facts_to_plain(facts))


def facts_from_json(text: str) -> Facts:
    """Read what `facts_to_json` wrote."""
    plain = json.loads(text)
    plain["device"] = DeviceFacts(**plain["device"])
    plain["items"] = tuple(Item(**item) for item in plain["items"])
    plain["local_time"] = datetime.fromisoformat(plain["local_time"])
    plain["promo_codes"] = tuple(plain["promo_codes"])
    plain["market"] = MarketSnapshot(**plain["market"])
    return Facts(**_read(plain, FACTS_FROM_PLAIN))


def priced_to_json(priced: Priced) -> str:
    """Write a result for storage. `priced_from_json` gives an equal one."""
    return encoded(priced_to_plain(priced))


def priced_from_json(text: str) -> Priced:
    """Read what `priced_to_json` wrote."""
    plain = json.loads(text)
    currency = plain["currency"]
    return Priced(
        lines=tuple(_line_from(line, currency) for line in plain["lines"]),
        subtotal=Money(plain["subtotal"], currency),
        taxes=tuple(_tax_from(tax, currency) for tax in plain["taxes"]),
        total=Money(plain["total"], currency),
        deposit=Money(plain["deposit"], currency),
        deposit_refundable=plain["deposit_refundable"],
    )


def rulebook_to_plain(rulebook: Rulebook) -> Plain:
    """Answer the rulebook as plain data, rules in their order; what is not given is left out."""
    plain = _given(rulebook, _RULEBOOK)
    plain["rules"] = [_rule_to(rule) for rule in rulebook.rules]
    for moment in {"effective_from", "effective_until"} & plain.keys():
        plain[moment] = plain[moment].isoformat()
    if "vocabulary" in plain:
        plain["vocabulary"] = {name: sorted(words) for name, words in plain["vocabulary"].items()}
    for percentage in {"market_most", "market_least"} & plain.keys():
        plain[percentage] = ratio(plain[percentage])
    return {name: POLICIES_TO_PLAIN.get(name, _plain)(value) for name, value in plain.items()}


def facts_to_plain(facts: Facts) -> Plain:
    """Answer the inputs of a quote as plain data; what was added to them later is left out where it is not given."""
    plain = _first_facts(facts)
    if (
        facts.tier
        or facts.tax_status
        or facts.place
        or facts.first_order
        or facts.referred
        or facts.customer
        or facts.devices
    ):
        plain.update([(name, value) for name in _LATER if (value := getattr(facts, name))])
    if facts.override or facts.refused_codes:
        plain.update(
            [(name, write(given)) for name, write in FACTS_TO_PLAIN.items() if (given := getattr(facts, name))]
        )
    for item, told in zip(facts.items, plain["items"], strict=True):
        if item.grade or item.warranty or item.competitor_price is not None:
            told.update(_given(item, _ITEM))
    return plain


_LATER = ("tier", "tax_status", "place", "first_order", "referred", "customer", "devices")


def _first_facts(facts: Facts) -> Plain:
    device = facts.device
    return {
        "device": {
            "id": device.id,
            "name": device.name,
            "brand": device.brand,
            "category": device.category,
            "year": device.year,
        },
        "items": [
            {"service_id": item.service_id, "name": item.name, "quantity": item.quantity} for item in facts.items
        ],
        "local_time": facts.local_time.isoformat(),
        "urgency": facts.urgency,
        "condition": facts.condition,
        "complexity": facts.complexity,
        "fulfilment": facts.fulfilment,
        "channel": facts.channel,
        "customer_type": facts.customer_type,
        "postcode": facts.postcode,
        "promo_codes": list(facts.promo_codes),
        "market": {
            "id": facts.market.id,
            "figures": {name: index(figure) for name, figure in facts.market.figures.items()},
        },
    }


def priced_to_plain(priced: Priced) -> Plain:
    """Answer a result as plain data: amounts in minor units of its one currency."""
    return {
        "currency": priced.total.currency,
        "lines": [
            {
                "code": line.code,
                "description": line.description,
                "kind": line.kind.value,
                "quantity": line.quantity,
                "unit": line.unit.amount,
                "amount": line.amount.amount,
                **(_components(line) if any(getattr(line, name) is not None for name in _TELLING) else {}),
            }
            for line in priced.lines
        ],
        "subtotal": priced.subtotal.amount,
        "taxes": [
            {
                "name": tax.name,
                "rate": ratio(tax.rate),
                "inclusive": tax.inclusive,
                "amount": tax.amount.amount,
                **({"reason": tax.reason} if tax.reason else {}),
            }
            for tax in priced.taxes
        ],
        "total": priced.total.amount,
        "deposit": priced.deposit.amount,
        "deposit_refundable": priced.deposit_refundable,
    }


def ratio(value: Fraction) -> str:
    """Write a fraction as `n/d`, in lowest terms."""
    return f"{value.numerator}/{value.denominator}"


def _components(line: Line) -> Plain:
    return {name: part.amount for name in _COMPONENTS if (part := getattr(line, name)) is not None}


_COMPONENTS = ("labour", "parts", "cost", "labour_cost")
_TELLING = ("labour", "cost", "labour_cost")


def _line_from(plain: Plain, currency: str) -> Line:
    money = {name: Money(plain[name], currency) for name in ("unit", "amount", *_COMPONENTS) if name in plain}
    return Line(**{**plain, **money, "kind": LineKind(plain["kind"])})


def _tax_from(plain: Plain, currency: str) -> TaxTotal:
    return TaxTotal(**{**plain, "rate": Fraction(plain["rate"]), "amount": Money(plain["amount"], currency)})


_READ_RULEBOOK: Mapping[str, Callable[[Any], Any]] = {
    "groups": lambda groups: {name: GroupMode(mode) for name, mode in groups.items()},
    "market_most": Fraction,
    "market_least": Fraction,
    "tax_rounding": TaxRounding,
    "self_declared": frozenset,
    **POLICIES_FROM_PLAIN,
}


@lru_cache(maxsize=4096)
def ratio_from(text: str) -> Fraction:
    """Read what `ratio` wrote."""
    numerator, _, denominator = text.partition("/")
    return Fraction(int(numerator), int(denominator)) if denominator != "1" else Fraction(int(numerator))


_READ_RULE: Mapping[str, Callable[[Any], Any]] = {
    "stage": {stage.value: stage for stage in Stage}.__getitem__,
    "action": {action.value: action for action in Action}.__getitem__,
    "per": Per,
    "value": ratio_from,
    "as_of": date.fromisoformat,
    "valid_from": date.fromisoformat,
    "valid_until": date.fromisoformat,
}
_READ_SCOPE: Mapping[str, Callable[[Any], Any]] = {
    "date_from": date.fromisoformat,
    "date_until": date.fromisoformat,
    "market": lambda bounds: tuple(MarketBound(*bound) for bound in bounds),
    "expression": lambda said: Expression(said["text"], _tree(said["tree"])),
}


def _rule_to(rule: Rule) -> Plain:
    plain = _given(rule, _RULE)
    plain["value"] = ratio(rule.value)
    if "scope" in plain:
        plain["scope"] = {name: _plain(value) for name, value in _given(rule.scope, _SCOPE).items()}
    return {name: _plain(value) for name, value in plain.items()}


_PLAIN = (str, int, bool)


def _plain(value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    match value:
        case frozenset():
            return sorted(value)
        case StrEnum():
            return value.value
        case date() if not isinstance(value, datetime):
            return value.isoformat()
        case Expression():
            return {"text": value.text, "tree": value.tree}
        case tuple() if value and isinstance(value[0], MarketBound):
            return [[bound.figure, bound.at_least, bound.below] for bound in value]
        case _:
            return value


Kept = Rulebook | Rule | Scope | Item


@frozen
class _Blank:
    """How to tell what of a value was given: its fields, and what they are when nothing is."""

    names: tuple[str, ...]
    needed: tuple[bool, ...]
    values: tuple[Any, ...]
    read: Callable[[Kept], tuple[Any, ...]]

    @classmethod
    def of(cls, value: Kept) -> "_Blank":
        """Gather the fields of a value with nothing but defaults."""
        found = fields(type(value))
        names = tuple(one.name for one in found)
        read = attrgetter(*names)
        return cls(names, tuple(one.default is NOTHING for one in found), read(value), read)


def _given(value: Kept, blank: _Blank) -> Plain:
    """Answer the fields that differ from their defaults, so that a field added later changes no stored form."""
    told = zip(blank.names, blank.needed, blank.values, blank.read(value), strict=True)
    return {name: part for name, needed, usual, part in told if needed or (part is not usual and part != usual)}


# Values with nothing but defaults.
_SCOPE = _Blank.of(Scope())
_RULE = _Blank.of(Rule(id="", stage=Stage.BASE, action=Action.SET, value=Fraction(0)))
_RULEBOOK = _Blank.of(Rulebook(version="", currency="", rules=(), effective_from=datetime.min))
_ITEM = _Blank.of(Item(service_id="", name="", quantity=0))


def rule_from_plain(plain: Plain) -> Rule:
    """Read one rule. Most of many thousand are prices of one service for one device."""
    for name in plain.keys() & _READ_RULE.keys():
        plain[name] = _READ_RULE[name](plain[name])
    if "scope" in plain:
        scope = plain["scope"]
        if scope.keys() == _PRICE_LIST:
            plain["scope"] = Scope(models=frozenset(scope["models"]), services=frozenset(scope["services"]))
        else:
            plain["scope"] = _scope_from(scope)
    return Rule(**plain)


_PRICE_LIST = {"models", "services"}


def _scope_from(plain: Plain) -> Scope:
    given: Plain = {
        name: frozenset(value) if name not in _READ_SCOPE and isinstance(value, list) else value
        for name, value in plain.items()
    }
    return Scope(**_read(given, _READ_SCOPE))


def _read(plain: Plain, readers: Mapping[str, Callable[[Any], Any]]) -> Plain:
    return {name: readers[name](value) if name in readers else value for name, value in plain.items()}


def _tree(plain: Any) -> Tree:
    return tuple(_tree(part) if isinstance(part, list) else part for part in plain)
