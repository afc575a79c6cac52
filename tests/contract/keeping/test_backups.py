"""A backup is the database as it was, and is verified before it takes the database's place."""

import asyncio
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from attrs import evolve, frozen

from repaircore.adapters.storage.keeping.backups import Keeper, make_backup, restore_backup
from repaircore.adapters.storage.keeping.container import Manifest, manifest_of, pack, private_file, unpack
from repaircore.adapters.storage.keeping.postgresql_backup import PostgresqlKeeper
from repaircore.adapters.storage.keeping.showing import SILENT, Show, Silent
from repaircore.adapters.storage.keeping.snapshot import Contents
from repaircore.adapters.storage.keeping.sqlite_backup import SqliteKeeper
from repaircore.adapters.storage.migrations import migrate
from repaircore.ports.errors import Rejected, Unavailable
from repaircore.testing.jobs.words import enqueue, named, take
from repaircore.testing.storage.harness import store
from repaircore.testing.storage.values import a_booking, an_event
from tests.contract.jobs.engines import ENGINES, Seen, place_of
from tests.contract.keeping.conftest import Kept

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def backed_up(keeper: Keeper, file: Path, show: Show = SILENT) -> Manifest:
    """Make a backup."""
    return make_backup(keeper, file, program="1.2.3", at=AT, show=show)


def restored(keeper: Keeper, file: Path, *, replace: bool = False, despite_faults: bool = False) -> Manifest:
    """Restore a backup."""
    return restore_backup(keeper, file, replace=replace, despite_faults=despite_faults, show=SILENT)


def forged(file: Path, **changes: Any) -> Path:
    """The same backup with another manifest, whose checksums are right."""
    other = file.with_name("forged.backup")
    with private_file(file.with_name("data")) as data:
        manifest = unpack(file, data, SILENT)
        pack(data, evolve(manifest, **changes), other, SILENT)
    return other


class Watching(Silent):
    """Goes on only when something more was acknowledged."""

    def __init__(self) -> None:
        self.acknowledged = Event()
        self._told = False

    def begin(self, description: str) -> None:
        """Wait."""
        self.acknowledged.clear()
        assert self.acknowledged.wait(30)

    def tell(self, done: int, of: int) -> None:
        """Wait once, in the middle of copying."""
        if not self._told:
            self._told = True
            self.begin("")


async def test_into_a_new_place(kept: Kept, tmp_path: Path) -> None:
    """A backup restored where nothing was holds the same, and a backup of that is the same again."""
    first = backed_up(kept.keeper, tmp_path / "first.backup")

    restored(kept.fresh, tmp_path / "first.backup")

    again = backed_up(kept.fresh, tmp_path / "again.backup")
    assert again.inventory == first.inventory
    assert first.inventory.rows["bookings"] == 5
    assert first.inventory.last_event == 15
    assert first.inventory.sums == {"GBP": 0}
    assert first.inventory.faults() == ()


@pytest.mark.parametrize("engine", ENGINES)
async def test_with_the_tables_of_an_engine(postgresql_kept: Kept, tmp_path: Path, engine: Seen) -> None:
    """What an engine holds is in the backup, and is delivered from the new place, once."""
    keeper, fresh = postgresql_kept.keeper, postgresql_kept.fresh
    assert isinstance(keeper, PostgresqlKeeper)
    assert isinstance(fresh, PostgresqlKeeper)
    async with place_of(keeper.url, engine) as place:
        await enqueue(place.harness, *named("letter"))
        (held,) = await take(place.harness, 1)
    first = backed_up(keeper, tmp_path / "first.backup")

    restored(fresh, tmp_path / "first.backup")

    assert backed_up(fresh, tmp_path / "again.backup").inventory == first.inventory
    delivered = []
    for each in (keeper, fresh):
        async with place_of(each.url, engine) as place:
            delivered.append([job.id for job in await take(place.harness)])
    assert delivered[0] == delivered[1] != []
    assert held.id not in delivered[1]


async def test_while_the_server_writes(kept: Kept, tmp_path: Path) -> None:
    """Bookings go on while a backup is made; it holds every one acknowledged before it began, and is whole."""
    show, stored = Watching(), 5
    backup = asyncio.ensure_future(asyncio.to_thread(backed_up, kept.keeper, tmp_path / "a.backup", show))
    while not backup.done():
        stored += 1
        booking = a_booking(stored)
        await store(kept.harness, booking, events=(an_event(booking), an_event(booking)))
        show.acknowledged.set()

    manifest = await backup
    restored(kept.fresh, tmp_path / "a.backup")

    assert 5 <= manifest.inventory.rows["bookings"] < stored
    assert manifest.inventory.faults() == ()
    assert backed_up(kept.fresh, tmp_path / "b.backup").inventory == manifest.inventory


@frozen
class Careless(SqliteKeeper):
    """Copies the file as it lies there, as many a script does."""

    def dump(self, into: Path, show: Show) -> Contents:
        """Forget what is beside it."""
        counted = super().dump(into, show)
        shutil.copyfile(self.path, into)
        return counted


async def test_a_careless_backup_is_caught(sqlite_kept: Kept, tmp_path: Path) -> None:
    """Copying a file of SQLite that is in use loses what was not yet moved into it; restoring it says so."""
    backed_up(Careless(tmp_path / "shop.db"), tmp_path / "a.backup")

    with pytest.raises((Rejected, Unavailable)):
        restored(sqlite_kept.fresh, tmp_path / "a.backup")

    assert not (tmp_path / "new" / "shop.db").exists()


async def test_for_nobody_else(kept: Kept, tmp_path: Path) -> None:
    """Only its owner may read a backup, and nothing is left beside it."""
    (tmp_path / "here").mkdir()

    backed_up(kept.keeper, tmp_path / "here" / "a.backup")

    assert [file.name for file in (tmp_path / "here").iterdir()] == ["a.backup"]
    assert (tmp_path / "here" / "a.backup").stat().st_mode & 0o777 == 0o600


async def test_a_backup_is_not_overwritten(kept: Kept, tmp_path: Path) -> None:
    """A file that is there stays as it is."""
    (tmp_path / "a.backup").write_text("mine")

    with pytest.raises(Rejected, match="is there already"):
        backed_up(kept.keeper, tmp_path / "a.backup")

    assert (tmp_path / "a.backup").read_text() == "mine"


async def test_a_database_that_holds_something(kept: Kept, tmp_path: Path) -> None:
    """It is replaced only when that was asked for, and then it is as it was."""
    before = backed_up(kept.keeper, tmp_path / "a.backup")
    await store(kept.harness, a_booking(77))
    await kept.harness.storage.aclose()

    with pytest.raises(Rejected, match=r"not empty.*--replace"):
        restored(kept.keeper, tmp_path / "a.backup")
    assert backed_up(kept.keeper, tmp_path / "b.backup").inventory.rows["bookings"] == 6

    restored(kept.keeper, tmp_path / "a.backup", replace=True)
    assert backed_up(kept.keeper, tmp_path / "c.backup").inventory == before.inventory


async def test_a_database_in_use(kept: Kept, tmp_path: Path) -> None:
    """While a server has it open it is not replaced, and the server goes on."""
    backed_up(kept.keeper, tmp_path / "a.backup")
    async with kept.harness.storage.unit_of_work() as work:
        await work.bookings.get(a_booking(1).id)

    with pytest.raises(Rejected, match="in use"):
        restored(kept.keeper, tmp_path / "a.backup", replace=True)

    await store(kept.harness, a_booking(78))


FORGERIES: dict[str, tuple[Callable[[Manifest], dict[str, Any]], str]] = {
    "a row too many": (
        lambda m: {"inventory": evolve(m.inventory, rows={**m.inventory.rows, "bookings": 6})},
        "bookings: 6 rows are expected, 5 are there",
    ),
    "an event more": (lambda m: {"inventory": evolve(m.inventory, last_event=16)}, "up to position 16"),
    "other balances": (
        lambda m: {"inventory": evolve(m.inventory, balances={"GBP": {"sales": 0}})},
        "balances are others",
    ),
    "an older migration": (lambda m: {"migration": "0004"}, "migration 0004 by repaircore 1.2.3"),
    "a newer migration": (lambda m: {"migration": "9999"}, "migration 9999"),
    "another kind": (lambda m: {"kind": "oracle"}, "backup of oracle"),
    "another checksum": (lambda m: {"sha256": "0" * 64}, "checksum of its data"),
    "another size": (lambda m: {"size": 7}, "bytes of 7"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_what_does_not_fit(kept: Kept, tmp_path: Path, forgery: str) -> None:
    """A backup that is not what it says is refused in words, and the database stays as it is."""
    manifest = backed_up(kept.keeper, tmp_path / "a.backup")
    change, words = FORGERIES[forgery]
    await kept.harness.storage.aclose()

    with pytest.raises(Rejected, match=words):
        restored(kept.keeper, forged(tmp_path / "a.backup", **change(manifest)), replace=True)

    assert backed_up(kept.keeper, tmp_path / "b.backup").inventory == manifest.inventory


FAULTS = {
    "UPDATE ledger_postings SET amount = amount + 1 WHERE entry_id = 'le_0003' AND number = 1": "add up to 1, not to 0",
    "DELETE FROM ledger_postings WHERE entry_id = 'le_0003' AND number = 1": "entries do not balance: le_0003",
    "DELETE FROM events WHERE aggregate_id = 'bk_0003' AND sequence = 2": "have holes: bk_0003",
    "DELETE FROM events WHERE aggregate_id = 'bk_0004' AND sequence = 1": "have holes: bk_0004",
}


@pytest.mark.parametrize("harm", FAULTS)
async def test_a_database_with_faults(kept: Kept, tmp_path: Path, harm: str) -> None:
    """It is backed up, and the manifest says what is wrong; it is restored only by whoever knows that."""
    kept.execute(harm)
    manifest = backed_up(kept.keeper, tmp_path / "a.backup")
    assert FAULTS[harm] in "\n".join(manifest.inventory.faults())

    with pytest.raises(Rejected, match=FAULTS[harm]):
        restored(kept.fresh, tmp_path / "a.backup")

    restored(kept.fresh, tmp_path / "a.backup", despite_faults=True)
    assert backed_up(kept.fresh, tmp_path / "b.backup").inventory == manifest.inventory


async def test_no_secret_in_the_manifest(postgresql_kept: Kept, tmp_path: Path) -> None:
    """Neither the database's address nor a customer is named in it."""
    backed_up(postgresql_kept.keeper, tmp_path / "a.backup")

    text = repr(manifest_of(tmp_path / "a.backup"))

    assert "127.0.0.1" not in text
    assert "Bloggs" not in text


def test_nothing_to_back_up(tmp_path: Path) -> None:
    """A file that is not there is not made."""
    with pytest.raises(Unavailable, match="there is no database"):
        backed_up(SqliteKeeper(tmp_path / "shop.db"), tmp_path / "a.backup")

    assert list(tmp_path.iterdir()) == []


async def test_a_damaged_file_is_replaced(sqlite_kept: Kept, tmp_path: Path) -> None:
    """What is beside a file that can no longer be read is not taken for the restored one's."""
    backed_up(sqlite_kept.keeper, tmp_path / "a.backup")
    (tmp_path / "new").mkdir()
    for name in ("shop.db", "shop.db-wal", "shop.db-journal"):
        (tmp_path / "new" / name).write_bytes(b"rubbish" * 1000)
    with pytest.raises(Rejected, match="cannot be read"):
        restored(sqlite_kept.fresh, tmp_path / "a.backup")

    restored(sqlite_kept.fresh, tmp_path / "a.backup", replace=True)

    assert [file.name for file in (tmp_path / "new").iterdir()] == ["shop.db"]


def test_owner_and_mode_stay(tmp_path: Path) -> None:
    """The file that takes another's place may be read by the same people; a new one by its owner alone."""
    migrate(tmp_path / "shop.db")
    (tmp_path / "shop.db").chmod(0o640)
    backed_up(SqliteKeeper(tmp_path / "shop.db"), tmp_path / "a.backup")

    for name in ("shop.db", "new.db"):
        restored(SqliteKeeper(tmp_path / name), tmp_path / "a.backup")

    assert (tmp_path / "shop.db").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "new.db").stat().st_mode & 0o777 == 0o600
