"""The composition of deploy/compose.yaml as it is written there: its commands and variables, on a real PostgreSQL with a password."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from secrets import token_hex

import pytest
from redis import Redis

from repaircore.entrypoints.demo.refusals import DemoFailed
from tests.e2e.deployed.composition import Service, services
from tests.e2e.deployed.guarded import PASSWORD, guarded_postgres
from tests.e2e.deployed.play import one_shop, opened, play
from tests.e2e.deployed.program import done
from tests.e2e.deployed.stage import Checkout, whereabouts, write

SECRETS = {"secret-key": "0123456789abcdef" * 4, "database-password": PASSWORD}


@pytest.fixture
def database_url() -> Iterator[str]:
    """A PostgreSQL of the test's own."""
    with guarded_postgres() as url:
        yield url


@pytest.fixture
def reached(database_url: str, valkey_url: str) -> Mapping[str, str]:
    """Where the composition's servers are."""
    return whereabouts(database_url, valkey_url)


async def test_the_composition(reached: Mapping[str, str], valkey_url: str, tmp_path: Path) -> None:
    """It is migrated once, two servers are one shop, two workers tell each customer once, and SIGTERM ends all of them well.
    Requests are counted on Valkey."""
    await play(Checkout(tmp_path, reached, SECRETS))

    with Redis.from_url(valkey_url) as valkey:
        assert valkey.keys("*repaircore*")


async def test_a_wrong_password(reached: Mapping[str, str], tmp_path: Path) -> None:
    """The password that is used is the one in the file."""
    stage = Checkout(tmp_path, reached, {**SECRETS, "database-password": "wrong"})

    with pytest.raises(AssertionError, match="cannot open the database"):
        await done(stage, services()["migrate"])


class OwnKeys(Checkout):
    """A mistake: every service signs with a key of its own."""

    def variables(self, service: Service) -> Mapping[str, str]:
        own = self.folder / token_hex(4)
        write({"key": token_hex(32)}, own)
        return {**super().variables(service), "REPAIRCORE_SECRET_KEY_FILE": str(own / "key")}


async def test_servers_that_are_not_one_shop(reached: Mapping[str, str], tmp_path: Path) -> None:
    """Two servers that do not believe each other's links are caught."""
    stage = OwnKeys(tmp_path, reached, SECRETS)
    await done(stage, services()["migrate"])
    async with opened(stage) as (servers, _):
        urls = [(await server.event("listening"))["url"] for server in servers]

        with pytest.raises(DemoFailed, match="expected 200, the answer was 401"):
            await one_shop(urls, stage)
