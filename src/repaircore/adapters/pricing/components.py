"""Sheets of labour and parts. `labour.csv` says who works how long, `[rates]` what an hour of them is charged at and
`[labour_costs]` what it costs the shop; `parts.csv` says what parts cost. Each row becomes a rule; mark-ups, overtime and grades
are rules of the rulebook."""

from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from math import ceil
from pathlib import Path

from attrs import evolve

from repaircore.adapters.pricing.scopes import slug
from repaircore.adapters.pricing.vocabulary import Names
from repaircore.adapters.shopfiles import values
from repaircore.adapters.shopfiles.records import Record, Report, Unreadable
from repaircore.adapters.shopfiles.sheets import check_columns, read_sheet
from repaircore.domain.pricing.exact import exact_text
from repaircore.domain.pricing.rules import Action, Rule, Scope, Stage

DEVICES = ("device", "brand", "category")
LABOUR = ("service", "skill", "hours")
PARTS = ("service", "cost")
PARTS_EXTRA = ("grade", "source")


def read_rates(table: Record, currency: str) -> dict[str, int]:
    """Read `[rates]`: what an hour of each skill is charged at, in minor units."""
    return {skill: table.read(skill, values.money(currency), 0) for skill in table.values}


def read_labour_costs(table: Record, currency: str, rates: Collection[str]) -> dict[str, int]:
    """Read `[labour_costs]`: what an hour of each skill in `[rates]` costs the shop. A skill that is not named costs nobody knows what."""
    table.allow_only(rates)
    return {skill: table.read(skill, values.money(currency), 0) for skill in rates if table.has(skill)}


def read_labour(
    root: Path, name: str, names: Names, rates: Mapping[str, int], costs: Mapping[str, int], report: Report
) -> Iterator[Rule]:
    """Read one sheet of labour: hours of a skill for each service, for all devices or some."""
    sheet = check_columns(read_sheet(root, name, report), report, required=LABOUR, optional=(*DEVICES, "source"))
    for record in sheet.records:
        skill = record.need("skill", values.one_of("skill", tuple(rates)), "")
        hours = record.need("hours", _hours, Fraction(0))
        price = hours * rates.get(skill, 0)
        if price.denominator != 1:
            record.fault("hours", f"{exact_text(hours)} hours at that rate are no whole minor units")
        rule = _rule(Stage.LABOUR, price, record, names, f"{exact_text(hours)} h of {skill} work")
        yield evolve(rule, cost=ceil(hours * costs[skill])) if skill in costs else rule


def read_parts(root: Path, name: str, names: Names, report: Report) -> Iterator[Rule]:
    """Read one sheet of parts: what they cost the shop for a service, by device and grade where it matters."""
    sheet = check_columns(read_sheet(root, name, report), report, required=PARTS, optional=(*DEVICES, *PARTS_EXTRA))
    for record in sheet.records:
        grade = record.read("grade", names.reader("grade"), "")
        cost = record.need("cost", values.money(names.currency), 0)
        yield _rule(Stage.PARTS, Fraction(cost), record, names, f"Parts, {grade}" if grade else "Parts", grade)


def _rule(stage: Stage, price: Fraction, record: Record, names: Names, reason: str, grade: str = "") -> Rule:
    device = record.read("device", names.reader("device"), "")
    service = record.need("service", names.reader("service"), "")
    given = (str(record.values.get(field) or "") for field in (*DEVICES, "grade"))
    return Rule(
        id="/".join((stage.value, *(slug(part) for part in given if part), service)),
        stage=stage,
        action=Action.SET,
        value=price,
        scope=Scope(
            models=_only(device),
            brand=record.read("brand", names.reader("brand"), ""),
            category=record.read("category", names.reader("category"), ""),
            services=_only(service),
            grades=_only(grade),
        ),
        reason=reason,
        source=record.read("source", values.text, ""),
        place=record.place,
    )


def _hours(value: object) -> Fraction:
    hours = values.factor(value)
    if hours == 0:
        raise Unreadable("must be more than 0 hours")
    return hours


def _only(name: str) -> frozenset[str]:
    return frozenset((name,)) if name else frozenset()
