"""Customers who do not give up, and a journal of all that they were told."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any, Final
from uuid import uuid4

import aiohttp
from attrs import define, field

from repaircore.entrypoints.demo.customer import CARD
from tests.chaos.programs.patience import PATIENCE
from tests.chaos.programs.shop import Shop
from tests.e2e.customers import CUSTOMER, QUOTE

Wire = Mapping[str, Any]

_PAUSE: Final = 0.02  # seconds between two tries
_IN_PROGRESS: Final = frozenset({"idempotency_in_progress", "conflict", "already_exists"})
_ANSWERS: Final = aiohttp.ClientTimeout(total=20)


class Wrong(Exception):
    """An answer that nobody should have been given."""


@define
class Journal:
    """What was acknowledged, and what was wrong."""

    booked: dict[str, str] = field(factory=dict)  # booking → reference
    started: dict[str, str] = field(factory=dict)  # payment → booking
    paid: dict[str, str] = field(factory=dict)  # payment → booking
    confirmed: set[str] = field(factory=set)
    wrong: list[str] = field(factory=list)
    grew: asyncio.Event = field(factory=asyncio.Event)

    def note(self, page: dict[str, str], key: str, value: str) -> None:
        """Write it down, and let whoever waits for news know."""
        page[key] = value
        self.grew.set()


@define(eq=False)
class Crowd:
    """Many customers of one shop."""

    shop: Shop
    session: aiohttp.ClientSession
    journal: Journal = field(factory=Journal)
    closing: bool = False
    _numbers: "count[int]" = field(factory=count)

    async def live(self) -> None:
        """Be one customer after the other until the crowd goes home."""
        try:
            while not self.closing:
                await self._visit()
        except Wrong as wrong:
            self.journal.wrong.append(str(wrong))
            self.journal.grew.set()

    async def _visit(self) -> None:
        """Ask for a price, book, pay, and have it confirmed by the staff."""
        journal, pays = self.journal, next(self._numbers) % 2
        quote = await self.ask("/v1/quotes", {**QUOTE, "urgency": "urgent" if pays else "standard"}, expect=201)
        wanted = {
            "quote_id": quote["id"],
            "customer": CUSTOMER,
            "fulfilment": "in_store",
            "issue_description": "The screen is cracked from corner to corner.",
        }
        booking = await self.ask("/v1/bookings", wanted, expect=201)
        journal.note(journal.booked, booking["id"], booking["reference"])
        if pays:
            await self._pay(booking)
        await self.ask(f"/v1/bookings/{booking['id']}/confirm", {}, token=self.shop.staff)
        journal.confirmed.add(booking["id"])

    async def _pay(self, booking: Wire) -> None:
        journal, token = self.journal, booking["tracking_token"]
        path = f"/v1/bookings/{booking['id']}/payments"
        payment = await self.ask(path, {"purpose": "deposit"}, token=token, expect=201)
        journal.note(journal.started, payment["id"], booking["id"])
        async with self.session.post(payment["next_action"]["url"], json={"card": CARD}) as page:
            assert page.status == 200, await page.text()
        seen = payment
        while seen["status"] != "succeeded":
            seen = await self.ask(f"/v1/payments/{payment['id']}/verify", {}, token=token)
        journal.note(journal.paid, payment["id"], booking["id"])

    async def ask(self, path: str, body: Wire, *, token: str = "", expect: int = 200) -> Wire:
        """Send the same request under the same key until it is answered. Raises Wrong for an answer that is none of those."""
        headers = {"Idempotency-Key": str(uuid4()), **({"Authorization": f"Bearer {token}"} if token else {})}
        until = asyncio.get_running_loop().time() + PATIENCE
        while asyncio.get_running_loop().time() < until:
            with suppress(aiohttp.ClientError, TimeoutError):
                async with self.session.post(self.shop.url + path, json=body, headers=headers) as response:
                    answer: Wire = await response.json(content_type=None)
                    if response.status == expect:
                        return answer
                    if response.status < 500 and answer.get("code") not in _IN_PROGRESS:
                        raise Wrong(f"{path}: {response.status} {answer.get('code')}: {answer.get('detail')}")
            await asyncio.sleep(_PAUSE)
        raise Wrong(f"{path}: no answer within {PATIENCE:g} seconds")


@asynccontextmanager
async def crowd(shop: Shop, many: int) -> AsyncIterator[Crowd]:
    """Let many customers loose; at the end each of them finishes what they are at."""
    async with aiohttp.ClientSession(timeout=_ANSWERS) as session:
        people = Crowd(shop, session)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(many):
                tasks.create_task(people.live())
            yield people
            people.closing = True
