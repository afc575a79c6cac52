"""Customers of a running server: each asks for a price and books, again and again."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

from repaircore.entrypoints.demo.client import Client
from repaircore.entrypoints.demo.refusals import DemoFailed

Wire = Mapping[str, Any]

QUOTE = {"device_id": "iphone-13-pro", "items": [{"service_id": "screen-repair"}]}
CUSTOMER = {"name": "Ada Example", "email": "ada@example.com", "phone": "020 7946 0999"}


async def book(client: Client) -> Wire:
    """Ask for a price and book; answer the booking that the server acknowledged."""
    quote = await client.post("/v1/quotes", QUOTE, expect=201)
    wanted = {
        "quote_id": quote["id"],
        "customer": CUSTOMER,
        "fulfilment": "in_store",
        "issue_description": "The screen is cracked from corner to corner.",
    }
    booking: Wire = await client.post("/v1/bookings", wanted, expect=201)
    return booking


async def crowd(client: Client, many: int, acknowledged: Callable[[Wire], None]) -> None:
    """Many customers book until the server no longer answers."""

    async def customer() -> None:
        try:
            while True:
                acknowledged(await book(client))
        except (DemoFailed, aiohttp.ClientError, TimeoutError):
            return

    await asyncio.gather(*(customer() for _ in range(many)))


async def messages(client: Client, booking: Wire) -> int:
    """Count the messages that went out about a booking."""
    path = f"/v1/bookings/{booking['id']}/timeline"
    story = (await client.get(path, token=booking["tracking_token"]))["items"]
    return sum(each["kind"] == "message.sent" for each in story)
