"""The engines under test, and what a person sees who looks into their tables."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from attrs import frozen

from repaircore.adapters.jobs.pgqueuer.queue import PgqueuerJobs
from repaircore.adapters.jobs.procrastinate.queue import ProcrastinateJobs
from repaircore.adapters.jobs.queue import CarriedJobs
from repaircore.adapters.jobs.schema import install
from repaircore.testing.storage.values import NOON
from tests.contract.storage.harnesses import PostgresqlHarness, postgresql_harness


@frozen
class Seen:
    """An engine from outside. `deliveries`: the number of each job, and whether it runs, in the order of delivery; `put_back`: what
    somebody does who wants everything to be delivered again."""

    queue: type[CarriedJobs]
    deliveries: str
    numbers: str
    put_back: str
    older: str


PROCRASTINATE = Seen(
    ProcrastinateJobs,
    "SELECT (args->>'job')::int, status = 'doing' FROM procrastinate_jobs ORDER BY id",
    "SELECT id FROM procrastinate_jobs",
    "SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL)::text FROM procrastinate_jobs",
    "DROP FUNCTION procrastinate_fetch_job_v2",
)
PGQUEUER = Seen(
    PgqueuerJobs,
    "SELECT convert_from(payload, 'UTF8')::int, status = 'picked' FROM pgqueuer ORDER BY id",
    "SELECT id FROM pgqueuer",
    "UPDATE pgqueuer SET status = 'queued', queue_manager_id = NULL RETURNING id",
    "ALTER TABLE pgqueuer DROP COLUMN headers",
)
ENGINES = [pytest.param(engine, id=engine.queue.engine.name) for engine in (PROCRASTINATE, PGQUEUER)]


@frozen
class Place:
    """A database with an engine in it."""

    harness: PostgresqlHarness
    engine: Seen

    def told(self, question: str) -> list[tuple[Any, ...]]:
        """Ask the database itself."""
        with psycopg.connect(self.harness.url, autocommit=True) as connection:
            return connection.execute(question.encode()).fetchall()

    def deliveries(self) -> list[tuple[Any, ...]]:
        """What the engine holds."""
        return self.told(self.engine.deliveries)


@asynccontextmanager
async def place_of(url: str, engine: Seen, queue: type[CarriedJobs] | None = None) -> AsyncIterator[Place]:
    """A database with the engine's tables, at noon, so that what is due is handed over with its commit."""
    install(url, engine.queue)
    async with postgresql_harness(url, queue=queue or engine.queue) as harness:
        harness.clock.move_to(NOON)
        yield Place(harness, engine)
