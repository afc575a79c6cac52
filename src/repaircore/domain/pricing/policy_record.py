"""A rulebook's policies (promotions, overrides, margins) and a quote's override as plain data and back."""

from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from attrs import fields_dict

from repaircore.domain.actors import Actor, Role
from repaircore.domain.identity import QuoteId
from repaircore.domain.pricing.loyalty import Threshold
from repaircore.domain.pricing.margin import Margins
from repaircore.domain.pricing.overrides import AgreedPrice, Override, OverrideLimits
from repaircore.domain.pricing.promotions import Promotion, RefusedCode
from repaircore.domain.pricing.rules import Reach, TaxRounding
from repaircore.domain.pricing.warranties import Unit, WarrantyTerms

Plain = dict[str, Any]


def _given(value: Any) -> Plain:
    """Answer the fields that differ from their defaults, written plainly."""
    blank: Plain = {name: attribute.default for name, attribute in fields_dict(type(value)).items()}
    given = {name: getattr(value, name) for name in blank}
    return {name: _written(part) for name, part in given.items() if part != blank[name]}


def _written(value: Any) -> Any:
    match value:
        case Fraction():
            return f"{value.numerator}/{value.denominator}"
        case datetime():
            return value.isoformat()
        case _:
            return value


def _limits(plain: Plain) -> OverrideLimits:
    read: Plain = {name: Fraction(part) if isinstance(part, str) else part for name, part in plain.items()}
    return OverrideLimits(**read)


def _promotion(plain: Plain) -> Promotion:
    moments: Plain = {name: datetime.fromisoformat(plain[name]) for name in ("starts", "ends") if name in plain}
    return Promotion(**{**plain, **moments})


def _warranty_to_plain(warranty: WarrantyTerms) -> Plain:
    times = {word: _written(factor) for word, factor in warranty.times.items()}
    return {"unit": warranty.unit.value, "terms": dict(warranty.terms), "times": times}


def _warranty(plain: Plain) -> WarrantyTerms:
    times = {word: Fraction(factor) for word, factor in plain["times"].items()}
    return WarrantyTerms(unit=Unit(plain["unit"]), terms=plain["terms"], times=times)


def override_to_plain(override: Override) -> Plain:
    """Write an override."""
    return {
        "prices": [{"amount": price.amount, "line": price.line} for price in override.prices],
        "reason": override.reason,
        "by": {"role": override.by.role.value, "id": override.by.id},
        "at": override.at.isoformat(),
        "expires_at": override.expires_at.isoformat(),
        "replaces": override.replaces,
    }


def override_from(plain: Plain) -> Override:
    """Read an override."""
    return Override(
        prices=tuple(AgreedPrice(**price) for price in plain["prices"]),
        reason=plain["reason"],
        by=Actor(Role(plain["by"]["role"]), plain["by"]["id"]),
        at=datetime.fromisoformat(plain["at"]),
        expires_at=datetime.fromisoformat(plain["expires_at"]),
        replaces=QuoteId(plain["replaces"]),
    )


POLICIES_TO_PLAIN: Mapping[str, Callable[[Any], Any]] = {
    "promotions": lambda promotions: [_given(promotion) for promotion in promotions],
    "overrides": _given,
    "loyalty": lambda loyalty: [_given(threshold) for threshold in loyalty],
    "margins": _given,
    "group_order": list,
    "warranty": _warranty_to_plain,
}
POLICIES_FROM_PLAIN: Mapping[str, Callable[[Any], Any]] = {
    "promotions": lambda promotions: tuple(map(_promotion, promotions)),
    "overrides": _limits,
    "loyalty": lambda loyalty: tuple(Threshold(**each) for each in loyalty),
    "margins": lambda plain: Margins(**{name: Fraction(part) for name, part in plain.items()}),
    "group_order": tuple,
    "relief_rounding": TaxRounding,
    "warranty": _warranty,
    "exclusive_reach": Reach,
}
FACTS_TO_PLAIN: Mapping[str, Callable[[Any], Any]] = {
    "override": override_to_plain,
    "refused_codes": lambda refused: [{"code": each.code, "why": each.why} for each in refused],
}
FACTS_FROM_PLAIN: Mapping[str, Callable[[Any], Any]] = {
    "override": override_from,
    "refused_codes": lambda refused: tuple(RefusedCode(**each) for each in refused),
}
