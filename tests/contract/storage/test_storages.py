"""The databases keep the storage contract."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from repaircore.testing.storage import DurableContract, StorageContract
from tests.contract.storage.harnesses import (
    MemoryHarness,
    PostgresqlHarness,
    SqliteHarness,
    postgresql_harness,
    sqlite_harness,
)


class TestMemory(StorageContract):
    """The twin in memory."""

    @pytest.fixture
    def harness(self) -> MemoryHarness:
        return MemoryHarness()


class TestSqlite(StorageContract, DurableContract):
    """SQLite, on a file."""

    @pytest.fixture
    async def harness(self, tmp_path: Path) -> AsyncIterator[SqliteHarness]:
        async with sqlite_harness(tmp_path) as harness:
            yield harness


class TestPostgresql(StorageContract, DurableContract):
    """PostgreSQL, on a server."""

    @pytest.fixture
    async def harness(self, postgres_url: str) -> AsyncIterator[PostgresqlHarness]:
        async with postgresql_harness(postgres_url) as harness:
            yield harness
