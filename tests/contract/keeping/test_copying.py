"""Moving a business to another kind of database, and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from attrs import frozen
from hypothesis import given, settings
from sqlalchemy import Table

from repaircore.adapters.jobs.withdrawing import withdraw
from repaircore.adapters.storage.keeping.copying import copy_between, copy_database
from repaircore.adapters.storage.keeping.postgresql_snapshot import reading_postgresql
from repaircore.adapters.storage.keeping.showing import SILENT, Silent
from repaircore.adapters.storage.keeping.snapshot import Row, in_use
from repaircore.adapters.storage.keeping.sqlite_sides import SqliteTarget, sqlite_source, sqlite_target
from repaircore.adapters.storage.keeping.tables import TABLES
from repaircore.adapters.storage.migrations import applied_version, migrate
from repaircore.ports.errors import PortError, Rejected, Unavailable
from repaircore.testing.jobs.words import LEASE, after, enqueue, named, names
from repaircore.testing.storage.harness import StorageWithJobs, store
from repaircore.testing.storage.values import a_booking, an_entry, an_event
from tests.contract.jobs.engines import ENGINES, Seen, place_of
from tests.contract.keeping.conftest import Kept, open_shop
from tests.contract.keeping.shops import LARGEST, Rows, shops, stored
from tests.contract.storage.harnesses import SqliteHarness, postgresql_harness, sqlite_harness
from tests.servers.databases import migrated_database
from tests.servers.run import Run


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for one example."""
    with TemporaryDirectory() as name:
        yield Path(name)


def rows_of(path: Path) -> dict[str, list[Any]]:
    """Everything in a file."""
    with sqlite_source(path) as source:
        return {table.name: list(source.rows(table)) for table in TABLES}


def is_empty(url: str) -> bool:
    """Whether a PostgreSQL database holds nothing."""
    with reading_postgresql(url) as snapshot:
        return in_use(snapshot) is None


@settings(max_examples=12)
@given(rows=shops())
def test_there_and_back(servers: Run, rows: Rows) -> None:
    """Whatever a database holds, it is the same on the other kind, and the same again when it comes back."""
    with folder() as here, migrated_database(servers) as url:
        first = stored(here / "first.db", rows)

        there = copy_database(first, url, SILENT)
        back = copy_database(url, here / "back.db", SILENT)

        assert rows_of(here / "back.db") == rows_of(first)
        assert there.hashes == back.hashes
        assert there.inventory == back.inventory
        assert there.inventory.faults() == ()


def test_an_empty_database(tmp_path: Path, empty_postgres_url: str) -> None:
    """Nothing is copied without a fault, and the target is migrated on the way."""
    migrate(tmp_path / "shop.db")

    copied = copy_database(tmp_path / "shop.db", empty_postgres_url, SILENT)

    assert copied.inventory.total == 0
    assert applied_version(empty_postgres_url) == applied_version(tmp_path / "shop.db")


def make_awkward(path: Path) -> None:
    """Put space around notes, and amounts beyond what floating point tells apart into the ledger."""
    with sqlite_target(path) as (target, _):
        target.connection.execute("UPDATE bookings SET notes = ' ring twice '")
        target.connection.execute("DELETE FROM ledger_postings WHERE number > 2")
        target.connection.execute("UPDATE ledger_postings SET amount = sign(amount) * 9007199254740993")


@frozen
class Losing(SqliteTarget):
    """Forgets an answer."""

    def fill(self, table: Table, rows: list[Row]) -> None:
        """Store the others."""
        super().fill(table, rows[:-1] if table.name == "replays" else rows)


@frozen
class Trimming(SqliteTarget):
    """Takes what is at the ends of texts for a mistake."""

    def fill(self, table: Table, rows: list[Row]) -> None:
        """Store them as they should have been."""
        tidy = [tuple(cell.strip() if isinstance(cell, str) else cell for cell in row) for row in rows]
        super().fill(table, tidy)


@frozen
class Rounding(SqliteTarget):
    """Keeps amounts as floating point."""

    def fill(self, table: Table, rows: list[Row]) -> None:
        """Store what comes of it."""
        rough = [tuple(int(float(cell)) if isinstance(cell, int) else cell for cell in row) for row in rows]
        super().fill(table, rough)


@pytest.mark.parametrize("kind", [Losing, Trimming, Rounding])
async def test_a_target_that_lies(tmp_path: Path, kind: type[SqliteTarget]) -> None:
    """A row lost, a text cut, an amount rounded: each is noticed before anything is committed."""
    async with sqlite_harness(tmp_path) as harness:
        await open_shop(harness)
        make_awkward(harness.path)

    with (
        pytest.raises(Rejected, match="nothing was copied"),
        sqlite_source(tmp_path / "shop.db") as source,
        lying(kind, tmp_path / "new.db") as target,
    ):
        copy_between(source, *target, SILENT)

    assert not (tmp_path / "new.db").exists()


@contextmanager
def lying(kind: type[SqliteTarget], path: Path) -> Iterator[tuple[SqliteTarget, Any]]:
    """Open a target of that kind."""
    with sqlite_target(path) as (honest, transaction):
        yield kind(honest.connection), transaction


class Meanwhile(Silent):
    """Somebody writes the source when the comparison begins."""

    def __init__(self, write: Any) -> None:
        self._write = write

    def begin(self, description: str) -> None:
        """Write."""
        if description == "Comparing":
            self._write()


WRITES = (
    "UPDATE bookings SET notes = 'changed' WHERE id = 'bk_0002'",
    "DELETE FROM replays WHERE key = 'k1'",
    "INSERT INTO catalogue_contents VALUES ('h', '{}')",
)


@pytest.mark.parametrize("write", WRITES)
async def test_a_source_that_is_written(kept: Kept, tmp_path: Path, write: str) -> None:
    """What was written after the copy began would be lost: so nothing is copied, and the writer was not held up."""
    with pytest.raises(Rejected, match="stop the servers and workers first"):
        copy_database(address(kept), tmp_path / "copy.db", Meanwhile(lambda: kept.execute(write)))

    assert not (tmp_path / "copy.db").exists()
    await store(kept.harness, a_booking(70))


async def test_a_source_that_rests(kept: Kept, tmp_path: Path) -> None:
    """A server that only reads is not in the way, and may write again afterwards."""
    copied = copy_database(address(kept), tmp_path / "copy.db", SILENT)

    assert copied.inventory.rows["bookings"] == 5
    await store(kept.harness, a_booking(70))


def address(kept: Kept) -> Any:
    """What `copy_database` is told."""
    return getattr(kept.keeper, "url", None) or getattr(kept.keeper, "path", None)


async def test_a_target_that_holds_something(kept: Kept, tmp_path: Path) -> None:
    """It stays as it is."""
    migrate(tmp_path / "empty.db")

    with pytest.raises(Rejected, match="the target is not empty"):
        copy_database(tmp_path / "empty.db", address(kept), SILENT)

    async with kept.harness.storage.unit_of_work() as work:
        assert (await work.bookings.get(a_booking(5).id)) == a_booking(5)


REFUSED = {
    "NUL": ("UPDATE bookings SET notes = 'a' || char(0) || 'b' WHERE id = 'bk_0002'", "bookings 'bk_0002'.*NUL"),
    "too long for an index": (
        "UPDATE bookings SET customer_phone = hex(randomblob(9000)) WHERE id = 'bk_0002'",
        "bookings: .*index row",
    ),
    "broken JSON": ("UPDATE bookings SET device = '{' WHERE id = 'bk_0002'", "bookings: .*json"),
    "too large": (f"UPDATE bookings SET version = {LARGEST} WHERE id = 'bk_0002'", "bookings: .*out of range"),
    "a moment in another form": (
        "UPDATE bookings SET created_at = '2026-03-02 13:00:00+01:00' WHERE id = 'bk_0002'",
        "bookings bk_0002 is not the same",
    ),
    "an unbalanced ledger": ("UPDATE ledger_postings SET amount = amount + 1 WHERE number = 1", "does not balance"),
    "a hole": ("DELETE FROM events WHERE sequence = 1 AND aggregate_id = 'bk_0003'", "holes: bk_0003"),
}


@pytest.mark.parametrize("value", REFUSED)
async def test_what_cannot_be_copied(sqlite_kept: Kept, postgres_url: str, value: str) -> None:
    """The line names the row where it can, and nothing is left at the target."""
    harm, words = REFUSED[value]
    sqlite_kept.execute(harm)

    with pytest.raises(Rejected, match=words):
        copy_database(address(sqlite_kept), postgres_url, SILENT)

    assert is_empty(postgres_url)


async def test_nothing_is_left_behind(sqlite_kept: Kept, empty_postgres_url: str) -> None:
    """Not even tables, where there were none before."""
    sqlite_kept.execute("UPDATE bookings SET device = '{' WHERE id = 'bk_0002'")

    with pytest.raises(PortError):
        copy_database(address(sqlite_kept), empty_postgres_url, SILENT)

    assert applied_version(empty_postgres_url) is None


async def test_a_target_that_somebody_writes(sqlite_kept: Kept, postgres_url: str) -> None:
    """Two programs do not fill one database."""
    with psycopg.connect(postgres_url) as other:
        other.execute("INSERT INTO catalogue_contents VALUES ('h', '{}')")

        with pytest.raises(Rejected, match="somebody uses the target"):
            copy_database(address(sqlite_kept), postgres_url, SILENT)


async def test_databases_that_cannot_be_reached(sqlite_kept: Kept, tmp_path: Path) -> None:
    """Each is named, without its password."""
    gone = "postgresql://shop:hush@127.0.0.1:1/shop"
    for source, target in ((address(sqlite_kept), gone), (gone, tmp_path / "new.db")):
        with pytest.raises(Unavailable, match=r"shop:\*\*\*@127.0.0.1:1") as refusal:
            copy_database(source, target, SILENT)
        assert "hush" not in str(refusal.value)


async def test_a_file_that_is_being_written(sqlite_kept: Kept, tmp_path: Path) -> None:
    """A target of SQLite has one writer."""
    migrate(tmp_path / "new.db")
    with sqlite_target(tmp_path / "new.db"), pytest.raises(Unavailable, match=r"new\.db: database is locked"):
        copy_database(address(sqlite_kept), tmp_path / "new.db", SILENT)


async def test_another_migration(tmp_path: Path) -> None:
    """Only databases of this program's version are copied."""
    migrate(tmp_path / "shop.db")
    with sqlite_target(tmp_path / "shop.db") as (target, _):
        target.connection.execute("UPDATE alembic_version SET version_num = '0004'")

    with pytest.raises(Rejected, match="the source is at migration 0004"):
        copy_database(tmp_path / "shop.db", tmp_path / "new.db", SILENT)
    assert not (tmp_path / "new.db").exists()
    with pytest.raises(Unavailable, match="there is no database"):
        copy_database(tmp_path / "none.db", tmp_path / "new.db", SILENT)


@pytest.mark.parametrize("engine", ENGINES)
async def test_jobs_that_an_engine_holds(tmp_path: Path, postgres_url: str, engine: Seen) -> None:
    """What the engine was handed is refused, not copied without ever falling due; taken back, it is copied and done."""
    async with place_of(postgres_url, engine) as there:
        await enqueue(there.harness, *named("mail", "letter"), *named("first", "behind", ordering_key="a"))
    with pytest.raises(Rejected, match="3 jobs of the source wait in an engine"):
        copy_database(postgres_url, tmp_path / "back.db", SILENT)
    assert not (tmp_path / "back.db").exists()

    withdraw(postgres_url)
    copy_database(postgres_url, tmp_path / "back.db", SILENT)
    back = SqliteHarness(tmp_path / "back.db")
    taken = await back.storage.jobs.lease(10, now=after(1), seconds=LEASE)
    await back.storage.aclose()

    assert names(taken) == ["mail", "letter", "first"]


async def one_more(storage: StorageWithJobs, number: int) -> None:
    """Store something in every table that counts."""
    async with storage.unit_of_work() as work:
        work.record(an_event(a_booking(1)))
        work.ledger.post(an_entry(number))
        await work.commit()


async def test_the_copy_goes_on(tmp_path: Path, postgres_url: str) -> None:
    """Positions and the numbers of jobs are given on, none twice: not even that of a job which was forgotten."""
    async with sqlite_harness(tmp_path) as harness:
        await open_shop(harness)
        with sqlite_target(harness.path) as (target, _):
            target.connection.execute("DELETE FROM jobs")
    copy_database(tmp_path / "shop.db", postgres_url, SILENT)
    async with postgresql_harness(postgres_url) as there:
        await one_more(there.storage, 80)
    copy_database(postgres_url, tmp_path / "back.db", SILENT)

    harness = SqliteHarness(tmp_path / "back.db")
    await one_more(harness.storage, 81)
    await harness.storage.aclose()

    rows = rows_of(tmp_path / "back.db")
    assert [row[0] for row in rows["jobs"]] == [31, 32, 33, 34]
    assert [row[0] for row in rows["events"]][-2:] == [16, 17]
    assert [row[0] for row in rows["ledger_entries"]] == [1, 2, 3, 4, 5, 6, 7]
