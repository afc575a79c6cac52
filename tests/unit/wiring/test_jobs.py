"""The engine that the settings name for jobs."""

from pathlib import Path

import pytest

from repaircore.adapters.jobs.pgqueuer.queue import PgqueuerJobs
from repaircore.adapters.jobs.procrastinate.queue import ProcrastinateJobs
from repaircore.adapters.jobs.queue import CarriedJobs
from repaircore.adapters.storage.migrations import migrate
from repaircore.ports.errors import Unavailable
from repaircore.wiring.checking import check_business
from repaircore.wiring.databases import migrate_database
from repaircore.wiring.jobs import check_jobs, migrate_jobs, queue_of
from repaircore.wiring.settings import ConfigurationError, DatabaseSettings, JobsEngine, JobsSettings, Settings
from tests.e2e.places import example

QUEUES = [(JobsEngine.PGQUEUER, PgqueuerJobs), (JobsEngine.PROCRASTINATE, ProcrastinateJobs)]


def settings(url: str, engine: JobsEngine) -> Settings:
    """A business on that database."""
    return Settings(
        name="Example",
        profile="repair",
        currency="GBP",
        country="GB",
        timezone="Europe/London",
        database=DatabaseSettings(url=url),
        jobs=JobsSettings(engine=engine),
    )


@pytest.mark.parametrize("url", ["sqlite:///shop.db", "memory:"])
@pytest.mark.parametrize("engine", [engine for engine, _ in QUEUES])
def test_no_engine_without_postgresql(url: str, engine: JobsEngine) -> None:
    """It is refused before anything is opened, and the line says what to write."""
    for look in (check_jobs, migrate_jobs, queue_of):
        with pytest.raises(
            ConfigurationError, match=rf"jobs\.engine: {engine.value} works on PostgreSQL alone.*embedded"
        ):
            look(settings(url, engine))


def test_a_business_file_that_names_it(tmp_path: Path) -> None:
    """`check-config` says so as well; an engine that nobody knows is refused by name."""
    place = example("revivatech", tmp_path)
    engine = place.copied(tmp_path / "one", change=lambda text: f'{text}\n[jobs]\nengine = "procrastinate"\n')
    unknown = place.copied(tmp_path / "two", change=lambda text: f'{text}\n[jobs]\nengine = "celery"\n')

    with pytest.raises(ConfigurationError, match="works on PostgreSQL alone"):
        check_business(engine.config, data_dir=tmp_path)
    with pytest.raises(ConfigurationError, match="celery"):
        check_business(unknown.config, data_dir=tmp_path)


def test_the_embedded_queue_is_the_usual_one(postgres_url: str) -> None:
    """It has nothing to migrate, on any database."""
    for url in ("sqlite:///shop.db", "memory:", postgres_url):
        embedded = settings(url, JobsEngine.EMBEDDED)
        assert queue_of(embedded) is None
        assert not migrate_jobs(embedded)


@pytest.mark.parametrize(("engine", "queue"), QUEUES)
def test_the_engine_is_migrated_like_the_database(
    postgres_url: str, engine: JobsEngine, queue: type[CarriedJobs]
) -> None:
    """Its tables come with `repaircore migrate`, once; without them nothing is opened."""
    wanted = settings(postgres_url, engine)
    with pytest.raises(Unavailable, match="run `repaircore migrate`"):
        queue_of(wanted)

    assert not migrate_database(DatabaseSettings(url=postgres_url), Path())
    assert migrate_jobs(wanted)
    assert not migrate_jobs(wanted)
    assert queue_of(wanted) is queue
    assert not migrate(postgres_url)
