"""The tables that are copied, and their rows in one form that is the same on every database.

That form is SQLite's: moments as text of 32 characters in UTC, truths as 0 and 1, nested values as the text they were written as.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import islice
from typing import Final

from msgspec.json import Encoder
from sqlalchemy import Boolean, Column, Table
from sqlalchemy.sql.sqltypes import TypeEngine

from repaircore.adapters.storage.columns import Instant, Json
from repaircore.adapters.storage.keeping.snapshot import Row
from repaircore.adapters.storage.tables import metadata

TABLES: Final = tuple(metadata.sorted_tables)
"""Every table, those first to which others refer."""

AT_A_TIME: Final = 1000
"""Rows in hand at most."""

_MOMENT: Final = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"""
_encoder: Final = Encoder()


def names(table: Table) -> str:
    """List a table's columns."""
    return ", ".join(_quoted(column.name) for column in table.columns)


def key(table: Table) -> str:
    """List the columns of a table's key."""
    return ", ".join(_quoted(column.name) for column in table.primary_key)


def from_sqlite(table: Table) -> str:
    """Read a table in the order of its key."""
    return f"SELECT {names(table)} FROM {_quoted(table.name)} ORDER BY {key(table)}"


def from_postgresql(table: Table) -> str:
    """Read a table in the order of its key, in SQLite's form."""
    columns = ", ".join(_in_one_form(column) for column in table.columns)
    order = ", ".join(f"t.{_quoted(column.name)}" for column in table.primary_key)
    return f"SELECT {columns} FROM {_quoted(table.name)} AS t ORDER BY {order}"


def counted(table: Table) -> str | None:
    """Name the column that the database counts up; None where there is none."""
    column = table.autoincrement_column
    return None if column is None else column.name


def digest(rows: Iterable[Row]) -> str:
    """Answer the sha256 of rows, one JSON array a line."""
    found = sha256()
    for chunk in chunks(rows):
        found.update(encoded(chunk))
    return found.hexdigest()


def encoded(chunk: list[Row]) -> bytes:
    """Write rows in the form that is hashed."""
    return _encoder.encode_lines(chunk)


def chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Hand rows on, some at a time."""
    remaining = iter(rows)
    while chunk := list(islice(remaining, AT_A_TIME)):
        yield chunk


def _in_one_form(column: Column[object]) -> str:
    name, kind = f"t.{_quoted(column.name)}", column.type
    if isinstance(kind, Instant):
        return _MOMENT.format(name)
    if isinstance(kind, Boolean):
        return f"{name}::int"
    return f"{name}::text" if _is_json(kind) else name


def _is_json(kind: TypeEngine[object]) -> bool:
    return kind is Json


def _quoted(name: str) -> str:
    return f'"{name}"'
