"""Laws of the toolkit, and broken variants that show that the laws can fail."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repaircore.entrypoints.http import cursors
from repaircore.entrypoints.http.faults import faults
from repaircore.entrypoints.http.refusals import InvalidRequest
from repaircore.entrypoints.http.text import trouble
from tests.http.toolkit.workshop import Box, Screw

LAW = settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))

TEXT = st.text(st.characters(exclude_categories=()), max_size=25) | st.sampled_from(["a\0b", "\ud800", "x" * 30])
WORDS = st.sampled_from(["red", "green", "blue", "2026-05-01T10:00:00Z", "2026-05-01T10:00:00", ""])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 120) | st.floats(allow_nan=False, allow_infinity=False) | TEXT | WORDS,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)
SCREWS = st.fixed_dictionaries(
    {}, optional={"size": st.integers(-1, 102) | VALUES, "label": TEXT, "labl": TEXT}
) | st.builds(lambda size: {"size": size}, st.integers(0, 101))
PARTS = {
    "name": TEXT | VALUES,
    "colour": WORDS | VALUES,
    "screws": st.lists(SCREWS, max_size=3) | VALUES,
    "best_before": WORDS | VALUES,
    "lid": st.none() | SCREWS | VALUES,
    "nmae": TEXT,
}
SOUND = {"name": "M3", "screws": [{"size": 3}]}


def with_part(name: str, value: object) -> dict[str, object]:
    """A sound box with one part replaced."""
    return {**SOUND, name: value}


# Sound but for one part, so that every kind of fault is also met alone.
SPOILED = st.one_of([values.map(partial(with_part, name)) for name, values in PARTS.items()])
BOXES = SPOILED | st.fixed_dictionaries({}, optional=PARTS)

Walk = Callable[[object, Any], tuple[object, ...]]


def decodes(value: object, kind: type[msgspec.Struct]) -> bool:
    """Whether the fast decoder takes the value, and every text in it can be kept."""
    try:
        body = msgspec.json.decode(json.dumps(value).encode(), type=kind)
    except msgspec.DecodeError:
        return False
    return not any(map(trouble, texts(msgspec.to_builtins(body))))


def texts(value: object) -> list[str]:
    """Every text in plain data."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [text for part in parts for text in texts(part)]


def agreement(walk: Walk) -> None:
    """The law: the walk finds a fault exactly where the decoder refuses."""

    @LAW
    @given(st.one_of(BOXES, VALUES))
    def holds(value: object) -> None:
        assert (not walk(value, Box)) == decodes(value, Box)

    @LAW
    @given(SCREWS)
    def holds_for_parts(value: object) -> None:
        assert (not walk(value, Screw)) == decodes(value, Screw)

    holds()
    holds_for_parts()


def test_the_two_passes_agree() -> None:
    """A body is refused by the fast decoder exactly when the walk names a fault."""
    agreement(faults)


@pytest.mark.parametrize(
    "broken",
    [
        lambda value, kind: (),
        lambda value, kind: tuple(fault for fault in faults(value, kind) if fault.code != "unknown_field"),
        lambda value, kind: tuple(fault for fault in faults(value, kind) if fault.code != "invalid_text"),
        lambda value, kind: tuple(fault for fault in faults(value, kind) if "/screws/" not in fault.pointer),
    ],
    ids=["blind", "lets unknown fields in", "lets any text in", "looks at no list"],
)
def test_a_walk_that_misses_something_is_caught(broken: Walk) -> None:
    """The law fails for a walk that overlooks one kind of fault."""
    with pytest.raises(AssertionError):
        agreement(broken)


def returns(write: Callable[[str, str], str], read: Callable[[str, str], str]) -> None:
    """The law: a cursor comes back as it was written, and nothing else does."""

    @LAW
    @given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 400), st.characters(codec="ascii"))
    def holds(place: str, at: int, letter: str) -> None:
        cursor = write("list", place)
        altered = cursor[: at % len(cursor)] + letter + cursor[at % len(cursor) + 1 :]
        assert read("list", cursor) == place
        for foreign, name in ((altered, "list"), (cursor, "other")):
            if (foreign, name) != (cursor, "list"):
                with pytest.raises(InvalidRequest):
                    read(name, foreign)

    holds()


def test_cursors_come_back_unaltered() -> None:
    """Altered ones and those of other lists are refused."""
    returns(cursors.write, cursors.read)


def test_a_cursor_without_a_check_is_caught() -> None:
    """The law fails for cursors that are only encoded."""
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        returns(lambda _, place: "c" + place, lambda _, cursor: cursor[1:])


@LAW
@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)), st.integers(-14, 14))
def test_places_in_time_come_back_to_the_microsecond(naive: datetime, hours: int) -> None:
    """Whatever offset they were written with."""
    at = naive.replace(tzinfo=UTC).astimezone() + timedelta(hours=hours)

    position = cursors.position("list", cursors.of_position("list", at, "bk_1"))

    assert position is not None
    assert (position.at, position.id) == (at, "bk_1")
