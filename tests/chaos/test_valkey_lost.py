"""Valkey, which counts requests for all servers, is killed under load: business goes on, and each process counts for itself."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from repaircore.adapters.clock.system import SystemClock
from repaircore.adapters.limits.redis import RedisLimits, RedisSettings
from repaircore.adapters.payments.sandbox.provider import Account, SandboxServer
from repaircore.entrypoints.demo.customer import CARD
from repaircore.wiring.core import Core
from tests.http.asking import Answered, Client, events
from tests.http.rooms.shop import QUOTE, booking_of
from tests.http.rooms.test_limits import shared, shop_with
from tests.servers.valkey import ValkeyServer, running_valkey


@pytest.fixture(autouse=True)
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPAIRCORE_DATABASE_URL", "memory:")


async def until(wanted: Callable[[], Awaitable[bool]]) -> None:
    """Come back when it is so, at the latest after a minute."""
    async with asyncio.timeout(60):
        while not await wanted():
            continue


async def is_ready(client: Client, status: str) -> bool:
    answered = await client.get("/ready")
    assert answered.status == 200
    return bool(answered.json["status"] == status)


async def book(client: Client, **changes: str) -> Answered:
    """Ask for a price and book it."""
    quote = await client.post("/v1/quotes", {**QUOTE, **changes})
    return await client.post("/v1/bookings", booking_of(quote.json)) if quote.status == 201 else quote


def the_check(answered: Answered) -> Any:
    return next(check for check in answered.json["checks"] if check["name"] == "rate limits")


@asynccontextmanager
async def provider() -> AsyncIterator[str]:
    """A provider of payments next door; answer what the business file says of it."""
    account = Account(api_key="key", webhook_secrets=("secret",), webhook_url="http://127.0.0.1:9/nobody")
    async with SandboxServer(account, clock=SystemClock()) as server:
        yield f"""
[payments.providers.sandbox]
base_url = "{server.base_url}"
api_key = "key"
webhook_secrets = ["secret"]
"""


async def buy(client: Client) -> str:
    """Book something whose deposit is due at once, and pay it; answer what became of that."""
    booked = await book(client, urgency="urgent")
    if booked.status != 201:
        return f"booking {booked.status}"
    token = booked.json["tracking_token"]
    started = await client.post(f"/v1/bookings/{booked.json['id']}/payments", {"purpose": "deposit"}, token=token)
    if started.status != 201:
        return f"payment {started.status}"
    async with client.session.post(started.json["next_action"]["url"], json={"card": CARD}) as page:
        assert page.status == 200
    verified = await client.post(f"/v1/payments/{started.json['id']}/verify", token=token)
    return str(verified.json["status"]) if verified.status == 200 else f"verify {verified.status}"


class Customers:
    """Customers who book and pay one after another; `served` is what became of each."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._closing = asyncio.Event()
        self.served: list[str] = []

    async def come(self) -> None:
        while not self._closing.is_set():
            self.served.append(await buy(self._client))

    async def reach(self, number: int) -> None:
        async def reached() -> bool:
            await asyncio.sleep(0)
            return len(self.served) >= number

        await until(reached)

    def go_home(self) -> None:
        self._closing.set()


async def test_valkey_is_lost_under_load(tmp_path: Path) -> None:
    """Bookings and payments go on, at once, all of them; /ready says degraded, the log says so once; limits hold in each process, and are
    shared again by themselves when the server is back."""
    with running_valkey() as valkey:
        async with (
            provider() as payments,
            shop_with(tmp_path, shared(valkey, 3) + payments) as client,
            asyncio.TaskGroup() as crowd,
        ):
            customers = Customers(client)
            for _ in range(4):
                crowd.create_task(customers.come())
            await customers.reach(10)
            assert await is_ready(client, "ready")

            valkey.kill()
            await until(lambda: is_ready(client, "degraded"))
            lost = the_check(await client.get("/ready"))
            dead_until = time.monotonic() + 2.5  # more than one look whether it is back
            await customers.reach(len(customers.served) + 20)
            while time.monotonic() < dead_until:
                assert await is_ready(client, "degraded")
            reads = [(await client.get("/v1/catalog/brands")).status for _ in range(4)]

            valkey.start()
            await until(lambda: is_ready(client, "ready"))
            again = [(await client.get("/v1/catalog/brands")).status for _ in range(4)]
            customers.go_home()

        assert set(customers.served) == {"succeeded"}
        assert lost["ok"]
        assert lost["degraded"]
        assert "each process counts for itself" in lost["detail"]
        assert reads == [200, 200, 200, 429]
        assert again == [200, 200, 200, 429]
        assert len(events(client.lines, "degraded")) == len(events(client.lines, "restored")) == 1


async def test_a_count_that_is_believed_in_is_caught(tmp_path: Path) -> None:
    """The broken variant asks Valkey for every request and nobody else: without it nobody can book."""
    with running_valkey() as valkey:
        async with shop_with(tmp_path, shared(valkey, 3), changed=lambda core: believing(core, valkey)) as client:
            assert (await book(client)).status == 201

            valkey.kill()

            assert (await book(client)).status == 503


def believing(core: Core, valkey: ValkeyServer) -> Core:
    """The core, without anything to fall back to."""
    alone = evolve(core.limiting, limits=RedisLimits(RedisSettings(url=valkey.url, patience_ms=500)))
    return evolve(core, providers=evolve(core.providers, limiting=alone))
