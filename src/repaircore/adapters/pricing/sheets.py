"""Rules in a sheet, both ways: a row for each rule, with a column for each thing that it may say and each condition."""

import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from attrs import evolve

from repaircore.adapters.pricing.rules import ACTIONS, SHARED, rules_of, value_of
from repaircore.adapters.pricing.scopes import FIELDS
from repaircore.adapters.pricing.vocabulary import Names
from repaircore.adapters.pricing.writing import conditions, said, written_value
from repaircore.adapters.shopfiles import values
from repaircore.adapters.shopfiles.records import Record, Report, Unreadable
from repaircore.adapters.shopfiles.streaming import Stream, Tick, stream_file, unwatched
from repaircore.adapters.shopfiles.writing import Value
from repaircore.domain.pricing.rules import Action, Rule

REQUIRED = ("id", "stage", "action", "value")
OPTIONAL = (*FIELDS, *(name for name in SHARED if name not in (*REQUIRED, *ACTIONS, "when")))
_DAYS = ("date_from", "date_until", "as_of", "valid_from", "valid_until")
_BOUND = re.compile(r"\s*([^<>=;]*[^<>=;\s])\s*(>=|<)\s*([^<>=;]+)")
_BOUNDS = {">=": "at_least", "<": "below"}


def read_rules(root: Path, name: str, names: Names, report: Report, tick: Tick = unwatched) -> Iterator[Rule]:
    """Read a sheet of rules, row after row."""
    stream = Stream.of(stream_file(root / name, report, tick, shown=name), name, report)
    for row in stream.records(required=REQUIRED, optional=OPTIONAL):
        yield from read_row(row, names)


def read_row(row: Record, names: Names) -> Iterator[Rule]:
    """Read the rule in one row: the cells say what the fields of a `[[rules]]` table do, several words with semicolons between."""
    action = row.need("action", values.one_of("action", ACTIONS), "")
    if action in ACTIONS:
        value = row.need("value", value_of(Action(action), names.currency), Fraction(0))
        row = _typed(row)
        yield from rules_of(row, Action(action), value, _among(row, FIELDS), names)


def row_of(rule: Rule, currency: str) -> dict[str, Value]:
    """Answer a rule as a row; every row has every column."""
    cells: dict[str, Value] = {"id": rule.id, "stage": rule.stage.value, "action": rule.action.value}
    cells["value"] = written_value(rule, currency)
    when = dict(conditions(rule.scope, currency))
    when["market"] = "; ".join(_bounds(rule))
    return {**cells, **{field: when.get(field) for field in FIELDS}, **said(rule, currency)}


def fits(rule: Rule) -> bool:
    """Whether a sheet can hold the rule: a word in a list is not empty and has no semicolon, a figure's name no sign."""
    lists = (value for value in conditions(rule.scope, "XXX").values() if isinstance(value, list))
    plain = all(_BOUND.fullmatch(f"{bound.figure}>=0") for bound in rule.scope.market)
    return plain and all(word and ";" not in word for words in lists for word in words)


def _bounds(rule: Rule) -> Iterator[str]:
    for bound in rule.scope.market:
        yield from (f"{bound.figure} >= {bound.at_least}" for _ in range(bound.at_least is not None))
        yield from (f"{bound.figure} < {bound.below}" for _ in range(bound.below is not None))


def _typed(row: Record) -> Record:
    """Answer the row with days and bounds of the market as a TOML file would have them."""
    typed: dict[str, Any] = dict(row.values)
    for field, parse in {**dict.fromkeys(_DAYS, _day), "market": _market}.items():
        if row.has(field):
            typed[field] = row.read(field, parse, None)
    return evolve(row, values=typed)


def _among(row: Record, fields: tuple[str, ...]) -> Record:
    return evolve(row, values={field: row.values[field] for field in fields if row.has(field)})


def _day(value: object) -> object:
    try:
        return date.fromisoformat(str(value))
    except ValueError as wrong:
        raise Unreadable(f"{value!r} is not a day: write it like 2026-05-01") from wrong


def _market(value: object) -> object:
    figures: dict[str, dict[str, str]] = {}
    for part in filter(None, (part.strip() for part in str(value).split(";"))):
        found = _BOUND.fullmatch(part)
        if found is None:
            raise Unreadable(f"{part!r} is not a bound: write it like queue_length >= 11; demand < 40")
        figures.setdefault(found[1], {})[_BOUNDS[found[2]]] = found[3].strip()
    return figures
