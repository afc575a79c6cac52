"""A shop that is being asked over HTTP: the example business on the real core, in memory, its clock moved by hand."""

from typing import Any

from attrs import frozen

from repaircore.adapters.clock.memory import ManualClock
from repaircore.wiring.core import Core
from tests.http.asking import Answered, Client

QUOTE: dict[str, Any] = {"device_id": "iphone-13-pro", "items": [{"service_id": "screen-repair"}]}
CUSTOMER = {"name": "Ana Example", "email": "ana@example.com", "phone": "020 7946 0018"}


def booking_of(quote: Any, **changes: Any) -> dict[str, Any]:
    """A booking request for that quote."""
    return {
        "quote_id": quote["id"],
        "customer": CUSTOMER,
        "fulfilment": "in_store",
        "issue_description": "The screen is cracked in one corner.",
        **changes,
    }


@frozen
class Shop:
    """The client, and the core behind it for what only an operator sees."""

    client: Client
    core: Core
    clock: ManualClock
    staff: str

    async def quote(self, **changes: Any) -> Any:
        """Ask for a price."""
        answered = await self.client.post("/v1/quotes", {**QUOTE, **changes})
        assert answered.status == 201, answered.raw
        return answered.json

    async def booked(self, **changes: Any) -> Any:
        """Book a job; changes are to the quote."""
        answered = await self.client.post("/v1/bookings", booking_of(await self.quote(**changes)))
        assert answered.status == 201, answered.raw
        return answered.json

    async def move(self, booking: Any, action: str, reason: str = "", **headers: str) -> Answered:
        """Make a move as the shop's staff."""
        path = f"/v1/bookings/{booking['id']}/{action}"
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(path, {"reason": reason}, token=self.staff, headers=told)

    async def pay(self, booking: Any, purpose: str, card: str = "4242424242424242") -> Any:
        """Pay at the provider's page, hear its webhook, and do the jobs that follow."""
        path = f"/v1/bookings/{booking['id']}/payments"
        started = await self.client.post(path, {"purpose": purpose}, token=self.staff)
        assert started.status == 201, started.raw
        async with self.client.session.post(started.json["next_action"]["url"], json={"card": card}) as page:
            assert page.status < 500
        await self.client.post(f"/v1/payments/{started.json['id']}/verify", token=self.staff)
        await self.core.operations.worker.drain()
        return (await self.client.get(f"/v1/payments/{started.json['id']}", token=self.staff)).json
