"""Servers hear at once of what other processes publish. Their clocks stand still here, so that nobody ever looks by himself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp import ClientSession
from attrs import evolve, frozen

from repaircore.adapters.clock.memory import ManualClock
from repaircore.application.pricing.following import PUBLISHED
from repaircore.application.pricing.pricebook import LOOK_EVERY
from repaircore.domain.catalog.catalogue import Catalogue, Device
from repaircore.entrypoints.http.rooms import application
from repaircore.entrypoints.http.server import accepting
from repaircore.entrypoints.listening import address, bound
from repaircore.entrypoints.logs import JsonLog
from repaircore.wiring.core import Core
from repaircore.wiring.opening import open_core
from tests.http.asking import Client
from tests.http.rooms.shop import QUOTE
from tests.servers.valkey import running_valkey

BUSINESS = Path(__file__).parents[3] / "examples" / "revivatech" / "business.toml"


@frozen
class TwoProcesses:
    """A server that customers ask, and another process that publishes."""

    client: Client
    server: Core
    other: Core

    async def publish(self, version: str) -> None:
        """Publish a rulebook in the other process."""
        book = self.other.rulebooks.in_force()
        await self.other.publish.anew(evolve(book, version=version), approver="Dana Example")

    async def until_known(self, version: str) -> None:
        """Come back when the server has that rulebook, though nobody asked it for anything."""
        async with asyncio.timeout(20):
            while not self.server.rulebooks.prices.has(version):  # noqa: ASYNC110 - what ends it is what is tested
                await asyncio.sleep(0)

    async def version(self) -> str:
        """Ask the server for a price, and answer what it was made by."""
        answered = await self.client.post("/v1/quotes", QUOTE)
        return str(answered.json["rulebook_version"])


@asynccontextmanager
async def two_processes(folder: Path) -> AsyncIterator[TwoProcesses]:
    """Both on one database, and the server listening."""
    async with AsyncExitStack() as open_:
        server = await open_.enter_async_context(open_core(BUSINESS, data_dir=folder, clock=ManualClock()))
        other = await open_.enter_async_context(open_core(BUSINESS, data_dir=folder, clock=ManualClock()))
        listener = open_.enter_context(bound("127.0.0.1", 0))
        app = application(server, log=JsonLog(BytesIO()))
        await open_.enter_async_context(accepting(app, listener, patience=5))
        client = Client(address(listener), await open_.enter_async_context(ClientSession()))
        async with server.providers.pubsub.subscribe(PUBLISHED):
            """Until the server listens."""
        both = TwoProcesses(client, server, other)
        await both.version()
        yield both


@pytest.fixture
async def on_postgresql(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[TwoProcesses]:
    monkeypatch.setenv("REPAIRCORE_DATABASE_URL", postgres_url)
    async with two_processes(tmp_path) as both:
        yield both


async def test_a_rulebook_is_in_force_at_once(on_postgresql: TwoProcesses) -> None:
    """What another process published is taken in before anybody asks, and prices the next quote."""
    await on_postgresql.publish("2099.1")
    await on_postgresql.until_known("2099.1")

    assert await on_postgresql.version() == "2099.1"


async def test_a_rollback_is_in_force_at_once(on_postgresql: TwoProcesses) -> None:
    """Going back is publishing as well."""
    first = await on_postgresql.version()
    await on_postgresql.publish("2099.1")
    await on_postgresql.until_known("2099.1")

    await on_postgresql.other.rulebooks.roll_back(approver="Dana Example")

    async with asyncio.timeout(20):
        while await on_postgresql.version() != first:
            continue


async def test_a_catalogue_is_on_sale_at_once(on_postgresql: TwoProcesses) -> None:
    """A device that another process took in is found without waiting."""
    catalogue = on_postgresql.other.catalog.prices.catalogue
    device = evolve(catalogue.device("iphone-13-pro"), id="a-new-one")
    await on_postgresql.other.catalogues.take_in_files(with_device(catalogue, device))

    async with asyncio.timeout(20):
        while (await on_postgresql.client.get("/v1/catalog/devices/a-new-one")).status != 200:
            continue


def with_device(catalogue: Catalogue, device: Device) -> Catalogue:
    """The same catalogue with one device more."""
    return evolve(catalogue, devices={**catalogue.devices, "a-new-one": device})


async def test_without_a_message(tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that cannot tell each other find it by looking, when their clocks say so and not before."""
    monkeypatch.setenv("REPAIRCORE_DATABASE_URL", postgres_url)
    monkeypatch.setenv("REPAIRCORE_PUBSUB_PROVIDER", "memory")
    async with two_processes(tmp_path) as both:
        before = await both.version()
        await both.publish("2099.1")

        assert await both.version() == before
        clock = both.server.clock
        assert isinstance(clock, ManualClock)
        clock.advance(LOOK_EVERY)
        assert await both.version() == "2099.1"


async def test_valkey_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers of an embedded database hear each other by way of Valkey. While it is away /ready says so and publishing goes on;
    what was published meanwhile is taken in when it is back."""
    monkeypatch.setenv("REPAIRCORE_PUBSUB_PROVIDER", "redis")
    with running_valkey() as valkey:
        monkeypatch.setenv("REPAIRCORE_PUBSUB_REDIS_URL", valkey.url)
        async with two_processes(tmp_path) as both:
            await both.publish("2099.1")
            await both.until_known("2099.1")

            valkey.kill()
            await both.publish("2099.2")
            async with asyncio.timeout(20):
                while (degraded := (await both.client.get("/ready")).json)["status"] == "ready":
                    continue
            assert await both.version() == "2099.1"
            valkey.start()
            await both.until_known("2099.2")

            assert [each["name"] for each in degraded["checks"] if each["degraded"]] == ["messages"]
            assert both.server.providers.pubsub.trouble == ""
