"""Servers of a test's own, and those that the tests of a run share."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from repaircore.adapters.storage.head import HEAD
from repaircore.adapters.storage.migrations import applied_version
from tests.servers import postgres
from tests.servers.databases import migrated_database
from tests.servers.postgres import PostgresServer, running_postgres
from tests.servers.process import CannotStart, Process
from tests.servers.run import Run
from tests.servers.valkey import running_valkey


@pytest.fixture(scope="module")
def own() -> Iterator[PostgresServer]:
    """A PostgreSQL that no other module shares."""
    with running_postgres() as server:
        yield server


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    """Run one statement in a connection of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        done = connection.execute(statement)
        return done.fetchall() if done.description else []


def test_what_was_acknowledged_survives_a_kill(own: PostgresServer) -> None:
    """A server of one's own is durable: killed with all its backends and started again, it has every row, at the same address."""
    url = own.url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (number int)")
        connection.execute("INSERT INTO kept VALUES (1)")
        own.kill()

    own.start()

    assert own.url == url
    assert rows(url, "SELECT number FROM kept") == [(1,)]


def test_a_stopped_server_can_be_started_again(own: PostgresServer) -> None:
    """While it is stopped nobody reaches it; clients do not hold it up."""
    with psycopg.connect(own.url):
        own.stop()

    with pytest.raises(psycopg.OperationalError):
        rows(own.url, "SELECT 1")
    own.start()
    assert rows(own.url, "SELECT 1") == [(1,)]


def test_a_valkey_of_ones_own() -> None:
    """Killed and started again it answers at the same address, and has forgotten everything."""
    with running_valkey() as server, redis.Redis.from_url(server.url) as client:
        client.set("key", "value")
        server.kill()
        with pytest.raises(redis.ConnectionError):
            client.get("key")

        server.start()

        assert client.get("key") is None


def test_a_database_of_this_version(postgres_url: str) -> None:
    """The database that a test gets is migrated, and its tables are empty."""
    assert applied_version(postgres_url) == HEAD
    assert rows(postgres_url, "SELECT * FROM bookings") == []


def test_a_database_with_nothing_in_it(empty_postgres_url: str) -> None:
    """One that was never migrated, for tests that migrate."""
    assert applied_version(empty_postgres_url) is None


def test_one_test_sees_nothing_of_another(servers: Run) -> None:
    """What one test leaves behind, rows, numbers and connections, the next one does not find."""
    add = "INSERT INTO rulebooks (version, content, published_at) VALUES ('1', '', now()) RETURNING position"
    with migrated_database(servers) as first:
        assert rows(first, add) == [(1,)]
        left_open = psycopg.connect(first)
        left_open.execute("LOCK TABLE rulebooks")

    with migrated_database(servers) as second:
        assert second == first
        assert rows(second, add) == [(1,)]
    with pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
    left_open.close()


def test_changed_tables_are_not_lent_again(servers: Run) -> None:
    """A database in which a test made tables of its own is dropped."""
    with migrated_database(servers) as changed:
        rows(changed, "CREATE TABLE mine (number int)")

    with migrated_database(servers) as other:
        assert other != changed
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        rows(changed, "SELECT 1")


def test_valkey_is_empty(valkey_url: str) -> None:
    """The database that a test gets has no keys, and holds what is put there."""
    with redis.Redis.from_url(valkey_url) as client:
        assert client.dbsize() == 0
        client.set("key", "value")
        assert client.get("key") == b"value"


def test_a_server_that_does_not_come_up(tmp_path: Path) -> None:
    """It is not waited for in vain, and its own words are told."""
    broken = Process(command=("/bin/sh", "-c", "echo no room left"), ready="ready", log=tmp_path / "log")

    with pytest.raises(CannotStart, match="no room left"):
        broken.start()


def test_folders_that_nobody_may_enter(tmp_path: Path) -> None:
    """Where PostgreSQL's user cannot enter, the folder is named; its permissions are left alone."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(CannotStart, match=r"who cannot enter .*closed"):
        postgres.refuse_closed(closed, "nobody")
    assert closed.stat().st_mode & 0o777 == 0o700
