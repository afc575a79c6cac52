"""Rate limits of a real shop: from its business file, and shared by way of a real Valkey that is killed under load."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from repaircore.entrypoints.http.rooms import application
from repaircore.entrypoints.http.server import accepting
from repaircore.entrypoints.listening import address, bound
from repaircore.entrypoints.logs import JsonLog
from repaircore.entrypoints.worker import TroubleReports
from repaircore.wiring.opening import open_core
from tests.http.asking import Answered, Client, events
from tests.http.rooms.shop import QUOTE, booking_of
from tests.servers.valkey import ValkeyServer, running_valkey

EXAMPLE = Path(__file__).parents[3] / "examples" / "revivatech"


def copy_of_the_example(folder: Path, limits: str) -> None:
    """Write the example business with limits of its own."""
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    (folder / "business.toml").write_text((EXAMPLE / "business.toml").read_text() + limits)


@asynccontextmanager
async def shop_with(folder: Path, limits: str) -> AsyncIterator[Client]:
    """The example shop, with limits of its own."""
    copy_of_the_example(folder, limits)
    log = BytesIO()
    async with AsyncExitStack() as open_:
        listener = open_.enter_context(bound("127.0.0.1", 0))
        core = await open_.enter_async_context(
            open_core(folder / "business.toml", data_dir=folder, on_trouble=TroubleReports(JsonLog(log)))
        )
        await open_.enter_async_context(accepting(application(core, log=JsonLog(log)), listener, patience=5))
        session = await open_.enter_async_context(ClientSession())
        yield Client(address(listener), session, log)


@pytest.fixture(autouse=True)
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPAIRCORE_DATABASE_URL", "memory:")


async def test_usual_limits(tmp_path: Path) -> None:
    """Without a word in the business file every answer tells a limit, and the machine itself is never refused."""
    async with shop_with(tmp_path, "") as client:
        answers = [await client.get("/v1/catalog/brands") for _ in range(1300)]

        assert {each.status for each in answers} == {200}
        assert answers[0].headers["RateLimit-Policy"] == '"read-address";q=1200;w=60'
        assert answers[-1].headers["RateLimit"].startswith('"read-address";r=0;')


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
async def test_watching_is_free(tmp_path: Path, path: str) -> None:
    """Whoever watches the server may look as often as it takes."""
    async with shop_with(tmp_path, "\n[limits]\nexempt = []\n[limits.read]\naddress = 1\n") as client:
        answers = [await client.get(path) for _ in range(5)]

        assert {each.status for each in answers} == {200}
        assert "RateLimit" not in answers[0].headers


async def test_webhooks_are_free(tmp_path: Path) -> None:
    """A provider that sends a thousand webhooks in a minute has a thousand to send."""
    async with shop_with(tmp_path, "\n[limits]\nexempt = []\n[limits.write]\naddress = 1\n") as client:
        answers = [await client.post("/v1/webhooks/sandbox", {}) for _ in range(5)]

        assert {each.json["code"] for each in answers} == {"invalid_signature"}


def shared(server: ValkeyServer, reads: int) -> str:
    """Limits that are counted on that server."""
    return (
        f'\n[limits]\nprovider = "redis"\nexempt = []\n[limits.providers.redis]\nurl = "{server.url}"\npatience_ms = 3000\n'
        f"[limits.read]\naddress = {reads}\nseconds = 600\n[limits.write]\naddress = 100000\n"
    )


async def until(wanted: Callable[[], Awaitable[bool]]) -> None:
    """Come back when it is so, at the latest after a minute."""
    async with asyncio.timeout(60):
        while not await wanted():
            continue


async def is_ready(client: Client, status: str) -> bool:
    answered = await client.get("/ready")
    assert answered.status == 200
    return bool(answered.json["status"] == status)


async def book(client: Client) -> Answered:
    """Ask for a price and book it."""
    quote = await client.post("/v1/quotes", QUOTE)
    return await client.post("/v1/bookings", booking_of(quote.json)) if quote.status == 201 else quote


def the_check(answered: Answered) -> Any:
    return next(check for check in answered.json["checks"] if check["name"] == "rate limits")


async def test_two_servers_share_a_limit(tmp_path: Path) -> None:
    """What a client asked of one server counts at the other."""
    with running_valkey() as valkey:
        settings = shared(valkey, 4)
        async with shop_with(tmp_path / "a", settings) as one, shop_with(tmp_path / "b", settings) as other:
            statuses = [(await each.get("/v1/catalog/brands")).status for each in (one, other, one, other, one, other)]

    assert statuses == [200, 200, 200, 200, 429, 429]


async def test_valkey_is_lost_under_load(tmp_path: Path) -> None:
    """Bookings go on, at once and all of them; /ready says degraded, the log says so once; limits hold in each process, and are
    shared again by themselves when the server is back."""
    with running_valkey() as valkey:
        async with shop_with(tmp_path, shared(valkey, 3)) as client:
            booked: list[int] = []
            closing = asyncio.Event()

            async def customer() -> None:
                while not closing.is_set():
                    booked.append((await book(client)).status)

            customers = [asyncio.create_task(customer()) for _ in range(4)]
            await until(lambda: _reached(booked, 10))
            assert await is_ready(client, "ready")

            valkey.kill()
            await until(lambda: is_ready(client, "degraded"))
            lost = the_check(await client.get("/ready"))
            more, dead_until = len(booked) + 20, time.monotonic() + 2.5  # more than one look whether it is back
            await until(lambda: _reached(booked, more))
            while time.monotonic() < dead_until:
                assert await is_ready(client, "degraded")
            reads = [(await client.get("/v1/catalog/brands")).status for _ in range(4)]

            valkey.start()
            await until(lambda: is_ready(client, "ready"))
            again = [(await client.get("/v1/catalog/brands")).status for _ in range(4)]
            closing.set()
            await asyncio.gather(*customers)

            assert set(booked) == {201}
            assert lost["ok"]
            assert lost["degraded"]
            assert "each process counts for itself" in lost["detail"]
            assert reads == [200, 200, 200, 429]
            assert again == [200, 200, 200, 429]
            assert len(events(client.lines, "degraded")) == len(events(client.lines, "restored")) == 1


async def _reached(booked: list[int], number: int) -> bool:
    await asyncio.sleep(0)
    return len(booked) >= number
