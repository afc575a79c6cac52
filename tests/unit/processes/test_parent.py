"""A parent of processes: it starts the first one first, replaces who ends, passes on that it is told to stop, and leaves nobody."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.unit.processes import crew

PATIENCE = 30.0


class Crew:
    """A parent that runs."""

    def __init__(self, program: "subprocess.Popen[str]") -> None:
        self.program = program

    def line(self, event: str) -> dict[str, Any]:
        """Read its log up to that event."""
        assert self.program.stderr is not None
        for line in self.program.stderr:
            told: dict[str, Any] = json.loads(line)
            if told["event"] == event:
                return told
        raise AssertionError(f"it never told of {event!r}")

    def rest(self) -> str:
        """Read what is left of its log once every process that could write to it is gone."""
        assert self.program.stderr is not None
        return self.program.stderr.read()

    def ended(self) -> int:
        """Answer its exit code."""
        return self.program.wait(PATIENCE)


@contextmanager
def running(behaviour: str, folder: Path) -> Iterator[Crew]:
    command = (sys.executable, "-m", crew.__name__, behaviour, str(folder))
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as program:
        try:
            yield Crew(program)
        finally:
            program.kill()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop(tmp_path: Path, how: signal.Signals) -> None:
    """Everybody is told, and when all have gone well the exit code says so."""
    with running("steady", tmp_path) as parent:
        parent.line("all open")

        parent.program.send_signal(how)

        assert parent.ended() == 0
    assert left(tmp_path) == ["left 1", "left 2"]


def test_one_does_not_end_well(tmp_path: Path) -> None:
    """The exit code says so."""
    with running("careless", tmp_path) as parent:
        parent.line("all open")

        parent.program.terminate()

        assert parent.ended() == 1


def test_the_first_cannot_open(tmp_path: Path) -> None:
    """Then nobody can: no other is started, and its exit code is the parent's."""
    with running("refuses", tmp_path) as parent:
        assert parent.ended() == 1

    assert left(tmp_path) == ["began 1"]


def test_one_that_ends_again_and_again(tmp_path: Path) -> None:
    """It is replaced, at once and then later and later; who comes later opens no door before it can serve."""
    with running("fails_twice", tmp_path) as parent:
        first, second = (parent.line("process ended: another takes its place") for _ in range(2))

        assert parent.ended() == 0
    assert [(told["process"], told["exit_code"], told["seconds"]) for told in (first, second)] == [
        (2, 3, 0.0),
        (2, 3, 1.0),
    ]
    assert (tmp_path / "lives").read_text().splitlines() == ["with a door", *2 * ["behind closed doors"]]


def test_one_that_does_not_stop(tmp_path: Path) -> None:
    """It is killed when its time is over, and the exit code says that something was not finished."""
    with running("stubborn", tmp_path) as parent:
        parent.line("all open")

        parent.program.terminate()

        assert parent.line("process killed: it did not stop in time")["process"] in (1, 2)
        assert parent.ended() == 1


def test_the_parent_is_killed(tmp_path: Path) -> None:
    """Nobody stays behind: each learns that the parent is gone."""
    with running("loyal", tmp_path) as parent:
        parent.line("all open")

        parent.program.kill()

        parent.rest()
    assert left(tmp_path) == ["left 1", "left 2"]


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
