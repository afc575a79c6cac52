"""Whole databases, drawn: every table, any values that its constraints allow, a ledger that balances, streams without holes."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st
from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Integer, LargeBinary, Table

from repaircore.adapters.storage.columns import Instant, Json
from repaircore.adapters.storage.encoding import instant
from repaircore.adapters.storage.keeping.snapshot import Row
from repaircore.adapters.storage.keeping.sqlite_sides import sqlite_target
from repaircore.adapters.storage.keeping.tables import TABLES
from repaircore.adapters.storage.migrations import migrate
from repaircore.testing.storage.values import AWKWARD
from tests.public_strings import LIST, public_strings

Rows = Mapping[str, list[Row]]

LARGEST: Final = 2**63 - 1
_NAUGHTY: Final = [text.replace("\0", "") for text in (*AWKWARD, *(public_strings() if LIST.exists() else ()))]
_UNIQUE: Final = {
    "id",
    "code",
    "reference",
    "hash",
    "key",
    "unique_key",
    "version",
    "event_id",
    "key_hash",
    "booking_id",
}
_WORDS: Final = re.compile(r"^(\w+) IN \((.*)\)$")

TEXTS: Final = st.sampled_from(_NAUGHTY) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
AMOUNTS: Final = st.integers(0, LARGEST) | st.just(LARGEST)
MOMENTS: Final = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)).map(instant)
NESTED: Final = st.sampled_from(["{}", "null", '{"b": 1, "a":  [1.0, 1e5]}', '"\\u0000 \\ud800"', '{"a": 1, "a": 2}'])


@st.composite
def shops(draw: st.DrawFn) -> Rows:
    """Up to three rows in each table."""
    rows = {table.name: [_row(draw, table, n) for n in range(draw(st.integers(0, 3)))] for table in TABLES}
    amounts = draw(st.lists(AMOUNTS, min_size=len(rows["ledger_entries"]), max_size=len(rows["ledger_entries"])))
    rows["ledger_postings"] = [
        (entry[1], side, account, "JPY", amount * sign)
        for entry, amount in zip(rows["ledger_entries"], amounts, strict=True)
        for side, account, sign in ((1, f"receivable/{entry[3]}", 1), (2, "sales", -1))
    ]
    return rows


def stored(path: Path, rows: Rows) -> Path:
    """Store them in a new file of SQLite."""
    migrate(path)
    with sqlite_target(path) as (target, _):
        for table in TABLES:
            target.fill(table, list(rows[table.name]))
    return path


def changed(rows: Rows, table: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Rows:
    """The same, with each row of one table changed."""
    columns = [column.name for column in next(each for each in TABLES if each.name == table).columns]
    new = [tuple(change(dict(zip(columns, row, strict=True))).values()) for row in rows[table]]
    return {**rows, table: new}


def _row(draw: st.DrawFn, table: Table, number: int) -> Row:
    row = {column.name: draw(_values(table, column, number)) for column in table.columns}
    if table.name == "events":
        row |= {"aggregate_id": "bk_1", "sequence": number + 1}
    if table.name == "jobs":
        row["due_at"] = row["run_at"] if row["state"] == "queued" else None  # without it, an engine was handed the job
    return tuple(row.values())


def _values(table: Table, column: Column[Any], number: int) -> st.SearchStrategy[Any]:
    kind, words = column.type, _words(table).get(column.name)
    if words:
        values: st.SearchStrategy[Any] = st.sampled_from(words)
    elif column.name == "position" or (column.primary_key and isinstance(kind, Integer)):
        values = st.just(number + 1) if number < 2 else st.integers(3, LARGEST - 1)
    elif isinstance(kind, Boolean):
        values = st.integers(0, 1)
    elif isinstance(kind, BigInteger):
        values = AMOUNTS
    elif isinstance(kind, Integer):
        values = st.integers(-(2**31), 2**31 - 1)
    elif isinstance(kind, LargeBinary):
        values = st.binary()
    elif isinstance(kind, Instant):
        values = MOMENTS
    elif kind is Json:
        values = NESTED
    elif column.name in _UNIQUE:
        values = TEXTS.map(lambda text: f"{number}{text}")
    else:
        values = TEXTS
    return values | st.none() if column.nullable else values


def _is_text(column: Column[Any]) -> bool:
    return column.type.python_type is str


def _words(table: Table) -> dict[str, list[str]]:
    found = {}
    for constraint in table.constraints:
        match = _WORDS.match(str(constraint.sqltext)) if isinstance(constraint, CheckConstraint) else None
        if match:
            found[match[1]] = re.findall(r"'(\w+)'", match[2])
    return found
