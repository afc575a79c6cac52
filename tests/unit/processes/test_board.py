"""What processes tell each other: whole or not at all, whoever is killed while writing."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaircore.entrypoints.http.metrics import Metrics
from repaircore.entrypoints.processes.board import PARENT, Board
from tests.unit.processes import interrupted

SAID = st.lists(st.tuples(st.integers(0, 2), st.binary(max_size=2000)), max_size=20)


@given(said=SAID)
def test_each_place_has_what_was_said_last(said: list[tuple[int, bytes]]) -> None:
    """Places do not disturb one another, and longer texts leave nothing behind in shorter ones."""
    board, last = Board(3), {0: b"", 1: b"", 2: b""}
    for place, told in said:
        board.post(place, told)
        last[place] = told

        assert list(board) == [last[0], last[1], last[2]]


def test_too_much() -> None:
    """It is refused, and what was told before stays."""
    board = Board(1)
    board.post(0, b"before")

    with pytest.raises(ValueError, match="too many"):
        board.post(0, bytes(1 << 20))

    assert board.read(0) == b"before"


def torn(board: str) -> int:
    """Kill writers, and answer how often nothing they wrote could be read."""
    command = (sys.executable, "-m", interrupted.__name__, board)
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_killed_while_writing() -> None:
    """Whoever reads finds one of the texts that were written, however often somebody dies; a careless board is caught."""
    assert torn("Board") == 0
    assert torn("Careless") > 0


def test_one_of_several() -> None:
    """Whoever is scraped tells what all of them counted, each under its number."""
    board = Board(3)
    first, second = Metrics(), Metrics()
    for number, metrics in enumerate((first, second), start=1):
        metrics.share(board, number)
        for _ in range(number):
            metrics.observe("GET", "/v1/quotes", 200, 0.001)
        metrics.tell()

    text = first.render(None).decode()

    assert 'count{method="GET",process="1",route="/v1/quotes",status="200"} 1.0' in text
    assert 'count{method="GET",process="2",route="/v1/quotes",status="200"} 2.0' in text
    assert 'repaircore_process_replaced_total{process="2"} 0.0' in text
    assert text == second.render(None).decode()


def test_who_takes_a_place_goes_on() -> None:
    """Counts never go back: that would read as a burst of requests."""
    board = Board(2)
    before, after = Metrics(), Metrics()
    before.share(board, 1)
    before.observe("GET", "/v1/quotes", 200, 0.5)
    before.tell()

    after.share(board, 1)
    after.observe("GET", "/v1/quotes", 200, 0.5)

    assert 'count{method="GET",process="1",route="/v1/quotes",status="200"} 2.0' in after.render(None).decode()


def test_how_often_somebody_was_replaced() -> None:
    """The parent's place tells it."""
    board = Board(2)
    metrics = Metrics()
    metrics.share(board, 1)
    board.post(PARENT, bytes([0x81, 1, 7]))  # msgpack: {1: 7}

    assert 'repaircore_process_replaced_total{process="1"} 7.0' in metrics.render(None).decode()


def test_alone() -> None:
    """A process alone has no number."""
    metrics = Metrics()
    metrics.observe("GET", "/v1/quotes", 200, 0.001)

    assert "process" not in metrics.render(1.5).decode()
