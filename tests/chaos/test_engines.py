"""The same proof over the engines: killed workers lose nothing that an engine had given them, and do nothing twice."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from attrs import frozen

from repaircore.adapters.jobs.pgqueuer.queue import PgqueuerJobs
from repaircore.adapters.jobs.procrastinate.queue import ProcrastinateJobs
from repaircore.adapters.jobs.queue import CarriedJobs
from repaircore.adapters.jobs.schema import install
from repaircore.adapters.storage.migrations import migrate
from tests.chaos.lengths import JOB_KILLS
from tests.chaos.programs.variants import EAGER
from tests.chaos.test_jobs import _STEPS, killed_between_steps
from tests.servers.postgres import running_postgres

ENGINES = {queue.engine.name: queue for queue in (PgqueuerJobs, ProcrastinateJobs)}


@frozen
class Place:
    """A durable server with an engine's tables."""

    url: str
    queue: type[CarriedJobs]

    def delivered(self) -> int:
        """Answer how many deliveries the engine made."""
        return self._number(f"SELECT last_value FROM {self.queue.engine.table}_id_seq")

    def left_behind(self) -> int:
        """Answer how many there still are of jobs that are done."""
        engine = self.queue.engine
        return self._number(
            f"SELECT count(*) FROM {engine.table} AS d JOIN jobs ON jobs.position = {engine.position} WHERE jobs.state = 'done'"
        )

    def _number(self, question: str) -> int:
        with psycopg.connect(self.url) as connection:
            row = connection.execute(question.encode()).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture(params=sorted(ENGINES))
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A server with the engine's tables, and programs that use it."""
    monkeypatch.setenv("REPAIRCORE_JOBS_ENGINE", request.param)
    with running_postgres() as server:
        migrate(server.url)
        install(server.url, ENGINES[request.param])
        yield Place(server.url, ENGINES[request.param])


async def test_workers_killed_between_any_two_steps(tmp_path: Path, place: Place) -> None:
    """Every customer is told, and told once; what was delivered and is done has no delivery any more."""
    mail, found = await killed_between_steps(tmp_path, JOB_KILLS, postgres=place.url)

    assert not found
    assert set(mail.deaths) == set(_STEPS)
    assert place.delivered() >= JOB_KILLS
    assert place.left_behind() == 0


async def test_a_worker_that_is_broken(tmp_path: Path, place: Place) -> None:
    """One that says a job is done before it is, is found out here, too."""
    _, found = await killed_between_steps(tmp_path, 1, steps=("recipient",), postgres=place.url, variant=EAGER)

    assert found
