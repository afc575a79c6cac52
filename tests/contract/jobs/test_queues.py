"""Every queue keeps the contract: the embedded one on both databases, and the engines."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from repaircore.adapters.jobs.pgqueuer.queue import PgqueuerJobs
from repaircore.adapters.jobs.procrastinate.queue import ProcrastinateJobs
from repaircore.adapters.jobs.schema import install
from repaircore.testing.jobs import JobQueueContract
from tests.contract.storage.harnesses import (
    MemoryHarness,
    PostgresqlHarness,
    SqliteHarness,
    postgresql_harness,
    sqlite_harness,
)


class TestMemory(JobQueueContract):
    """The twin in memory."""

    @pytest.fixture
    def harness(self) -> MemoryHarness:
        return MemoryHarness()


class TestSqlite(JobQueueContract):
    """SQLite, on a file."""

    @pytest.fixture
    async def harness(self, tmp_path: Path) -> AsyncIterator[SqliteHarness]:
        async with sqlite_harness(tmp_path) as harness:
            yield harness


class TestPostgresql(JobQueueContract):
    """PostgreSQL, on a server."""

    @pytest.fixture
    async def harness(self, postgres_url: str) -> AsyncIterator[PostgresqlHarness]:
        async with postgresql_harness(postgres_url) as harness:
            yield harness


class TestPgqueuer(JobQueueContract):
    """pgqueuer, on the same server."""

    @pytest.fixture
    async def harness(self, postgres_url: str) -> AsyncIterator[PostgresqlHarness]:
        install(postgres_url, PgqueuerJobs)
        async with postgresql_harness(postgres_url, queue=PgqueuerJobs) as harness:
            yield harness


class TestProcrastinate(JobQueueContract):
    """procrastinate, on the same server."""

    @pytest.fixture
    async def harness(self, postgres_url: str) -> AsyncIterator[PostgresqlHarness]:
        install(postgres_url, ProcrastinateJobs)
        async with postgresql_harness(postgres_url, queue=ProcrastinateJobs) as harness:
            yield harness
