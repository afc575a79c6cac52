"""When a rule applies, and the words for every condition that does not hold."""

from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import NamedTuple

from attrs import frozen

from repaircore.domain.money import Money
from repaircore.domain.pricing.exact import round_half_up
from repaircore.domain.pricing.facts import DeviceFacts, Facts, Item
from repaircore.domain.pricing.rules import Action, MarketBound, Rule, Scope
from repaircore.domain.pricing.scoping import (
    ITEM_WORDS,
    WORDS,
    fits_postcode,
    fits_quantity,
    fits_year,
    further,
    has_hours,
    hours,
)

_FLAGS = (("first_order", "a first order"), ("referred", "a customer who was referred"))
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FIRST_HALF = ("January", "February", "March", "April", "May", "June")
_MONTHS = (*_FIRST_HALF, "July", "August", "September", "October", "November", "December")


@frozen(kw_only=True)
class Situation:
    """What a scope is held against: the facts, the services in question (one line's, or all of the order's), the amount.

    `items` are the line's item, or nothing for all of the order's; `kind` is what the amount is for, where a tax asks.
    """

    facts: Facts
    services: Collection[str]
    amount: Fraction
    currency: str
    items: tuple[Item, ...] = ()
    kind: str = "repair"

    @property
    def asked(self) -> tuple[Item, ...]:
        """The items in question."""
        return self.items or self.facts.items


class Unmet(NamedTuple):
    """A condition that does not hold: its name, what it asks for and what was given, and the English words for it."""

    condition: str  # the scope field, or the window: years, hours, amount_from, …
    allowed: tuple[str, ...]  # words; of years, quantity and dates both ends, empty where open
    given: str
    text: str


def mismatch(scope: Scope, situation: Situation) -> str:
    """Say in words which condition fails first, in the order of specificity; empty when all hold."""
    return next((unmet.text for unmet in _mismatches(scope, situation)), "")


def refusal(rule: Rule, situation: Situation) -> str:
    """Say in words why a rule does not apply, its own dates before its scope; empty when it does."""
    return next((unmet.text for unmet in _refusals(rule, situation)), "")


def refusals(rule: Rule, situation: Situation) -> tuple[Unmet, ...]:
    """List everything that keeps a rule from applying."""
    return tuple(_refusals(rule, situation))


def _refusals(rule: Rule, situation: Situation) -> Iterator[Unmet]:
    day = situation.facts.local_time.date()
    if rule.valid_from is not None and day < rule.valid_from:
        text = f"is valid from {rule.valid_from}; this is for {day}"
        yield Unmet("valid_from", (str(rule.valid_from),), str(day), text)
    if rule.valid_until is not None and day > rule.valid_until:
        text = f"was valid until {rule.valid_until}; this is for {day}"
        yield Unmet("valid_until", (str(rule.valid_until),), str(day), text)
    yield from _mismatches(rule.scope, situation)
    if rule.action is Action.MATCH and all(item.competitor_price is None for item in situation.asked):
        text = "applies to a competitor's price that our staff has seen; there is none"
        yield Unmet("competitor_price", (), "", text)


def mismatches(scope: Scope, situation: Situation) -> tuple[Unmet, ...]:
    """List every condition that does not hold, in the order of specificity."""
    return tuple(_mismatches(scope, situation))


def _mismatches(scope: Scope, situation: Situation) -> Iterator[Unmet]:
    facts = situation.facts
    yield from _device_mismatches(scope, facts.device)
    if scope.services and not scope.services.intersection(situation.services):
        text = f"applies to {_any_of(scope.services)}; this is {_any_of(situation.services)}"
        yield Unmet("services", _sorted(scope.services), _any_of(situation.services), text)
    for name, fact, word in WORDS:
        allowed, given = getattr(scope, name), getattr(facts, fact)
        if allowed and given not in allowed:
            text = f"applies to {word} {_any_of(allowed)}; this quote is {given or 'without one'}"
            yield Unmet(name, _sorted(allowed), given, text)
    if not fits_postcode(scope, facts.postcode):
        prefixes, given = scope.postcode_prefixes, facts.postcode
        text = f"applies to postcodes from {_any_of(prefixes)}; this is {given or 'without one'}"
        yield Unmet("postcode_prefixes", _sorted(prefixes), given, text)
    yield from _time_mismatches(scope, facts)
    yield from _amount_mismatches(scope, situation)
    if any(further(scope)):
        yield from _further_mismatches(scope, situation)


def _further_mismatches(scope: Scope, situation: Situation) -> Iterator[Unmet]:
    facts = situation.facts
    if scope.promo_codes and scope.promo_codes.isdisjoint(facts.promo_codes):
        text = "applies with a promotion code; this quote has none that fits"
        yield Unmet("promo_codes", _sorted(scope.promo_codes), ", ".join(facts.promo_codes), text)
    for name, words in _FLAGS:
        wanted, given = getattr(scope, name), getattr(facts, name)
        if wanted is not None and wanted is not given:
            text = f"applies to {words}; this is not" if wanted else f"does not apply to {words}"
            yield Unmet(name, (_yes(wanted),), _yes(given), text)
    if not fits_quantity(scope, devices := facts.quantity):
        text = f"applies to {_count(scope)} devices; this is for {devices}"
        yield Unmet("quantity", _ends(scope.quantity_from, scope.quantity_until), str(devices), text)
    yield from _item_mismatches(scope, situation)
    for bound in scope.market:
        if not bound.holds(facts.market.figures):
            reported = str(facts.market.figures.get(bound.figure, "unknown"))
            yield Unmet(bound.figure, (_bound(bound),), reported, f"applies when {_bound(bound)}; it is {reported}")
    if scope.expression and not scope.expression.holds(facts):
        said, here = scope.expression.text, scope.expression.says(facts)
        yield Unmet("expression", (said,), here, f"applies when {said}; {here}")


def _item_mismatches(scope: Scope, situation: Situation) -> Iterator[Unmet]:
    for name, fact, word in ITEM_WORDS:
        allowed, of_items = getattr(scope, name), {getattr(item, fact) for item in situation.asked}
        if allowed and allowed.isdisjoint(of_items):
            given = _any_of(of_items - {""})
            text = f"applies to {word} {_any_of(allowed)}; this is {given or 'without one'}"
            yield Unmet(name, _sorted(allowed), given, text)
    if scope.line_kinds and situation.kind not in scope.line_kinds:
        text = f"applies to {_any_of(scope.line_kinds)}; this is {situation.kind}"
        yield Unmet("line_kinds", _sorted(scope.line_kinds), situation.kind, text)


def _device_mismatches(scope: Scope, device: DeviceFacts) -> Iterator[Unmet]:
    if scope.models and device.id not in scope.models:
        text = f"applies to {_any_of(scope.models)}; this is {device.id}"
        yield Unmet("models", _sorted(scope.models), device.id, text)
    if scope.category and device.category != scope.category:
        text = f"applies to category {scope.category}; this is {device.category}"
        yield Unmet("category", (scope.category,), device.category, text)
    if scope.brand and device.brand != scope.brand:
        text = f"applies to brand {scope.brand}; this is {device.brand}"
        yield Unmet("brand", (scope.brand,), device.brand, text)
    if not fits_year(scope, device.year):
        text = f"applies to model years {_span(scope)}; this is {device.year or 'of unknown year'}"
        yield Unmet("years", _ends(scope.year_from, scope.year_until), str(device.year or ""), text)


def _time_mismatches(scope: Scope, facts: Facts) -> Iterator[Unmet]:
    at = facts.local_time
    if (scope.date_from and at.date() < scope.date_from) or (scope.date_until and at.date() > scope.date_until):
        text = f"applies {_period(scope)}; this is for {at.date()}"
        yield Unmet("dates", _ends(scope.date_from, scope.date_until), str(at.date()), text)
    if scope.weekdays and at.weekday() not in scope.weekdays:
        days = tuple(_DAYS[day] for day in sorted(scope.weekdays))
        text = f"applies on {' or '.join(days)}; this is for {_DAYS[at.weekday()]}"
        yield Unmet("weekdays", tuple(str(day) for day in sorted(scope.weekdays)), str(at.weekday()), text)
    if has_hours(scope) and at.hour not in hours(scope):
        start, end = f"{scope.hour_from or 0}:00", f"{_end(scope.hour_until)}:00"
        yield Unmet("hours", (start, end), f"{at:%H:%M}", f"applies from {start} until {end}; this is for {at:%H:%M}")
    if scope.months and at.month not in scope.months:
        months = " or ".join(_MONTHS[month - 1] for month in sorted(scope.months))
        text = f"applies in {months}; this is for {_MONTHS[at.month - 1]}"
        yield Unmet("months", tuple(str(month) for month in sorted(scope.months)), str(at.month), text)


def _amount_mismatches(scope: Scope, situation: Situation) -> Iterator[Unmet]:
    amount, currency = situation.amount, situation.currency
    low, high = scope.amount_from, scope.amount_until
    shown = Money(round_half_up(amount.numerator, amount.denominator), currency)
    if low is not None and amount < low:
        text = f"applies from {Money(low, currency)}; this is {shown}"
        yield Unmet("amount_from", (str(low),), str(shown.amount), text)
    if high is not None and amount >= high:
        text = f"applies below {Money(high, currency)}; this is {shown}"
        yield Unmet("amount_until", (str(high),), str(shown.amount), text)


def _sorted(words: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(words))


def _any_of(words: Collection[str]) -> str:
    shown = sorted(words)
    return " or ".join(shown[:5]) + (f" or {len(shown) - 5} more" if len(shown) > 5 else "")


def _ends(start: object, end: object) -> tuple[str, ...]:
    return tuple("" if each is None else str(each) for each in (start, end))


def _span(scope: Scope) -> str:
    if scope.year_until is None:
        return f"from {scope.year_from}"
    return f"until {scope.year_until}" if scope.year_from is None else f"{scope.year_from} to {scope.year_until}"


def _count(scope: Scope) -> str:
    if scope.quantity_until is None:
        return f"{scope.quantity_from} or more"
    return f"{scope.quantity_from or 1} to {scope.quantity_until}"


def _period(scope: Scope) -> str:
    if scope.date_until is None:
        return f"from {scope.date_from}"
    return f"until {scope.date_until}" if scope.date_from is None else f"from {scope.date_from} to {scope.date_until}"


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _bound(bound: MarketBound) -> str:
    words = bound.figure.replace("_", " ")
    bounds = [f"at least {bound.at_least}"] if bound.at_least is not None else []
    bounds += [f"below {bound.below}"] if bound.below is not None else []
    return f"{words} is {' and '.join(bounds)}"


def _end(hour: int | None) -> int:
    return 24 if hour is None else hour
