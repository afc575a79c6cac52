"""A running sandbox, with everything a test plays: the shop, the browser and the shop's webhook address."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from attrs import define, field, frozen

from repaircore.adapters.payments.sandbox.provider import Account, SandboxServer
from repaircore.ports.clock import Clock

APPROVED, DECLINED = "4242 4242 4242 4242", "4000000000000002"
CHALLENGED, NO_FUNDS = "4000-0025-0000-3155", "4000000000009995"


@frozen
class Reply:
    """What a browser or a script was answered."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.text)


@define(eq=False)
class Till:
    """`webhooks` are the events that arrived, oldest first; `refusals` is how many deliveries are turned away before that."""

    server: SandboxServer
    browser: aiohttp.ClientSession
    webhooks: list[Any] = field(factory=list)
    stamps: list[str] = field(factory=list)  # the signature headers of every attempt
    refusals: int = 0

    async def ask(self, method: str, path: str, *, key: str = "", **body: Any) -> Reply:
        """Call the shop's API."""
        headers = {"Authorization": "Bearer key"} | ({"Idempotency-Key": key} if key else {})
        return await self._send(method, path, headers=headers, json=body or None)

    async def open(self, key: str = "pay_1", *, mode: str = "sale", **more: Any) -> str:
        """Open a checkout for 500 yen, and answer its id."""
        reply = await self.ask("POST", "/v1/sessions", key=key, mode=mode, amount=500, currency="JPY", **more)
        assert reply.status == 201, reply.text
        return str(reply.json["id"])

    async def status(self, session: str) -> str:
        """What the API says of it."""
        return str((await self.ask("GET", f"/v1/sessions/{session}")).json["status"])

    async def look(self, session: str) -> Reply:
        """Open the pay page."""
        return await self._send("GET", f"/pay/{session}")

    async def submit(self, session: str, **fields: Any) -> Reply:
        """Send the pay page's form."""
        return await self._send("POST", f"/pay/{session}", data=fields)

    async def script(self, session: str, **body: Any) -> Reply:
        """Send JSON to the pay page."""
        return await self._send("POST", f"/pay/{session}", json=body)

    async def kinds(self) -> list[str]:
        """The kinds of news that arrived, once nothing is under way."""
        await self.server.desk.courier.settle()
        return [str(event["type"]) for event in self.webhooks]

    async def receive(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Be the shop's webhook address."""
        self.stamps.append(headers["Sandbox-Signature"])
        if self.refusals > 0:
            self.refusals -= 1
            return 503
        self.webhooks.append(json.loads(body))
        return 200

    async def _send(self, method: str, path: str, **more: Any) -> Reply:
        url = self.server.base_url + path
        async with self.browser.request(method, url, allow_redirects=False, **more) as answer:
            return Reply(answer.status, await answer.text(), answer.headers)


@asynccontextmanager
async def open_till(clock: Clock, *, state: Path | None = None) -> AsyncIterator[Till]:
    """Run a sandbox for as long as the block lasts."""
    account = Account(api_key="key", webhook_secrets=("secret",), webhook_url="http://shop.example.com/hook")
    server = SandboxServer(account, clock=clock, state=state)
    async with aiohttp.ClientSession() as browser:
        till = Till(server, browser)
        server.post = till.receive
        async with server:
            yield till
