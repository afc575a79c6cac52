"""Reading `[overrides]`, `[margins]`, `[warranty]` and `[[promotions]]`: who may change prices, what they must leave, how long the
work is stood by, and codes with limits."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import TypeVar

from attrs import frozen

from repaircore.adapters.pricing.vocabulary import Names
from repaircore.adapters.shopfiles import values
from repaircore.adapters.shopfiles.records import Record, Report, Unreadable, hint
from repaircore.adapters.shopfiles.toml import Document
from repaircore.domain.pricing.loyalty import Threshold
from repaircore.domain.pricing.margin import Margins
from repaircore.domain.pricing.overrides import OverrideLimits
from repaircore.domain.pricing.promotions import Promotion, normalised
from repaircore.domain.pricing.rules import Rule
from repaircore.domain.pricing.warranties import Unit, WarrantyTerms

TABLES = ("overrides", "margins", "loyalty", "promotions", "warranty")

T = TypeVar("T")

_ANY = "any"
_DEFAULT = "default"
_LONGEST = 36_525
_CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{1,39}")
_PROMOTION = ("code", "uses", "per_customer", "first_order", "starts", "ends", "stackable")
_MARGINS = ("target", "alert", "minimum")
_LOYALTY = ("tier", "orders", "spent")
_LIMITS = ("technician", "staff", "admin")


@frozen
class Readers:
    """How moments and time spans are read in this rulebook."""

    moment: Callable[[object], datetime]
    duration: Callable[[object], int]


def read_limits(table: Record, readers: Readers) -> OverrideLimits:
    """Read `[overrides]`: for each role by how many percent it may change a price, or "any"; and how long that is held."""
    table.allow_only((*_LIMITS, "held"))
    usual = OverrideLimits()
    return OverrideLimits(
        technician=table.read("technician", _limit, usual.technician),
        staff=table.read("staff", _limit, usual.staff),
        admin=table.read("admin", _limit, usual.admin),
        held=table.read("held", readers.duration, usual.held),
    )


def read_margins(table: Record) -> Margins | None:
    """Read `[margins]`: percentages of the net price, falling. Without the table margins are not guarded."""
    table.allow_only(_MARGINS)
    if not table.values:
        return None
    usual = Margins()
    margins = Margins(
        target=table.read("target", _percentage, usual.target),
        alert=table.read("alert", _percentage, usual.alert),
        minimum=table.read("minimum", _percentage, usual.minimum),
    )
    if not margins.minimum <= margins.alert <= margins.target:
        table.fault("", "must fall from target to alert to minimum")
    return margins


def read_warranty(table: Record, names: Names) -> WarrantyTerms | None:
    """Read `[warranty]`: `days` or `months` by service, `default` for any other, and `times` by what the customer chooses."""
    table.allow_only((*Unit, "times"))
    if not table.values:
        return None
    given = [unit for unit in Unit if table.has(unit)]
    if len(given) != 1:
        table.fault("", "says how long in days or in months: give one of the two")
        return None
    services = {_DEFAULT: "", **{service: service for service in names.services}}
    return WarrantyTerms(
        unit=given[0],
        terms=_by_name(table, given[0], services, _term, "service"),
        times=_by_name(table, "times", {word: word for word in names.words["warranty"]}, values.factor, "warranty"),
    )


def _by_name(
    table: Record, field: str, known: Mapping[str, str], read: Callable[[object], T], kind: str
) -> dict[str, T]:
    cells = table.values.get(field, {})
    if not isinstance(cells, dict):
        table.fault(field, f"is not a table: write {field} = {{ {_DEFAULT} = 6 }}")
        return {}
    row, found = table.inner(field, cells), {}
    for name in cells:
        if name not in known:
            row.fault(name, f"no {kind} {name!r}{hint(name, known)}")
        elif (value := row.read(name, _optional(read), None)) is not None:
            found[known[name]] = value
    return found


def _optional(read: Callable[[object], T]) -> Callable[[object], T | None]:
    return read


def _term(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LONGEST:
        raise Unreadable(f"{value!r} is not a term: write a whole number of days or months, such as 6")
    return value


def read_loyalty(document: Document, names: Names) -> Iterator[Threshold]:
    """Read `[[loyalty]]`, one tier each, from the lowest to the highest: how many orders or how much spent earn it."""
    seen: dict[str, str] = {}
    for table in document.tables("loyalty"):
        table.allow_only(_LOYALTY)
        tier = table.need("tier", names.reader("tier"), "")
        if tier in seen:
            table.fault("tier", f"{tier!r} stands already at {seen[tier]}")
        elif not (table.has("orders") or table.has("spent")):
            table.fault("", "says nothing to earn it: give orders, spent or both")
        seen[tier] = table.place
        yield Threshold(
            tier=tier,
            orders=table.read("orders", values.count, None),
            spent=table.read("spent", values.money(names.currency), None),
        )


def read_promotions(document: Document, readers: Readers) -> Iterator[Promotion]:
    """Read `[[promotions]]`, one code each. A date in `ends` is the last day."""
    seen: dict[str, str] = {}
    for table in document.tables("promotions"):
        table.allow_only(_PROMOTION)
        code = table.need("code", _code, "")
        if code in seen:
            table.fault("code", f"{code!r} stands already at {seen[code]}")
            continue
        if code:
            seen[code] = table.place
            yield _promotion(table, code, readers)


def _promotion(table: Record, code: str, readers: Readers) -> Promotion:
    promotion = Promotion(
        code=code,
        uses=table.read("uses", values.count, None),
        per_customer=table.read("per_customer", values.count, None),
        first_order=table.read("first_order", values.flag, False),
        starts=table.read("starts", readers.moment, None),
        ends=table.read("ends", _end(readers.moment), None),
        stackable=table.read("stackable", values.flag, False),
    )
    if promotion.starts and promotion.ends and promotion.ends <= promotion.starts:
        table.fault("ends", "is before it starts")
    return promotion


def _end(moment: Callable[[object], datetime]) -> Callable[[object], datetime]:
    def read(value: object) -> datetime:
        is_day = isinstance(value, date) and not isinstance(value, datetime)
        return moment(value + timedelta(days=1) if is_day and isinstance(value, date) else value)

    return read


def _limit(value: object) -> Fraction | None:
    return None if value == _ANY else _percentage(value)


def _percentage(value: object) -> Fraction:
    percent = values.percentage(value)
    if not 0 <= percent <= 100:
        raise Unreadable(f"{value!r} is not a share: write 0 to 100")
    return percent


def _code(value: object) -> str:
    code = normalised(values.text(value))
    if not _CODE.fullmatch(code):
        raise Unreadable(f"{value!r} is not a code: use 2 to 40 letters, digits, hyphens and underscores")
    return code


def check_codes(rules: Iterable[Rule], promotions: Collection[Promotion], report: Report) -> None:
    """Note every rule that asks for a code which is no promotion: nobody could ever use it."""
    known = [promotion.code for promotion in promotions]
    for rule in rules:
        for code in sorted(rule.scope.promo_codes.difference(known)):
            file, _, line = rule.place.rpartition(":")
            near = hint(code, known) or "; give it a table [[promotions]]"
            report.add(file, int(line), "when.promo_code", f"no promotion {code!r}{near}")
