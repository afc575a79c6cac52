"""However many ask for the same thing at the same moment, of however many server processes: one of them gets it."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from attrs import frozen

from repaircore.domain.identity import BookingId
from repaircore.ports.unit_of_work import BookingFilter
from tests.chaos.programs.shop import Shop, shop, stored
from tests.chaos.programs.variants import DEAF, KEYLESS
from tests.e2e.customers import CUSTOMER, QUOTE

_REQUESTS, _RACERS = 100, 50


@frozen
class Two:
    """Two servers over one database."""

    shop: Shop
    urls: tuple[str, str]
    session: aiohttp.ClientSession

    async def ask(self, path: str, body: Mapping[str, Any], *, url: str = "", key: str = "") -> tuple[int, Any]:
        """Answer the status and the body."""
        headers = {"Authorization": f"Bearer {self.shop.staff}", **({"Idempotency-Key": key} if key else {})}
        async with self.session.post((url or self.urls[0]) + path, json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    async def at_once(
        self, path: str, body: Mapping[str, Any], *, keys: Iterator[str], many: int
    ) -> list[tuple[int, Any]]:
        """Ask that often at the same moment, one server after the other."""
        return await asyncio.gather(
            *(self.ask(path, body, url=url, key=key) for _, url, key in zip(range(many), cycle(self.urls), keys))
        )

    async def wish(self) -> Mapping[str, Any]:
        """Ask for a price, and answer what to send to book it."""
        _, quote = await self.ask("/v1/quotes", QUOTE)
        issue = "The screen is cracked from corner to corner."
        return {"quote_id": quote["id"], "customer": CUSTOMER, "fulfilment": "in_store", "issue_description": issue}


@asynccontextmanager
async def two_servers(folder: Path, database: str = "", variant: str = "") -> AsyncIterator[Two]:
    """Run them."""
    connector = aiohttp.TCPConnector(limit=0)
    async with shop(folder, postgres=database, variant=variant) as place:
        await place.open()
        second = await place.second()
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=60)) as session:
            yield Two(place, (place.url, second), session)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Each of the databases; an empty one is a file."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


async def one_effect(two: Two) -> bool:
    """Whether a hundred requests under one key are one booking, told to all who are told anything, and to who comes later."""
    wanted = await two.wish()
    answers = await two.at_once("/v1/bookings", wanted, keys=cycle(("the same key",)), many=_REQUESTS)
    answers += [await two.ask("/v1/bookings", wanted, url=url, key="the same key") for url in two.urls]
    told = {answer["id"] for status, answer in answers if status == 201}
    refused = {answer["code"] for status, answer in answers if status != 201}
    async with stored(two.shop.database) as storage, storage.unit_of_work() as work:
        made = {str(booking.id) for booking in await work.bookings.find(BookingFilter(), limit=10)}
    return (
        told == made
        and len(made) == 1
        and all(status == 201 for status, _ in answers[_REQUESTS:])
        and refused <= {"idempotency_in_progress", "conflict"}
    )


async def one_winner(two: Two) -> bool:
    """Whether of fifty who confirm one booking one is told so, and it is so."""
    _, booking = await two.ask("/v1/bookings", await two.wish())
    keys = (f"racer {number}" for number in range(_RACERS))
    answers = await two.at_once(f"/v1/bookings/{booking['id']}/confirm", {}, keys=keys, many=_RACERS)
    refused = {answer["code"] for status, answer in answers if status != 200}
    async with stored(two.shop.database) as storage, storage.unit_of_work() as work:
        moves = [str(entry.action) for entry in await work.bookings.history(BookingId(booking["id"]))]
        events = [event.name for event in await work.events.of_aggregate(booking["id"])]
    assert refused <= {"illegal_transition", "conflict"}
    return (
        sum(status == 200 for status, _ in answers) == 1
        and moves == ["book", "confirm"]
        and events.count("booking.confirmed") == 1
    )


async def test_one_key_and_one_booking(tmp_path: Path, database: str) -> None:
    """A hundred requests with one key have one effect; fifty who confirm one booking have one winner."""
    async with two_servers(tmp_path, database) as two:
        assert await one_effect(two)
        assert await one_winner(two)


async def test_servers_that_keep_no_answers(tmp_path: Path) -> None:
    """They are found out by the hundred requests."""
    async with two_servers(tmp_path, variant=KEYLESS) as two:
        assert not await one_effect(two)


async def test_servers_that_do_not_hear_of_conflicts(tmp_path: Path) -> None:
    """They are found out by the fifty racers."""
    async with two_servers(tmp_path, variant=DEAF) as two:
        assert not await one_winner(two)
