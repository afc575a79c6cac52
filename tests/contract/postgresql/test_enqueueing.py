"""What it costs to enqueue a job, and to let the next of its key go, where very many wait."""

from collections.abc import Iterator
from typing import Any, Final

import psycopg
import pytest
from msgspec.json import encode
from psycopg.sql import SQL as Composable
from psycopg.sql import Composed, Literal

from repaircore.adapters.storage.postgresql.lane import SESSION
from repaircore.adapters.storage.postgresql.sql import CELLS, SQL

AT: Final = "2026-01-01T00:00:00+00:00"
WAITING: Final = 500
OF_ALL: Final = SQL["job_add"].replace(
    "(SELECT min(others.position) AS min_1 FROM jobs AS others WHERE others.ordering_key = given.ordering_key"
    " AND others.ordering_key <> '' AND others.finished_at IS NULL) IS NOT NULL",
    "EXISTS (SELECT 1 FROM jobs AS others WHERE others.ordering_key = given.ordering_key"
    " AND others.ordering_key <> '' AND others.finished_at IS NULL)",
)
"""Asks whether there is one, and so PostgreSQL may list all that wait."""


@pytest.fixture
def jobs(postgres_url: str) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """A connection as a lane's, to a table that filled after its statements were planned."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(SESSION.encode())
        connection.execute("SET plan_cache_mode = force_generic_plan")
        for name, sql in (("job_add", SQL["job_add"]), ("promote", SQL["jobs_promote"]), ("of_all", OF_ALL)):
            connection.execute(f"PREPARE {name} (json) AS {sql}".encode())
        connection.execute(executing("promote", []))
        connection.execute(executing("of_all", []))
        connection.execute(executing("job_add", rows(0, WAITING)))
        yield connection


def rows(first: int, number: int) -> list[dict[str, object]]:
    """Jobs with a key each."""
    job: dict[str, object] = dict.fromkeys(CELLS["job_add"].split(), "")
    job |= {"name": "mail", "payload": "{}", "state": "queued", "attempts": 0, "lease": 0, "finished_at": None}
    job |= {"run_at": AT, "due_at": AT, "created_at": AT}
    return [{**job, "ordering_key": f"key-{place}", "n": place} for place in range(first, first + number)]


def executing(name: str, given: object) -> Composed:
    """The statement with that list."""
    return Composable("EXECUTE {}({})").format(Composable(name), Literal(encode(given).decode()))


def most_read(connection: "psycopg.Connection[tuple[Any, ...]]", statement: Composed) -> int:
    """Answer how many rows of the jobs one scan has found or thrown away, at most."""
    explained = connection.execute(Composable("EXPLAIN (ANALYZE, FORMAT JSON) ") + statement).fetchone()
    assert explained is not None
    return max(_read(explained[0][0]["Plan"]))


def _read(plan: dict[str, Any]) -> Iterator[int]:
    if plan.get("Relation Name") == "jobs" and "Scan" in plan["Node Type"]:
        yield int(plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0))
    for part in plan.get("Plans", ()):
        yield from _read(part)


def test_one_more_job(jobs: "psycopg.Connection[tuple[Any, ...]]") -> None:
    """Whether another job of its key comes first is looked up; those of other keys are left alone."""
    assert most_read(jobs, executing("job_add", rows(WAITING, 3))) <= 3


def test_the_next_of_some_keys(jobs: "psycopg.Connection[tuple[Any, ...]]") -> None:
    """The first of each key is looked up."""
    assert most_read(jobs, executing("promote", ["key-3", "key-4"])) <= 2


def test_asking_whether_there_is_one_would_list_all(jobs: "psycopg.Connection[tuple[Any, ...]]") -> None:
    """The measure finds a statement that reads every job that waits."""
    assert most_read(jobs, executing("of_all", rows(WAITING, 3))) >= WAITING
