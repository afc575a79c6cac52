"""Several processes write to one file: whoever waits is next, however often the others ask."""

import asyncio
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from sqlite3 import Cursor

import pytest

from repaircore.adapters.clock.system import SystemClock
from repaircore.adapters.ids.system import SystemIds
from repaircore.adapters.storage.sqlite import open_sqlite
from repaircore.adapters.storage.sqlite.committer import Committer
from repaircore.adapters.storage.sqlite.connections import connect
from repaircore.adapters.storage.sqlite.turnstile import Turnstile
from repaircore.ports.errors import Unavailable

IN_IT = """
import sys
from repaircore.adapters.storage.sqlite.turnstile import Turnstile
turnstile = Turnstile(sys.argv[1])
print(turnstile.enter(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with a table of names."""
    path = tmp_path / "x.db"
    with connect(path) as connection:
        connection.execute("CREATE TABLE names (name TEXT)")
    connection.close()
    return path


def insert(name: str, cursor: Cursor) -> int:
    return cursor.execute("INSERT INTO names VALUES (?)", (name,)).rowcount


async def somebody_waits(path: Path) -> None:
    """Look until the turnstile is taken."""
    look = Turnstile(str(path))
    while look.enter():
        look.leave()
        await asyncio.sleep(0)
    look.close()


async def test_whoever_waits_is_next(path: Path) -> None:
    """One that has just committed and asks again comes after the one that was waiting."""
    holder = connect(path)
    patient, greedy = (Committer(connect(path), busy_timeout=10) for _ in range(2))
    for turn in range(20):
        holder.execute("BEGIN IMMEDIATE")
        waiting = asyncio.ensure_future(patient.run(partial(insert, f"patient {turn}")))
        await somebody_waits(path)
        holder.execute("COMMIT")
        await asyncio.gather(waiting, greedy.run(partial(insert, f"greedy {turn}")))

    names = [name for (name,) in holder.execute("SELECT name FROM names ORDER BY rowid")]
    assert names == [f"{who} {turn}" for turn in range(20) for who in ("patient", "greedy")]
    holder.close()
    await patient.aclose()
    await greedy.aclose()


def test_one_at_a_time(path: Path) -> None:
    """The second one is let in when the first has left."""
    first, second = Turnstile(str(path)), Turnstile(str(path))

    assert (first.enter(), second.enter()) == (True, False)
    first.leave()
    assert second.enter()
    first.close()
    second.close()


def test_a_process_killed_inside(path: Path) -> None:
    """It holds up nobody."""
    mine = Turnstile(str(path))
    with subprocess.Popen(
        [sys.executable, "-c", IN_IT, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert not mine.enter()
        other.kill()

    assert mine.enter()
    mine.close()


def test_whose_it_is(path: Path) -> None:
    """Whoever makes it, root as well, it belongs to those who may write the database."""
    path.chmod(0o660)
    if os.geteuid() == 0:
        shutil.chown(path, "nobody")

    Turnstile(str(path)).close()

    database, turnstile = path.stat(), path.with_name("x.db-turn").stat()
    assert (turnstile.st_mode, turnstile.st_uid, turnstile.st_gid) == (
        database.st_mode,
        database.st_uid,
        database.st_gid,
    )


def test_one_that_cannot_be_opened(path: Path) -> None:
    """It is told in one line, like a database that cannot be."""
    path.with_name("x.db-turn").mkdir()

    with pytest.raises(Unavailable, match=r"x\.db-turn"):
        open_sqlite(path, clock=SystemClock(), ids=SystemIds(), subscriptions=lambda event: ())


async def test_a_turnstile_that_is_never_left(path: Path) -> None:
    """A process that was stopped in it delays the others, and no more: the file itself decides in the end."""
    stopped = Turnstile(str(path))
    assert stopped.enter()
    committer = Committer(connect(path), busy_timeout=0.05)

    assert await committer.run(partial(insert, "late")) == 1

    await committer.aclose()
    stopped.close()
