"""What only a file can suffer: a killed program, a full disk, another program."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from repaircore.adapters.storage.migrations import migrate
from repaircore.adapters.storage.sqlite.committer import Committer
from repaircore.adapters.storage.sqlite.connections import LONGEST_LOG, connect
from repaircore.domain.booking.lifecycle import Status
from repaircore.ports.errors import Rejected, Unavailable
from repaircore.testing.storage.harness import committed, store
from repaircore.testing.storage.transactions import gather_all, stored
from repaircore.testing.storage.values import a_booking
from tests.contract.storage import survivor
from tests.contract.storage.harnesses import SqliteHarness, sqlite_harness

ACKNOWLEDGED = 200
PAGES, PAGE = 200, 4096  # of one write, and bytes of one


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[SqliteHarness]:
    async with sqlite_harness(tmp_path) as harness:
        yield harness


async def test_a_killed_program_loses_nothing_it_acknowledged(harness: SqliteHarness) -> None:
    """Killed without warning, mid-commit: everything it said was stored is stored, and nothing is there by half."""
    acknowledged = await asyncio.to_thread(run_until_killed, harness.path)

    assert len(acknowledged) >= ACKNOWLEDGED
    for number in range(1, max(acknowledged) + survivor.WRITERS + 1):
        parts = await stored(harness, number)
        assert all(parts) or (not any(parts) and number not in acknowledged)


def run_until_killed(path: Path) -> list[int]:
    """Let the program acknowledge that many, kill it, and answer all that it acknowledged."""
    program = subprocess.Popen([sys.executable, "-m", survivor.__name__, str(path)], stdout=subprocess.PIPE, text=True)
    with program:
        assert program.stdout is not None
        acknowledged = [int(line) for line in islice(program.stdout, ACKNOWLEDGED)]
        program.send_signal(signal.SIGKILL)
        return acknowledged + [int(line) for line in program.stdout if line.endswith("\n")]


async def test_a_full_disk(harness: SqliteHarness) -> None:
    """Whoever does not fit is told Unavailable, nothing of it is stored; with room again the same storage goes on."""
    await store(harness, a_booking(1))
    writer = harness.storage._committer._connection
    (pages,) = writer.execute("PRAGMA page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count={pages}")

    outcomes = await asyncio.gather(*(attempt(harness, number) for number in range(2, 60)))
    assert Unavailable in outcomes
    writer.execute("PRAGMA max_page_count=1000000")

    for number, outcome in enumerate(outcomes, start=2):
        assert (await stored(harness, number)).count(outcome is None) == 6
    await store(harness, a_booking(100))
    assert (await harness.storage.unit_of_work().bookings.get(a_booking(100).id)) == a_booking(100)


async def attempt(harness: SqliteHarness, number: int) -> type[BaseException] | None:
    """Store one of everything; answer what went wrong."""
    try:
        async with committed(harness) as work:
            gather_all(work, number)
    except Unavailable as error:
        return type(error)
    return None


class _Disk(sqlite3.Connection):
    """A database whose COMMIT can fail."""

    broken = False

    def cursor(self, *arguments: Any, **options: Any) -> Any:
        return super().cursor(_Cursor)


class _Cursor(sqlite3.Cursor):
    def execute(self, sql: str, *parameters: Any) -> Any:
        if sql == "COMMIT" and _Disk.broken:
            raise sqlite3.OperationalError("disk I/O error")
        return super().execute(sql, *parameters)


async def test_a_commit_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every unit of the batch is told Unavailable, none of it is stored, and the next batch goes through."""
    connection = sqlite3.connect(tmp_path / "x.db", isolation_level=None, check_same_thread=False, factory=_Disk)
    connection.execute("CREATE TABLE numbers (number INTEGER)")
    committer = Committer(connection, busy_timeout=1)

    def insert(number: int) -> Any:
        return committer.run(lambda cursor: cursor.execute("INSERT INTO numbers VALUES (?)", (number,)).rowcount)

    monkeypatch.setattr(_Disk, "broken", True)
    refused = await asyncio.gather(*(insert(number) for number in range(5)), return_exceptions=True)
    monkeypatch.setattr(_Disk, "broken", False)
    await insert(7)

    assert [type(error) for error in refused] == [Unavailable] * 5
    assert connection.execute("SELECT number FROM numbers").fetchall() == [(7,)]
    await committer.aclose()


async def test_a_long_log(tmp_path: Path) -> None:
    """What was written is carried over into the file before the log is much longer than it may be, and then the log begins anew."""
    committer = Committer(connect(tmp_path / "x.db"), busy_timeout=1)
    await committer.run(lambda cursor: cursor.execute("CREATE TABLE pages (content BLOB)").rowcount)

    for _ in range(3 * LONGEST_LOG // PAGES):
        await committer.run(
            lambda cursor: cursor.execute("INSERT INTO pages VALUES (zeroblob(?))", (PAGES * PAGE,)).rowcount
        )

    assert (tmp_path / "x.db-wal").stat().st_size < (LONGEST_LOG + 2 * PAGES) * PAGE * 1.01
    assert (tmp_path / "x.db").stat().st_size > 2 * LONGEST_LOG * PAGE
    await committer.aclose()


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    """It holds customers' data: whoever should read it besides is let in by its owner, and stays so."""
    database = tmp_path / "x.db"

    migrate(database)
    made = database.stat().st_mode & 0o777
    database.chmod(0o640)
    migrate(database)

    assert (made, database.stat().st_mode & 0o777) == (0o600, 0o640)


async def test_a_transaction_that_is_lost(tmp_path: Path) -> None:
    """When SQLite itself gives up in the middle, as on a full disk, nothing of the batch is stored, before or after."""
    connection = connect(tmp_path / "x.db")
    connection.execute("CREATE TABLE numbers (number INTEGER)")
    committer = Committer(connection, busy_timeout=1)

    def insert(number: int) -> Any:
        return committer.run(lambda cursor: cursor.execute("INSERT INTO numbers VALUES (?)", (number,)).rowcount)

    def lose(cursor: sqlite3.Cursor) -> None:
        cursor.execute("ROLLBACK")
        raise sqlite3.OperationalError("database or disk is full")

    refused = await asyncio.gather(insert(1), committer.run(lose), insert(2), return_exceptions=True)
    await insert(3)

    assert [str(error) for error in refused] == ["the database did not commit: database or disk is full"] * 3
    assert connection.execute("SELECT number FROM numbers").fetchall() == [(3,)]
    await committer.aclose()


async def test_waiting_units_share_a_commit(tmp_path: Path) -> None:
    """Units that wait while a commit is on its way to the disk go together with the next one; a lone unit goes at once."""
    connection = connect(tmp_path / "x.db")
    connection.execute("CREATE TABLE numbers (number INTEGER)")
    commits: list[str] = []
    connection.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    committer = Committer(connection, busy_timeout=1)

    def insert(number: int) -> Any:
        return committer.run(lambda cursor: cursor.execute("INSERT INTO numbers VALUES (?)", (number,)).rowcount)

    await insert(0)
    alone = len(commits)
    await asyncio.gather(*(insert(number) for number in range(100)))

    assert alone == 1
    assert len(commits) - alone <= 3
    assert connection.execute("SELECT count(*) FROM numbers").fetchone() == (101,)
    await committer.aclose()


async def test_another_program_holds_the_file(harness: SqliteHarness) -> None:
    """A commit waits for another program's to end, while the event loop goes on reading."""
    other = connect(harness.path)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.ensure_future(store(harness, a_booking(1)))
    for _ in range(10):
        await asyncio.sleep(0)

    assert await harness.storage.unit_of_work().bookings.history(a_booking(1).id) == []
    assert not waiting.done()
    threading.Timer(0.05, lambda: other.execute("COMMIT")).start()

    await asyncio.wait_for(waiting, 10)
    other.close()


async def test_another_program_never_lets_go(tmp_path: Path) -> None:
    """When that takes too long the units are told Unavailable."""
    path = tmp_path / "x.db"
    other, committer = connect(path), Committer(connect(path), busy_timeout=0.05)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Unavailable):
        await committer.run(lambda cursor: cursor.execute("CREATE TABLE x (y)").rowcount)

    other.close()
    assert await committer.run(lambda cursor: cursor.execute("CREATE TABLE x (y)").rowcount) == -1
    await committer.aclose()


async def test_a_unit_given_up_before_its_turn(harness: SqliteHarness) -> None:
    """A request that was cancelled while it waited is not stored, and the others are."""
    tasks = [asyncio.ensure_future(store(harness, a_booking(number))) for number in range(1, 4)]
    await asyncio.sleep(0)
    tasks[1].cancel()

    await asyncio.gather(tasks[0], tasks[2])

    work = harness.storage.unit_of_work()
    assert [bool(await work.bookings.history(a_booking(number).id)) for number in (1, 2, 3)] == [True, False, True]


@pytest.mark.parametrize(
    "damage",
    ["UPDATE bookings SET status = 'lost'", "UPDATE bookings SET paid = -1", "UPDATE bookings SET notes = NULL"],
)
async def test_the_database_itself_refuses_nonsense(harness: SqliteHarness, damage: str) -> None:
    """Whoever goes around the program still cannot store an unknown state, a negative amount, or nothing at all."""
    await store(harness, a_booking(1))
    other = connect(harness.path)

    with pytest.raises(sqlite3.IntegrityError):
        other.execute(damage)

    other.close()
    assert (await harness.storage.unit_of_work().bookings.get(a_booking(1).id)).status is Status.PENDING


async def test_what_the_database_refuses_is_rejected(harness: SqliteHarness) -> None:
    """A value against a check constraint is refused in the port's words, and the storage goes on."""
    with pytest.raises(Rejected):
        await harness.storage._committer.run(
            lambda cursor: cursor.execute("INSERT INTO replays VALUES (NULL, '', '', 1, '', '', '')").rowcount
        )

    await store(harness, a_booking(1))


async def test_health_of_a_database_that_was_never_migrated(harness: SqliteHarness, tmp_path: Path) -> None:
    """It says which migration is missing and what to do; after migrating it is content."""
    path = tmp_path / "new.db"
    unmigrated = harness.opened(path)

    with pytest.raises(Unavailable, match="repaircore migrate"):
        await unmigrated.health()
    migrate(path)
    await unmigrated.health()

    await unmigrated.aclose()
