"""Reading a rule's `when`: a string or a list in each field, all fields together."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime
from itertools import product

from attrs import evolve

from repaircore.adapters.pricing.expressions import expression
from repaircore.adapters.pricing.vocabulary import NONE, WORD_FIELDS, Names
from repaircore.adapters.shopfiles import values
from repaircore.adapters.shopfiles.records import Record, Unreadable, hint
from repaircore.domain.pricing.rules import MarketBound, Scope

DAYS = {name: index for index, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
MONTHS = {
    name: index
    for index, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
FIELDS = (
    "device",
    "brand",
    "category",
    "year_from",
    "year_until",
    "service",
    *WORD_FIELDS,
    "postcode_prefix",
    "weekday",
    "hours",
    "month",
    "amount_from",
    "amount_until",
    "promo_code",
    "first_order",
    "referred",
    "quantity_from",
    "quantity_until",
    "date_from",
    "date_until",
    "line_kind",
    "market",
    "expression",
)
LISTS = (
    *("device", "brand", "category", "service", *WORD_FIELDS),
    *("postcode_prefix", "weekday", "month", "promo_code", "line_kind"),
)

_HOURS = re.compile(r"(\d{1,2})-(\d{1,2})")
_ANYTIME: tuple[int | None, int | None] = (None, None)


def read_scopes(when: Record, names: Names) -> Iterator[tuple[str, Scope]]:
    """Answer the scopes that `when` spells, each with what tells it apart from the others. A scope has one brand and one
    category, so a list of them is that many scopes; otherwise there is exactly one, told apart by nothing."""
    when.allow_only(FIELDS)
    scope = _shared(when, names)
    brands = when.read("brand", values.several(names.reader("brand")), NONE) or ("",)
    categories = when.read("category", values.several(names.reader("category")), NONE) or ("",)
    for brand, category in product(brands, categories):
        parts = (*((brand,) if len(brands) > 1 else ()), *((category,) if len(categories) > 1 else ()))
        yield "/".join(slug(part) for part in parts), evolve(scope, brand=brand, category=category)


def slug(name: str) -> str:
    """Make a name fit for an id: `Sony Ericsson` becomes `sony-ericsson`."""
    return "-".join(re.findall(r"[^\W_]+", name.casefold()))


def _shared(when: Record, names: Names) -> Scope:
    def words(field: str) -> frozenset[str]:
        return frozenset(when.read(field, values.several(names.reader(field)), NONE))

    hour_from, hour_until = when.read("hours", _hours, _ANYTIME)
    scope = Scope(
        models=words("device"),
        services=words("service"),
        customer_types=words("customer_type"),
        urgencies=words("urgency"),
        fulfilments=words("fulfilment"),
        channels=words("channel"),
        conditions=words("condition"),
        complexities=words("complexity"),
        postcode_prefixes=frozenset(when.read("postcode_prefix", values.several(_prefix), NONE)),
        weekdays=frozenset(DAYS[day] for day in when.read("weekday", values.several(_named("weekday", DAYS)), NONE)),
        months=frozenset(MONTHS[month] for month in when.read("month", values.several(_named("month", MONTHS)), NONE)),
        hour_from=hour_from,
        hour_until=hour_until,
        year_from=when.read("year_from", values.year, None),
        year_until=when.read("year_until", values.year, None),
        amount_from=when.read("amount_from", values.money(names.currency), None),
        amount_until=when.read("amount_until", values.money(names.currency), None),
    )
    scope = _further(when, scope, words) if any(when.has(field) for field in _FURTHER) else scope
    for name in ("year", "amount", "quantity", "date"):
        in_order(when, f"{name}_until", getattr(scope, f"{name}_from"), getattr(scope, f"{name}_until"))
    return scope


_FURTHER = (*FIELDS[FIELDS.index("promo_code") :], "tier", "tax_status", "place", "grade", "warranty")


def _further(when: Record, scope: Scope, words: Callable[[str], frozenset[str]]) -> Scope:
    return evolve(
        scope,
        tiers=words("tier"),
        tax_statuses=words("tax_status"),
        places=words("place"),
        grades=words("grade"),
        warranties=words("warranty"),
        line_kinds=words("line_kind"),
        promo_codes=frozenset(when.read("promo_code", values.several(_code), NONE)),
        first_order=when.read("first_order", _flag, None),
        referred=when.read("referred", _flag, None),
        quantity_from=when.read("quantity_from", values.count, None),
        quantity_until=when.read("quantity_until", values.count, None),
        date_from=when.read("date_from", day, None),
        date_until=when.read("date_until", day, None),
        market=tuple(_bounds(when)) if when.has("market") else (),
        expression=when.read("expression", expression, None),
    )


def in_order(when: Record, field: str, first: date | int | None, last: date | int | None) -> None:
    """Note a window that ends before it begins."""
    if first is not None and last is not None and last < first:  # type: ignore[operator]
        when.fault(field, "ends before it begins")


def day(value: object) -> date | None:
    """Read a date without a time."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Unreadable(f"{value!r} is not a date: write it without quotation marks, like 2025-12-24")
    return value


def _flag(value: object) -> bool | None:
    return values.flag(value)


def _code(value: object) -> str:
    code = values.text(value).upper()
    if not code or any(part.isspace() for part in code):
        raise Unreadable(f"{value!r} is not a promotion code")
    return code


def _bounds(when: Record) -> Iterator[MarketBound]:
    """Read `market = { queue_length = { at_least = 11 }, demand = { below = 40 } }`."""
    figures = when.values["market"]
    if not isinstance(figures, dict):
        when.fault("market", "is not a table: write market = { queue_length = { at_least = 11 } }")
        return
    table = when.inner("market", figures)
    for figure, bounds in figures.items():
        if not isinstance(bounds, dict) or not bounds:
            table.fault(figure, f"has no bounds: write {figure} = {{ at_least = 11 }} or {{ below = 40 }}")
            continue
        within = table.inner(figure, bounds)
        within.allow_only(("at_least", "below"))
        at_least, below = (within.read(name, _figure, None) for name in ("at_least", "below"))
        yield MarketBound(figure, at_least, below)


def _figure(value: object) -> int | None:
    return values.whole(value)


def _named(kind: str, known: Mapping[str, int]) -> Callable[[object], str]:
    """Read a day or a month by its English name, in full or by its first three letters; a month also by its number."""

    def read(value: object) -> str:
        name = str(value).strip().casefold()
        by_number = {str(number): short for short, number in known.items()} if kind == "month" else {}
        short = by_number.get(name, name[:3])
        if short not in known or not (name in by_number or _FULL[short].startswith(name)):
            raise Unreadable(f"no {kind} {str(value)!r}{_near(name, known)}")
        return short

    return read


_FULL = {
    name[:3]: name
    for name in (
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        *("january", "february", "march", "april", "may", "june", "july"),
        *("august", "september", "october", "november", "december"),
    )
}


def _near(name: str, known: Collection[str]) -> str:
    return hint(name, [word for short in known for word in (short, _FULL[short])])


def _prefix(value: object) -> str:
    prefix = str(value).replace(" ", "").upper()
    if isinstance(value, bool) or not prefix.isalnum():
        raise Unreadable(
            f"{value!r} is not the beginning of a postcode: use letters and digits, such as '606' or 'SW1'"
        )
    return prefix


def _hours(value: object) -> tuple[int | None, int | None]:
    found = _HOURS.fullmatch(str(value))
    if not found or int(found[1]) > 23 or int(found[2]) > 24 or found[1] == found[2]:
        raise Unreadable(f"{value!r} is not a window of hours: write it like '9-17', from 0 to 24")
    return int(found[1]), int(found[2])
