"""The rulebook in files that a shop owner can edit: `rulebook.toml`, and the price sheets it names."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from attrs import frozen

from repaircore.adapters.pricing.components import read_labour, read_labour_costs, read_parts, read_rates
from repaircore.adapters.pricing.policies import TABLES as POLICIES
from repaircore.adapters.pricing.policies import (
    Readers,
    check_codes,
    read_limits,
    read_loyalty,
    read_margins,
    read_promotions,
    read_warranty,
)
from repaircore.adapters.pricing.prices import read_prices
from repaircore.adapters.pricing.rules import read_rule, read_table
from repaircore.adapters.pricing.sheets import read_rules
from repaircore.adapters.pricing.stacking import read_groups, read_market, read_reach
from repaircore.adapters.pricing.vocabulary import NONE, Names, names_of, read_vocabulary
from repaircore.adapters.shopfiles import values
from repaircore.adapters.shopfiles.records import Record, Report, Unreadable
from repaircore.adapters.shopfiles.toml import Document, stream_toml
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.errors import InvalidValue
from repaircore.domain.money import Money
from repaircore.domain.pricing.rules import Rule, Rulebook, TaxRounding
from repaircore.ports.catalog import FileProblems

TOP = (
    "version",
    "currency",
    "timezone",
    "effective_from",
    "effective_until",
    "prices",
    "rule_sheets",
    "labour",
    "parts",
    "supplier_costs",
    "rates",
    "labour_costs",
    "groups",
    "market",
    "tax_rounding",
    "relief_rounding",
    "exclusive_reach",
    "self_declared",
    "validity",
    "vocabulary",
    "rules",
)
_DURATION = re.compile(r"(\d{1,5})\s*([mhd])")
_SECONDS = {"m": 60, "h": 3600, "d": 86400}
_DEFAULT = "default"


@frozen
class RulebookFiles:
    """Reads the rulebook from the business's folder. Every rule remembers the file and line it stands on."""

    root: Path
    name: str = "rulebook.toml"

    def load(self, catalogue: Catalogue) -> Rulebook:
        """Read the rulebook and its price sheets. Raises FileProblems with every fault found; nothing is half-loaded."""
        report = Report()
        document = stream_toml(self.root, self.name, report, ("rules",))
        if document is None:
            raise FileProblems(report.findings)
        rulebook = self._rulebook(document, catalogue, report)
        check_codes(rulebook.rules, rulebook.promotions, report)
        report.refuse()
        return rulebook

    def _rulebook(self, document: Document, catalogue: Catalogue, report: Report) -> Rulebook:
        top = document.top()
        top.allow_only((*TOP, *POLICIES, "tables"))
        currency, zone = top.need("currency", _currency, "XXX"), top.need("timezone", _zone, ZoneInfo("UTC"))
        vocabulary = read_vocabulary(document.table("vocabulary"))
        readers = Readers(_moment(zone), _duration)
        names = names_of(catalogue, currency, vocabulary)
        groups, group_order = read_groups(document.table("groups"))
        market_most, market_least = read_market(document.table("market"))
        return Rulebook(
            version=top.need("version", values.text, ""),
            currency=currency,
            rules=tuple(unique_rules(self._rules(document, names, report), report)),
            effective_from=top.need("effective_from", _moment(zone), datetime.min),
            effective_until=top.read("effective_until", _moment(zone), None),
            validity=_validity(document.table("validity"), names),
            timezone=zone.key,
            vocabulary=vocabulary,
            groups=groups,
            group_order=group_order,
            market_most=market_most,
            market_least=market_least,
            tax_rounding=top.read("tax_rounding", values.member("way to round", TaxRounding), TaxRounding.LINE),
            relief_rounding=top.read("relief_rounding", values.member("way to round", TaxRounding), TaxRounding.LINE),
            self_declared=frozenset(top.read("self_declared", values.several(names.reader("customer_type")), NONE)),
            promotions=tuple(read_promotions(document, readers)),
            overrides=read_limits(document.table("overrides"), readers),
            margins=read_margins(document.table("margins")),
            loyalty=tuple(read_loyalty(document, names)),
            supplier_costs=top.read("supplier_costs", values.flag, False),
            warranty=read_warranty(document.table("warranty"), names),
            exclusive_reach=read_reach(top, groups),
        )

    def _rules(self, document: Document, names: Names, report: Report) -> Iterator[Rule]:
        for sheet in document.top().read("prices", values.several(values.text), NONE):
            yield from read_prices(self.root, sheet, names, report)
        rates = read_rates(document.table("rates"), names.currency)
        costs = read_labour_costs(document.table("labour_costs"), names.currency, rates)
        for sheet in document.top().read("labour", values.several(values.text), NONE):
            yield from read_labour(self.root, sheet, names, rates, costs, report)
        for sheet in document.top().read("parts", values.several(values.text), NONE):
            yield from read_parts(self.root, sheet, names, report)
        for sheet in document.top().read("rule_sheets", values.several(values.text), NONE):
            yield from read_rules(self.root, sheet, names, report)
        for table in document.tables("rules"):
            yield from read_rule(table, names)
        for table in document.tables("tables"):
            yield from read_table(table, names)


def unique_rules(rules: Iterable[Rule], report: Report) -> Iterator[Rule]:
    """Pass on rules with an id not seen before; note the others with both places."""
    seen: dict[str, str] = {}
    for rule in rules:
        if rule.id and rule.id in seen:
            file, _, line = rule.place.rpartition(":")
            report.add(file, int(line), "id", f"{rule.id!r} stands already at {seen[rule.id]}")
            continue
        seen[rule.id] = rule.place
        yield rule


def _validity(table: Record, names: Names) -> dict[str, int]:
    """Read how long a quote is held, by urgency; `default` is for every other."""
    known = (_DEFAULT, *names.words["urgency"])
    table.allow_only(known)
    held = {urgency: table.read(urgency, _duration, 0) for urgency in known if table.has(urgency)}
    return {"" if urgency == _DEFAULT else urgency: seconds for urgency, seconds in held.items()}


def _currency(value: object) -> str:
    try:
        return Money.zero(values.text(value)).currency
    except InvalidValue as wrong:
        raise Unreadable(str(wrong)) from wrong


def _zone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(values.text(value))
    except (KeyError, ValueError, OSError) as wrong:
        raise Unreadable(f"no time zone {value!r}: write it like 'Europe/London'") from wrong


def _moment(zone: ZoneInfo) -> Callable[[object], datetime]:
    """Read a date or a time; without an offset it is meant in the rulebook's zone, a date from its midnight."""

    def read(value: object) -> datetime:
        match value:
            case datetime():
                return value if value.tzinfo else value.replace(tzinfo=zone)
            case date():
                return datetime.combine(value, time(), tzinfo=zone)
            case _:
                raise Unreadable(f"{value!r} is not a date: write it without quotation marks, like 2025-01-01")

    return read


def _duration(value: object) -> int:
    found = _DURATION.fullmatch(str(value))
    if not found or int(found[1]) == 0:
        raise Unreadable(f"{value!r} is not a time span: write it like '30m', '2h' or '1d'")
    return int(found[1]) * _SECONDS[found[2]]
