"""The databases that are measured, and who uses CPU time for them."""

import os
from pathlib import Path

import psycopg

from bench.databases import Postgresql, Sqlite, database, postmaster, server_seconds
from bench.processes import cores, pin
from repaircore.adapters.storage.migrations import migrate

_WORK = "SELECT count(*) FROM generate_series(1, 1000000)"


def test_work_of_a_connection_that_is_gone(empty_postgres_url: str) -> None:
    """What a server's process used is counted while it runs, and stays counted when it has ended."""
    first = postmaster(empty_postgres_url)
    before = server_seconds(first)
    with psycopg.connect(empty_postgres_url) as connection:
        connection.execute(_WORK)
        meanwhile = server_seconds(first)

    assert meanwhile - before > 0.03
    assert server_seconds(first) - before > 0.03


def test_a_business_on_postgresql(empty_postgres_url: str, tmp_path: Path) -> None:
    """It is the repair shop in all but its database, where nothing waits at first; the database is dropped at the end."""
    with database(tmp_path, empty_postgres_url) as made:
        assert isinstance(made, Postgresql)
        migrate(made.url)
        made.forget_jobs()

        assert made.backlog() == 0
        assert f'url = "{made.url}"' in made.config.read_text("utf-8")
        assert (made.config.parent / "rulebook.toml").exists()
    with psycopg.connect(empty_postgres_url) as connection:
        names = [name for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall()]

    assert not made.url.endswith(tuple(names))


def test_an_embedded_database_is_the_servers_own_work(tmp_path: Path) -> None:
    """Nobody works beside the server."""
    with database(tmp_path, None) as made:
        assert made == Sqlite(tmp_path)
        assert made.cpu_seconds() == 0


def test_cores_are_the_same_for_whoever_is_pinned() -> None:
    """Servers do not come to the client's core because the client asks from there."""
    mine, before = os.sched_getaffinity(0), cores()
    pin(before[1])
    try:
        assert cores() == before
    finally:
        os.sched_setaffinity(0, mine)
