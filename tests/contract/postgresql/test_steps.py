"""Writes are put together without anybody being able to tell: a law, and a careless variant that breaks it."""

from collections.abc import Sequence
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from repaircore.adapters.storage.postgresql import steps
from repaircore.adapters.storage.postgresql.sql import CELLS, SQL
from repaircore.adapters.storage.postgresql.steps import KINDS, plan
from repaircore.adapters.storage.relational.gathering import Write

Units = Sequence[Sequence[Write]]


def write(statement: str, row: int) -> Write:
    """A write of that kind to one of a few rows."""
    kind, cells = KINDS[statement], [""] * len(CELLS[statement].split())
    if kind.key is not None:
        cells[kind.key] = f"row {row}"
    return Write(statement, tuple(cells), guarded=kind.guarded)


WRITES = st.builds(
    write,
    st.sampled_from(
        [
            "quote_add",
            "quote_save",
            "booking_add",
            "booking_save",
            "payment_add",
            "payment_save",
            "replay_add",
            "event_add",
        ]
    ),
    st.integers(1, 3),
)
UNITS = st.lists(st.lists(WRITES, max_size=6), max_size=4)


def key_of(write: Write) -> Any:
    """Answer the row that a write is about."""
    key = KINDS[write.statement].key
    return None if key is None else write.cells[key]


def places(units: Units) -> list[tuple[int, int]]:
    """Answer for each write, in the order given, which statement does it and as which of its rows."""
    marked = [[each._replace(cells=_Marked(each.cells)) for each in unit] for unit in units]
    found = {id(row): (place, number) for place, step in enumerate(plan(marked).steps) for number, row in _rows(step)}
    return [found[id(each.cells)] for unit in marked for each in unit]


class _Marked(tuple[Any, ...]):
    """Cells that can be told from equal ones."""


def _rows(step: steps.Step) -> list[tuple[int, Any]]:
    return [(number, row["cells"]) for number, row in enumerate(step.rows)]


@pytest.fixture(autouse=True)
def rows_that_are_their_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "row_of", lambda write: {"cells": write.cells})


def keeps_order(units: Units) -> bool:
    """Whether whatever could be told apart is done in the order given: on one table, the same row or a kind that is not free."""
    given = [each for unit in units for each in unit]
    done = places(units)
    for later in range(len(given)):
        for earlier in range(later):
            one, other = KINDS[given[earlier].statement], KINDS[given[later].statement]
            if one.table != other.table:
                continue
            same = key_of(given[earlier]) == key_of(given[later])
            if (same or not (one.free and other.free)) and not done[earlier] < done[later]:
                return False
    return True


@given(UNITS)
def test_order_is_kept_where_it_matters(units: Units) -> None:
    """Two writes to one row, and all writes to a table whose rows constrain each other, are done in the order given."""
    assert keeps_order(units)


@given(UNITS)
def test_a_row_is_saved_once_in_a_statement(units: Units) -> None:
    """A statement that saved a row twice would count one of the two as lost."""
    marked = [each for unit in units for each in unit]
    done = places(units)
    saved = [(place, key_of(each)) for (place, _), each in zip(done, marked, strict=True) if each.guarded]

    assert len(saved) == len(set(saved))


def test_a_careless_plan_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Payments written in any order would open a second one before the first is closed."""
    for name in ("payment_add", "payment_save"):
        monkeypatch.setitem(steps.KINDS, name, evolve(KINDS[name], free=True))
    units = [[write("payment_save", 1), write("payment_add", 2), write("payment_save", 3)]]

    assert places(units) != sorted(places(units))


def test_units_of_one_kind_share_their_statements() -> None:
    """However many units are sent together, there is one statement for each kind of write."""
    unit = [write("quote_save", 1), write("booking_add", 1), write("event_add", 1), write("replay_add", 1)]
    units = [
        [each if each.statement != "quote_save" else write("quote_save", row) for each in unit] for row in range(30)
    ]

    assert [step.kind.statement for step in plan(units).steps] == [
        "quote_save",
        "booking_add",
        "replay_add",
        "event_add",
    ]


@pytest.mark.parametrize("statement", CELLS)
def test_every_gathered_write_is_known(statement: str) -> None:
    """Whatever a repository gathers has its place, and its statement takes no column that is not among the cells."""
    taken = SQL[KINDS[statement].statement].partition("AS r(")[2].partition(")")[0]
    columns = {part.split()[0] for part in taken.split(", ") if part}

    assert columns - {"n"} <= set(CELLS[statement].split())
