"""When a rule applies, how specific it is, and the words for the first condition that does not hold."""

from collections.abc import Collection, Iterator
from fractions import Fraction
from operator import attrgetter
from typing import NamedTuple

from attrs import evolve, frozen

from repaircore.domain.money import Money
from repaircore.domain.pricing.exact import round_half_up
from repaircore.domain.pricing.facts import DeviceFacts, Facts, Item
from repaircore.domain.pricing.rules import Action, MarketBound, Rule, Scope

# Scope field, the fact it is held against, and the word for it; in the order of specificity.
WORDS = (
    ("customer_types", "customer_type", "customer type"),
    ("urgencies", "urgency", "urgency"),
    ("fulfilments", "fulfilment", "fulfilment"),
    ("channels", "channel", "channel"),
    ("conditions", "condition", "condition"),
    ("complexities", "complexity", "complexity"),
    ("tiers", "tier", "tier"),
    ("tax_statuses", "tax_status", "tax status"),
    ("places", "place", "place"),
)
# The same for what is said of each item.
ITEM_WORDS = (
    ("grades", "grade", "part grade"),
    ("warranties", "warranty", "warranty"),
)
_FLAGS = (("first_order", "a first order"), ("referred", "a customer who was referred"))
_DATES = 4  # a date is more specific than weekday, hours and month together
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FIRST_HALF = ("January", "February", "March", "April", "May", "June")
_MONTHS = (*_FIRST_HALF, "July", "August", "September", "October", "November", "December")

words_of = attrgetter(*(name for name, _, _ in WORDS))  # the sets of words of a scope, in the order of WORDS

Specificity = tuple[int, ...]


def specificity(scope: Scope) -> Specificity:
    """Rank a scope: of two that apply, the greater tuple wins. A set of prefixes counts as its shortest."""
    return (
        _device_rank(scope),
        (scope.year_from is not None) + (scope.year_until is not None),
        bool(scope.services),
        *map(bool, words_of(scope)),
        min(map(len, scope.postcode_prefixes), default=0),
        bool(scope.weekdays) + has_hours(scope) + bool(scope.months) + _DATES * has_dates(scope),
        (scope.amount_from is not None) + (scope.amount_until is not None),
        *_further(scope),
    )


_NOTHING_FURTHER = (0,) * 9


def _further(scope: Scope) -> Specificity:
    further = (
        bool(scope.promo_codes),
        scope.first_order is not None,
        scope.referred is not None,
        (scope.quantity_from is not None) + (scope.quantity_until is not None),
        bool(scope.grades),
        bool(scope.warranties),
        bool(scope.line_kinds),
        len(scope.market),
        scope.expression is not None,
    )
    return further if any(further) else _NOTHING_FURTHER


def _device_rank(scope: Scope) -> int:
    if scope.models:
        return 4
    return 2 * bool(scope.category) + bool(scope.brand)


def by_prefix_length(scope: Scope) -> Iterator[Scope]:
    """Part a scope so that all its postcode prefixes are equally long: then its specificity is one number."""
    lengths = {len(prefix) for prefix in scope.postcode_prefixes}
    if len(lengths) < 2:
        yield scope
        return
    for length in sorted(lengths):
        yield evolve(scope, postcode_prefixes=frozenset(p for p in scope.postcode_prefixes if len(p) == length))


def has_hours(scope: Scope) -> bool:
    """Whether the scope is bound to hours of the day."""
    return scope.hour_from is not None or scope.hour_until is not None


def has_dates(scope: Scope) -> bool:
    """Whether the scope is bound to dates."""
    return scope.date_from is not None or scope.date_until is not None


def hours(scope: Scope) -> frozenset[int]:
    """Answer the local hours in which the scope applies; a window may run over midnight."""
    start = 0 if scope.hour_from is None else scope.hour_from
    end = 24 if scope.hour_until is None else scope.hour_until
    if start <= end:
        return frozenset(range(start, end))
    return frozenset((*range(start, 24), *range(end)))


def fits_year(scope: Scope, year: int | None) -> bool:
    """Whether a model year is within the scope's bounds; an unknown year is in no bounds."""
    if scope.year_from is None and scope.year_until is None:
        return True
    if year is None:
        return False
    return (scope.year_from is None or year >= scope.year_from) and (
        scope.year_until is None or year <= scope.year_until
    )


def fits_device(scope: Scope, device: DeviceFacts) -> bool:
    """Whether the scope's model, brand, category and year bounds hold for the device."""
    return (
        (not scope.models or device.id in scope.models)
        and scope.brand in ("", device.brand)
        and scope.category in ("", device.category)
        and fits_year(scope, device.year)
    )


def fits_postcode(scope: Scope, postcode: str) -> bool:
    """Whether the postcode starts with one of the scope's prefixes, where it has any."""
    return not scope.postcode_prefixes or postcode.startswith(tuple(scope.postcode_prefixes))


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
    allowed: tuple[str, ...]
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
    if any(_further(scope)):
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
    if not fits_quantity(scope, devices := quantity(facts)):
        text = f"applies to {_count(scope)} devices; this is for {devices}"
        yield Unmet("quantity", (_count(scope),), str(devices), text)
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


def quantity(facts: Facts) -> int:
    """Answer for how many devices the quote is: the quantity of the item asked for most often."""
    return max([item.quantity for item in facts.items])


def fits_quantity(scope: Scope, devices: int) -> bool:
    """Whether that many devices are within the scope's bounds, both included."""
    return (scope.quantity_from is None or devices >= scope.quantity_from) and (
        scope.quantity_until is None or devices <= scope.quantity_until
    )


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
        yield Unmet("years", (_span(scope),), str(device.year or ""), text)


def _time_mismatches(scope: Scope, facts: Facts) -> Iterator[Unmet]:
    at = facts.local_time
    if (scope.date_from and at.date() < scope.date_from) or (scope.date_until and at.date() > scope.date_until):
        text = f"applies {_period(scope)}; this is for {at.date()}"
        yield Unmet("dates", (_period(scope),), str(at.date()), text)
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
