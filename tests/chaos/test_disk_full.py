"""A full disk is a reason to come back later, and no harm to what is stored."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from attrs import define, field

from tests.chaos.programs.comparing import losses
from tests.chaos.programs.disk import Disk, quota, small_disk
from tests.chaos.programs.load import Journal
from tests.chaos.programs.shop import Shop, shop
from tests.chaos.programs.variants import DEAF
from tests.e2e.customers import CUSTOMER, QUOTE

_ENOUGH = 400  # requests until a disk of that size is full, or has room again, at the very latest

Place = Callable[[Path], AbstractContextManager[Disk]]


@define(eq=False)
class Till:
    """Books one job after the other."""

    shop: Shop
    session: aiohttp.ClientSession
    journal: Journal = field(factory=Journal)

    async def ask(self, path: str, body: Mapping[str, Any]) -> tuple[aiohttp.ClientResponse, Any]:
        async with self.session.post(self.shop.url + path, json=body) as response:
            return response, await response.json(content_type=None)

    async def book(self) -> tuple[aiohttp.ClientResponse, Any]:
        """Ask for a price and book; answer the first answer that is not 201, or the last."""
        response, answer = await self.ask("/v1/quotes", QUOTE)
        if response.status == 201:
            issue = "The screen is cracked from corner to corner."
            wanted = {
                "quote_id": answer["id"],
                "customer": CUSTOMER,
                "fulfilment": "in_store",
                "issue_description": issue,
            }
            response, answer = await self.ask("/v1/bookings", wanted)
        if response.status == 201:
            self.journal.booked[answer["id"]] = answer["reference"]
        return response, answer

    async def book_until(self, status: int) -> tuple[aiohttp.ClientResponse, Any]:
        """Book until that is the answer."""
        for _ in range(_ENOUGH):
            response, answer = await self.book()
            if response.status == status:
                return response, answer
        raise AssertionError(f"{status} was never answered; the last answer was {response.status}: {answer}")


@pytest.mark.parametrize("place", [small_disk, quota])
async def test_a_full_disk(tmp_path: Path, place: Place) -> None:
    """While it is full the answer is 503, with a problem document; then the same process goes on, and nothing is broken."""
    with place(tmp_path / "data") as disk:
        async with shop(tmp_path) as open_shop, aiohttp.ClientSession() as session:
            till = Till(open_shop, session)
            await open_shop.open()
            await till.book_until(201)
            assert open_shop.server is not None
            disk.fill(open_shop.server.pid)
            refused, problem = await till.book_until(503)
            async with session.get(f"{open_shop.url}/health") as health:
                assert health.status == 200
            disk.empty(open_shop.server.pid)
            await till.book_until(201)
            assert open_shop.server.is_alive
            await open_shop.kill(server=True, worker=True)
            found = await losses(open_shop.database, till.journal)

        assert refused.content_type == "application/problem+json"
        assert (problem["status"], problem["code"]) == (503, "unavailable")
        assert int(refused.headers["Retry-After"]) > 0
        assert not found
        with closing(sqlite3.connect(tmp_path / "data" / "shop.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


async def test_a_server_that_does_not_hear_of_a_full_disk(tmp_path: Path) -> None:
    """It is found out: the quote that it answered with is not there when it is to be booked."""
    with small_disk(tmp_path / "data") as disk:
        async with shop(tmp_path, variant=DEAF) as open_shop, aiohttp.ClientSession() as session:
            till = Till(open_shop, session)
            await open_shop.open()
            assert open_shop.server is not None
            disk.fill(open_shop.server.pid)

            _, lost = await till.book_until(422)

    assert lost["errors"][0]["pointer"] == "/quote_id"
