"""Every way of telling keeps the contract."""

from collections.abc import AsyncIterator

import pytest

from repaircore.testing.pubsub import PubSubContract, RemotePubSubContract
from repaircore.wiring.providers import BUILT_IN
from tests.contract.pubsub.harnesses import InProcess, OverPostgresql, OverValkey


class TestMemory(PubSubContract):
    """Within one process."""

    provider = "memory"

    @pytest.fixture
    def harness(self) -> InProcess:
        return InProcess.of()


class TestPostgresql(RemotePubSubContract):
    """By LISTEN and NOTIFY of a real server."""

    provider = "postgresql"

    @pytest.fixture
    async def harness(self, postgres_url: str) -> AsyncIterator[OverPostgresql]:
        harness = OverPostgresql.at(postgres_url)
        yield harness
        await harness.one.aclose()
        await harness.other.aclose()


class TestValkey(RemotePubSubContract):
    """By the channels of a real server."""

    provider = "redis"

    @pytest.fixture
    async def harness(self, valkey_url: str) -> AsyncIterator[OverValkey]:
        harness = OverValkey.at(valkey_url)
        yield harness
        await harness.one.aclose()
        await harness.other.aclose()


def test_every_provider_is_under_contract() -> None:
    """None is left out."""
    under_contract = {each.provider for each in (TestMemory, TestPostgresql, TestValkey)}

    assert under_contract == {name for room, name in BUILT_IN if room == "pubsub"}
