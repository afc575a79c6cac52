"""A database, as two processes see it, and a person who goes around the program."""

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from tests.contract.storage.harnesses import PostgresqlHarness, postgresql_harness

Person = psycopg.AsyncConnection[Any]


@pytest.fixture
async def harness(postgres_url: str) -> AsyncIterator[PostgresqlHarness]:
    async with postgresql_harness(postgres_url) as harness:
        yield harness


@pytest.fixture
async def elsewhere(harness: PostgresqlHarness) -> AsyncIterator[PostgresqlHarness]:
    """The same database, opened by another process: nothing is shared but the server."""
    async with postgresql_harness(harness.url) as other:
        yield other


@pytest.fixture
async def person(harness: PostgresqlHarness) -> AsyncIterator[Person]:
    """A connection with a transaction of its own, which stays open for as long as the test likes."""
    async with await psycopg.AsyncConnection.connect(harness.url) as connection:
        yield connection
