"""Identifiers sort by time, never repeat, and cannot be guessed, except where a test wants to."""

import re

import pytest

from repaircore.adapters.ids.memory import PredictableIds
from repaircore.adapters.ids.system import SystemIds
from repaircore.ports.ids import Ids


@pytest.mark.parametrize("ids", [SystemIds(), PredictableIds()], ids=["system", "memory"])
def test_every_id_is_new_and_later(ids: Ids) -> None:
    """Ten thousand ids made in a row, many of them in one millisecond, are in order and all different."""
    made = [ids.new("bk") for _ in range(10_000)]

    assert made == sorted(made)
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("ids", [SystemIds(), PredictableIds()], ids=["system", "memory"])
def test_numbers_keep_to_their_bits(ids: Ids) -> None:
    """A number is below its bound, and the bits are all used."""
    drawn = [ids.number(40) for _ in range(500)]

    assert all(0 <= number < 1 << 40 for number in drawn)
    assert max(drawn) >= 1 << 38
    assert len(set(drawn)) == len(drawn)
    assert ids.number(0) == 0


def test_an_id_is_written_in_crockfords_alphabet() -> None:
    """A prefix and 26 characters without look-alikes."""
    assert re.fullmatch(r"qt_[0-9a-hjkmnp-tv-z]{26}", SystemIds().new("qt"))


def test_an_id_tells_its_millisecond() -> None:
    """Two programs' ids sort by the time at which they were made; a clock that is set back does not put the next one before."""
    now = [1_700_000_000_000 * 10**6]
    first, second = SystemIds(lambda: now[0]), SystemIds(lambda: now[0] + 10**6)

    assert first.new("bk") < second.new("bk")

    before = first.new("bk")
    now[0] -= 3600 * 10**9
    assert first.new("bk") > before


def test_secrets() -> None:
    """At least 256 bits, safe in an address, never the same."""
    drawn = {SystemIds().secret() for _ in range(100)}

    assert len(drawn) == 100
    assert all(re.fullmatch(r"[\w-]{43,}", secret) for secret in drawn)


def test_predictable_ids_repeat_in_the_next_run() -> None:
    """That is what they are for."""
    first, second = PredictableIds(), PredictableIds()

    assert [first.new("bk"), first.secret(), str(first.number(8))] == [
        second.new("bk"),
        second.secret(),
        str(second.number(8)),
    ]
