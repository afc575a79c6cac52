"""Writing a rulebook as the TOML that it can be read from again."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from repaircore.adapters.pricing.scopes import DAYS
from repaircore.adapters.pricing.vocabulary import WORD_FIELDS
from repaircore.adapters.shopfiles.writing import Bare, Value, lines
from repaircore.domain.money import Money, digits
from repaircore.domain.pricing.exact import exact_text
from repaircore.domain.pricing.overrides import OverrideLimits
from repaircore.domain.pricing.promotions import Promotion
from repaircore.domain.pricing.rules import Action, GroupMode, Per, Reach, Rule, Rulebook, Scope, TaxRounding
from repaircore.domain.pricing.warranties import WarrantyTerms

_NO_AMOUNTS = frozenset({Action.MULTIPLY, Action.PERCENT, Action.MATCH})
_MINUTE, _HOUR = 60, 3600
_MOST_MINUTES = 99_999
_DAY_NAMES = {number: name for name, number in DAYS.items()}


def rulebook_lines(
    rulebook: Rulebook, *, sheets: Collection[str] = (), rule_sheets: Collection[str] = (), rules: Iterable[Rule]
) -> Iterator[str]:
    """Answer the lines of the file. `rules` are those to be written in it; the others stand in the price `sheets`, and in
    `rule_sheets`."""
    yield from lines(
        {
            "version": rulebook.version,
            "currency": rulebook.currency,
            "timezone": rulebook.timezone,
            "effective_from": rulebook.effective_from,
            "effective_until": rulebook.effective_until,
            "prices": list(sheets),
            "rule_sheets": list(rule_sheets),
            "tax_rounding": rulebook.tax_rounding.value if rulebook.tax_rounding is not TaxRounding.LINE else "",
            "relief_rounding": rulebook.relief_rounding.value
            if rulebook.relief_rounding is not TaxRounding.LINE
            else "",
            "exclusive_reach": _reach(rulebook),
            "self_declared": sorted(rulebook.self_declared),
            "supplier_costs": rulebook.supplier_costs or None,
        }
    )
    yield from lines({urgency or "default": _span(held) for urgency, held in rulebook.validity.items()}, "[validity]")
    yield from lines({name: sorted(words) for name, words in rulebook.vocabulary.items()}, "[vocabulary]")
    modes: dict[str, Value] = {name: mode.value for name, mode in rulebook.groups.items()}
    order: dict[str, Value] = {"order": list(rulebook.group_order)} if rulebook.group_order else {}
    yield from lines({**modes, **order}, "[groups]")
    caps = {"at_most": rulebook.market_most, "at_least": rulebook.market_least}
    yield from lines({name: exact(cap) for name, cap in caps.items() if cap is not None}, "[market]")
    yield from _policies(rulebook)
    for rule in rules:
        yield from lines(_rule(rule, rulebook.currency), "[[rules]]")


def _reach(rulebook: Rulebook) -> str:
    """Write only what is not usual: each line and the order for itself."""
    is_usual = rulebook.exclusive_reach is Reach.QUOTE or GroupMode.EXCLUSIVE not in rulebook.groups.values()
    return "" if is_usual else rulebook.exclusive_reach.value


def in_major_units(money: Money) -> Bare:
    """Write an amount as people do: 12.50; JPY 1200."""
    places = digits(money.currency)
    whole, rest = divmod(abs(money.amount), 10**places)
    sign = "-" if money.amount < 0 else ""
    return Bare(f"{sign}{whole}.{rest:0{places}}" if rest else f"{sign}{whole}")


def _policies(rulebook: Rulebook) -> Iterator[str]:
    limits, margins = rulebook.overrides, rulebook.margins
    if limits != OverrideLimits():
        roles = {"technician": limits.technician, "staff": limits.staff, "admin": limits.admin}
        shares = {role: "any" if limit is None else exact(limit) for role, limit in roles.items()}
        yield from lines({**shares, "held": _span(limits.held)}, "[overrides]")
    if margins:
        bounds = {"target": margins.target, "alert": margins.alert, "minimum": margins.minimum}
        yield from lines({name: exact(bound) for name, bound in bounds.items()}, "[margins]")
    if rulebook.warranty:
        yield from lines(_warranty(rulebook.warranty), "[warranty]")
    for threshold in rulebook.loyalty:
        spent = _amount(threshold.spent, rulebook.currency)
        yield from lines({"tier": threshold.tier, "orders": threshold.orders, "spent": spent}, "[[loyalty]]")
    for promotion in rulebook.promotions:
        yield from lines(_promotion(promotion), "[[promotions]]")


def _warranty(warranty: WarrantyTerms) -> dict[str, Value]:
    return {
        warranty.unit.value: {service or "default": count for service, count in warranty.terms.items()},
        "times": {word: exact(factor) for word, factor in warranty.times.items()},
    }


def _promotion(promotion: Promotion) -> dict[str, Value]:
    return {
        "code": promotion.code,
        "uses": promotion.uses,
        "per_customer": promotion.per_customer,
        "first_order": promotion.first_order or None,
        "starts": promotion.starts,
        "ends": promotion.ends,
        "stackable": promotion.stackable or None,
    }


def _rule(rule: Rule, currency: str) -> dict[str, Value]:
    return {
        "id": rule.id,
        "stage": rule.stage.value,
        rule.action.value: written_value(rule, currency),
        "when": conditions(rule.scope, currency),
        **said(rule, currency),
    }


def said(rule: Rule, currency: str) -> dict[str, Value]:
    """Answer what a rule says besides what it does, and when; nothing is what it need not say."""
    return {
        "reason": rule.reason,
        "label": rule.label,
        "stacks": rule.stacks or None,
        "per": rule.per.value if rule.per is not Per.LINE else "",
        "inclusive": rule.inclusive or None,
        "refundable": None if rule.refundable else False,
        "source": rule.source,
        "as_of": rule.as_of,
        "cost": _amount(rule.cost, currency),
        "limit": _amount(rule.limit, currency),
        "least": _amount(rule.least, currency),
        "group": rule.group,
        "kind": rule.kind,
        "valid_from": rule.valid_from,
        "valid_until": rule.valid_until,
    }


def written_value(rule: Rule, currency: str) -> Value:
    """Write what a rule sets, adds or multiplies by."""
    return exact(rule.value) if rule.action in _NO_AMOUNTS else _amount(int(rule.value), currency)


def conditions(scope: Scope, currency: str) -> Mapping[str, Value]:
    """Answer the conditions that are given, by their names in the files."""
    given: dict[str, Value] = {
        "device": sorted(scope.models),
        "brand": scope.brand,
        "category": scope.category,
        "year_from": scope.year_from,
        "year_until": scope.year_until,
        "service": sorted(scope.services),
        **{field: sorted(getattr(scope, plural)) for field, plural in WORD_FIELDS.items()},
        "postcode_prefix": sorted(scope.postcode_prefixes),
        "weekday": [_DAY_NAMES[day] for day in sorted(scope.weekdays)],
        "hours": "" if scope.hour_from is None else f"{scope.hour_from}-{scope.hour_until}",
        "month": [str(month) for month in sorted(scope.months)],
        "amount_from": _amount(scope.amount_from, currency),
        "amount_until": _amount(scope.amount_until, currency),
        "promo_code": sorted(scope.promo_codes),
        "first_order": scope.first_order,
        "referred": scope.referred,
        "quantity_from": scope.quantity_from,
        "quantity_until": scope.quantity_until,
        "date_from": scope.date_from,
        "date_until": scope.date_until,
        "line_kind": sorted(scope.line_kinds),
        "market": {bound.figure: _bounds(bound.at_least, bound.below) for bound in scope.market},
        "expression": scope.expression.text if scope.expression else "",
    }
    return {name: value for name, value in given.items() if value not in (None, "", [], {})}


def _bounds(at_least: int | None, below: int | None) -> dict[str, Any]:
    return {name: bound for name, bound in (("at_least", at_least), ("below", below)) if bound is not None}


def _amount(minor: int | None, currency: str) -> Bare | None:
    return None if minor is None else in_major_units(Money(minor, currency))


def exact(value: Fraction) -> Bare:
    """Write a factor or a percentage."""
    return Bare(exact_text(value))


def _span(seconds: int) -> str:
    minutes = seconds // _MINUTE
    return f"{minutes}m" if minutes <= _MOST_MINUTES else f"{seconds // _HOUR}h"
