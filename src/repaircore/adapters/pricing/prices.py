"""Price sheets. A long sheet has a row per price; a wide one has a row per device and a column per service, blank where the
service is not offered. Every price becomes a base rule."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

from repaircore.adapters.pricing.scopes import slug
from repaircore.adapters.pricing.vocabulary import Names
from repaircore.adapters.shopfiles import values
from repaircore.adapters.shopfiles.records import Record, Report
from repaircore.adapters.shopfiles.sheets import Sheet, check_columns, read_sheet
from repaircore.domain.pricing.rules import Action, Rule, Scope, Stage

LONG = ("service", "price")
LONG_EXTRA = ("device", "brand", "category", "year_from", "year_until", "source")
REASON = "Price list"


def read_prices(root: Path, name: str, names: Names, report: Report) -> Iterator[Rule]:
    """Read one price sheet of either shape; a sheet with a `price` column is long."""
    sheet = read_sheet(root, name, report)
    if not sheet.header:
        return
    read = _long if "price" in sheet.header else _wide
    yield from read(sheet, names, report)


def _long(sheet: Sheet, names: Names, report: Report) -> Iterator[Rule]:
    for record in check_columns(sheet, report, required=LONG, optional=LONG_EXTRA).records:
        yield long_price(record, names)


def long_price(record: Record, names: Names) -> Rule:
    """Read the price in one row of a long sheet."""
    scope = Scope(
        models=_only(record.read("device", names.reader("device"), "")),
        brand=record.read("brand", names.reader("brand"), ""),
        category=record.read("category", names.reader("category"), ""),
        year_from=record.read("year_from", values.year, None),
        year_until=record.read("year_until", values.year, None),
        services=_only(record.need("service", names.reader("service"), "")),
    )
    price = record.need("price", values.money(names.currency), 0)
    return _base(_id(record), price, scope, record, source=record.read("source", values.text, ""))


def _wide(sheet: Sheet, names: Names, report: Report) -> Iterator[Rule]:
    checked = check_columns(sheet, report, required=("device",), optional=tuple(names.services))
    columns = [column for column in checked.header if column in names.services]
    for record in _once(checked.records):
        yield from wide_prices(record, columns, names)


def wide_prices(record: Record, columns: Iterable[str], names: Names) -> Iterator[Rule]:
    """Read the prices in one row of a wide sheet, one for each of these columns that is not blank."""
    device = record.need("device", names.reader("device"), "")
    for service in columns:
        if record.has(service):
            price = record.read(service, values.money(names.currency), 0)
            scope = Scope(models=_only(device), services=_only(service))
            yield _base(f"price/{device}/{service}", price, scope, record)


def _once(records: Iterable[Record]) -> Iterator[Record]:
    """Pass on rows whose device was not seen before; note the others."""
    seen: dict[object, int] = {}
    for record in records:
        device = record.values.get("device")
        if device in seen:
            record.fault("device", f"{device!r} stands already on line {seen[device]}")
            continue
        seen[device] = record.line
        yield record


def _base(id: str, price: int, scope: Scope, record: Record, source: str = "") -> Rule:
    return Rule(
        id=id,
        stage=Stage.BASE,
        action=Action.SET,
        value=Fraction(price),
        scope=scope,
        reason=REASON,
        source=source,
        place=record.place,
    )


def _id(record: Record) -> str:
    """Name the price by what it is for: `price/iphone/screen-replacement`, `price/screen-repair`."""
    given = (
        str(record.values.get(field) or "") for field in ("device", "brand", "category", "year_from", "year_until")
    )
    return "/".join(("price", *(slug(part) for part in given if part), str(record.values.get("service", ""))))


def is_listed(rule: Rule) -> bool:
    """Whether a price list says all of the rule: it is then written there and read again as the same rule."""
    scope = rule.scope
    given = (*scope.models, scope.brand, scope.category, scope.year_from, scope.year_until)
    id = "/".join(("price", *(slug(str(part)) for part in given if part), *scope.services))
    plain = Rule(
        id=id,
        stage=Stage.BASE,
        action=Action.SET,
        value=rule.value,
        scope=scope,
        reason=REASON,
        source=rule.source,
        place=rule.place,
    )
    return is_price(rule) and rule == plain


def is_price(rule: Rule) -> bool:
    """Whether it is a base price of a price list's kind: for one service, and at most one device, by brand, category or year."""
    scope = rule.scope
    plain = Scope(
        models=scope.models,
        services=scope.services,
        brand=scope.brand,
        category=scope.category,
        year_from=scope.year_from,
        year_until=scope.year_until,
    )
    return rule.stage is Stage.BASE and scope == plain and len(scope.services) == 1 and len(scope.models) <= 1


def _only(name: str) -> frozenset[str]:
    return frozenset((name,)) if name else frozenset()
