"""The same proof over procrastinate: killed workers lose nothing that the engine had given them, and do nothing twice."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from repaircore.adapters.jobs.procrastinate.schema import install
from repaircore.adapters.storage.migrations import migrate
from tests.chaos.lengths import JOB_KILLS
from tests.chaos.programs.variants import EAGER
from tests.chaos.test_jobs import _STEPS, killed_between_steps
from tests.servers.postgres import running_postgres

_DELIVERED = "SELECT last_value FROM procrastinate_jobs_id_seq"
_LEFT_BEHIND = """
    SELECT count(*) FROM procrastinate_jobs AS p JOIN jobs ON jobs.position = (p.args->>'job')::bigint WHERE jobs.state = 'done'
"""


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A durable server with the engine's tables, and programs that use it."""
    monkeypatch.setenv("REPAIRCORE_JOBS_ENGINE", "procrastinate")
    with running_postgres() as server:
        migrate(server.url)
        install(server.url)
        yield server.url


def _number(database: str, question: str) -> int:
    with psycopg.connect(database) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return int(row[0])


async def test_workers_killed_between_any_two_steps(tmp_path: Path, database: str) -> None:
    """Every customer is told, and told once; what was delivered and is done has no delivery any more."""
    mail, found = await killed_between_steps(tmp_path, JOB_KILLS, postgres=database)

    assert not found
    assert set(mail.deaths) == set(_STEPS)
    assert _number(database, _DELIVERED) >= JOB_KILLS
    assert _number(database, _LEFT_BEHIND) == 0


async def test_a_worker_that_is_broken(tmp_path: Path, database: str) -> None:
    """One that says a job is done before it is, is found out here, too."""
    _, found = await killed_between_steps(tmp_path, 1, steps=("recipient",), postgres=database, variant=EAGER)

    assert found
