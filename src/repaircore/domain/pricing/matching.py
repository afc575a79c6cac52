"""When a rule applies, how specific it is, and the words for the first condition that does not hold."""

from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import NamedTuple

from attrs import evolve, frozen

from repaircore.domain.money import Money
from repaircore.domain.pricing.exact import round_half_up
from repaircore.domain.pricing.facts import DeviceFacts, Facts
from repaircore.domain.pricing.rules import Scope

# Scope field, the fact it is held against, and the word for it; in the order of specificity.
WORDS = (
    ("customer_types", "customer_type", "customer type"),
    ("urgencies", "urgency", "urgency"),
    ("fulfilments", "fulfilment", "fulfilment"),
    ("channels", "channel", "channel"),
    ("conditions", "condition", "condition"),
    ("complexities", "complexity", "complexity"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FIRST_HALF = ("January", "February", "March", "April", "May", "June")
_MONTHS = (*_FIRST_HALF, "July", "August", "September", "October", "November", "December")

Specificity = tuple[int, ...]


def specificity(scope: Scope) -> Specificity:
    """Rank a scope: of two that apply, the greater tuple wins. A set of prefixes counts as its shortest."""
    return (
        _device_rank(scope),
        (scope.year_from is not None) + (scope.year_until is not None),
        bool(scope.services),
        *(bool(getattr(scope, name)) for name, _, _ in WORDS),
        min(map(len, scope.postcode_prefixes), default=0),
        bool(scope.weekdays) + has_hours(scope) + bool(scope.months),
        (scope.amount_from is not None) + (scope.amount_until is not None),
    )


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
    """What a scope is held against: the facts, the services in question (one line's, or all of the order's), the amount."""

    facts: Facts
    services: Collection[str]
    amount: Fraction
    currency: str


class Unmet(NamedTuple):
    """A condition that does not hold: its name, what it asks for and what was given, and the English words for it."""

    condition: str  # the scope field, or the window: years, hours, amount_from, …
    allowed: tuple[str, ...]
    given: str
    text: str


def mismatch(scope: Scope, situation: Situation) -> str:
    """Say in words which condition fails first, in the order of specificity; empty when all hold."""
    return next((unmet.text for unmet in _mismatches(scope, situation)), "")


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


def _end(hour: int | None) -> int:
    return 24 if hour is None else hour
