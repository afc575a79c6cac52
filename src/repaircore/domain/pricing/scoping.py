"""Scopes: what they ask for, how specific they are, and whether a device, a postcode or a quantity is within one."""

from collections.abc import Iterator
from operator import attrgetter

from attrs import evolve

from repaircore.domain.pricing.facts import DeviceFacts
from repaircore.domain.pricing.rules import Scope

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
_DATES = 4  # a date is more specific than weekday, hours and month together

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
        *further(scope),
    )


def rank(scope: Scope) -> Specificity:
    """Order scopes: of two that apply, the lesser tuple wins."""
    return tuple([-part for part in specificity(scope)])


_NOTHING_FURTHER = (0,) * 9


def further(scope: Scope) -> Specificity:
    """Rank the conditions beyond the usual ones; all zero where there are none."""
    asked = (
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
    return asked if any(asked) else _NOTHING_FURTHER


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


def fits_quantity(scope: Scope, devices: int) -> bool:
    """Whether that many devices are within the scope's bounds, both included."""
    return (scope.quantity_from is None or devices >= scope.quantity_from) and (
        scope.quantity_until is None or devices <= scope.quantity_until
    )
