"""What `backup`, `restore` and `db copy` refuse, and what they show to whoever watches."""

import os
import pty
import sys
from pathlib import Path

import pytest

from repaircore.entrypoints.cli.output import watching
from tests.unit.cli.running import Shell


@pytest.mark.parametrize("words", [("backup", "a.backup"), ("restore", "a.backup")])
def test_a_database_in_memory(
    shell: Shell, place: tuple[str, ...], words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to keep."""
    monkeypatch.setenv("REPAIRCORE_DATABASE_URL", "memory:")

    done = shell(*words, *place)

    assert done.code == 1
    assert "nothing to keep" in done.err


def test_a_backup_that_is_not_there(shell: Shell, place: tuple[str, ...]) -> None:
    """The file is named."""
    done = shell("restore", "nowhere.backup", *place)

    assert done.code == 1
    assert "nowhere.backup" in done.err


def test_onto_itself(shell: Shell) -> None:
    """A database is not copied onto itself."""
    done = shell("db", "copy", "--from", "sqlite:///a.db", "--to", "sqlite:///a.db")

    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "the same database" in done.err


def test_an_unknown_kind(shell: Shell) -> None:
    """Kinds that there are are named, and no password."""
    done = shell("db", "copy", "--from", "mysql://shop:hush@db.example.com/shop", "--to", "sqlite:///a.db")

    assert done.code == 1
    assert "sqlite:///path" in done.err
    assert "hush" not in done.err


def test_the_same_file_by_another_name(shell: Shell, tmp_path: Path, place: tuple[str, ...]) -> None:
    """However it is written."""
    assert shell("migrate", *place).code == 0
    (file,) = tmp_path.rglob("*.db")

    done = shell(
        "db", "copy", "--from", f"sqlite:///{file}", "--to", f"sqlite:///{file.parent / '.' / 'x' / '..'}/{file.name}"
    )

    assert done.code == 1


def test_bars_for_whoever_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal every part is named."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm")

        with watching() as show:
            show.begin("Copying")
            show.tell(1, 2)
            show.begin("Comparing")
            show.tell(2, 2)
        shown = os.read(ours, 100_000).decode()
    os.close(ours)

    assert "Copying" in shown
    assert "Comparing" in shown
