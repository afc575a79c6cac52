"""The embedded queue keeps the contract on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

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
