"""Reading a rule's `when`: a string or a list in each field, all fields together."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import product

from attrs import evolve

from repaircore.adapters.pricing.vocabulary import NONE, WORD_FIELDS, Names
from repaircore.adapters.shopfiles import values
from repaircore.adapters.shopfiles.records import Record, Unreadable, hint
from repaircore.domain.pricing.rules import Scope

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
)
LISTS = ("device", "brand", "category", "service", *WORD_FIELDS, "postcode_prefix", "weekday", "month")

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
    _in_order(when, "year_until", scope.year_from, scope.year_until)
    _in_order(when, "amount_until", scope.amount_from, scope.amount_until)
    return scope


def _in_order(when: Record, field: str, first: int | None, last: int | None) -> None:
    if first is not None and last is not None and last < first:
        when.fault(field, "ends before it begins")


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
