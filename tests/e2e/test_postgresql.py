"""A business that keeps its data in PostgreSQL, from the command line."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from repaircore.adapters.storage.head import HEAD
from repaircore.adapters.storage.migrations import applied_version
from tests.e2e.places import Place
from tests.e2e.test_refusing import refused
from tests.servers.postgres import GUARDED, running_postgres

WITHOUT_DRIVER = """
import sys
sys.modules["psycopg"] = None
from repaircore.entrypoints.cli import main
main()
"""


def on(place: Place, url: str, folder: Path) -> Place:
    """The same business on that database."""
    return place.copied(
        folder / "shop", change=lambda text: f'{text.partition("[database]")[0]}[database]\nurl = "{url}"\n'
    )


@pytest.fixture
def shop(bench: Place, empty_postgres_url: str, tmp_path: Path) -> Place:
    """The repair shop on PostgreSQL, in a database that was never migrated."""
    return on(bench, empty_postgres_url, tmp_path)


@contextmanager
def running(place: Place, *words: str) -> Iterator[dict[str, object]]:
    """Run a server or a worker, and answer the first line of its log."""
    command = (sys.executable, "-m", "repaircore.entrypoints.cli", *words, *place.options)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as program:
        assert program.stderr is not None
        try:
            yield json.loads(program.stderr.readline())
        finally:
            program.send_signal(signal.SIGTERM)
            program.communicate(timeout=60)


def test_migrating_twice(shop: Place, empty_postgres_url: str) -> None:
    """The first time the tables are made and the rulebook is published; the second time nothing is left to do."""
    first, second = shop.run("migrate"), shop.run("migrate")

    assert "was brought to this version" in first.stdout
    assert "was at this version already" in second.stdout
    assert "is published" in second.stdout
    assert applied_version(empty_postgres_url) == HEAD


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("worker",), ("keys", "list")])
def test_nobody_migrates_unasked(shop: Place, empty_postgres_url: str, command: tuple[str, ...]) -> None:
    """Other servers use the database as well: a program of another version changes nothing in it, and says what to do."""
    assert "run `repaircore migrate`" in refused(shop.run(*command))
    assert applied_version(empty_postgres_url) is None


@pytest.mark.parametrize(("command", "event"), [(("serve", "--port", "0"), "listening"), (("worker",), "working")])
def test_migrating_on_the_way(shop: Place, empty_postgres_url: str, command: tuple[str, ...], event: str) -> None:
    """With --migrate the server and the worker migrate, and then do their work."""
    with running(shop, *command, "--migrate") as said:
        assert said["event"] == event
        assert applied_version(empty_postgres_url) == HEAD


def test_a_password_from_the_environment(bench: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The business file has none; the environment's opens the database."""
    with running_postgres(durable=False) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {GUARDED} SUPERUSER LOGIN PASSWORD 'hu&sh %/@'".encode())
        guarded = on(bench, f"postgresql://{GUARDED}@{server.url.partition('@')[2]}", tmp_path)
        assert "cannot open the database" in refused(guarded.run("migrate"))

        monkeypatch.setenv("REPAIRCORE_DATABASE_PASSWORD", "hu&sh %/@")

        assert guarded.run("migrate").returncode == 0


@pytest.mark.parametrize("command", [("check-config",), ("migrate",), ("serve", "--port", "0")])
def test_without_the_driver(bench: Place, tmp_path: Path, command: tuple[str, ...]) -> None:
    """The line names what to install, and shows no password."""
    place = on(bench, "postgresql://shop:hush@db.example.com/shop", tmp_path)

    done = subprocess.run(
        (sys.executable, "-c", WITHOUT_DRIVER, *command, *place.options), capture_output=True, text=True, check=False
    )

    line = refused(done)
    assert "pip install repaircore[postgresql]" in line
    assert "hush" not in line


@pytest.mark.parametrize("command", [("migrate",), ("serve", "--port", "0"), ("worker", "--migrate")])
def test_a_server_that_is_not_there(bench: Place, tmp_path: Path, command: tuple[str, ...]) -> None:
    """The line names the address, and shows no password."""
    place = on(bench, "postgresql://shop:hush@127.0.0.1:1/shop", tmp_path)

    line = refused(place.run(*command))

    assert "127.0.0.1" in line
    assert "hush" not in line


def test_a_checked_configuration(bench: Place, tmp_path: Path) -> None:
    """The database is named without its password, and not touched."""
    place = on(bench, "postgresql://shop:hush@127.0.0.1:1/shop", tmp_path)

    done = place.run("check-config")

    assert "database: postgresql://shop:***@127.0.0.1:1/shop" in done.stdout
    assert "hush" not in done.stdout + done.stderr
