"""What the customer does: looks for the device, asks for a price, books, pays, approves."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from attrs import frozen

from repaircore.entrypoints.demo.client import Client, until
from repaircore.entrypoints.demo.refusals import DemoFailed
from repaircore.entrypoints.demo.scenario import Scenario
from repaircore.entrypoints.demo.telling import Telling, amount

CARD = "4242424242424242"

Wire = Mapping[str, Any]


@frozen
class Customer:
    """A guest: the tokens in the answers are all they have."""

    client: Client
    scenario: Scenario
    tell: Telling

    async def find(self) -> Wire:
        """Find the device by what people type."""
        search = self.scenario.search
        self.tell.step(f'The customer looks for "{search}"')
        found = (await self.client.get("/v1/catalog/devices", q=search, limit="5"))["items"]
        if not found:
            found = (await self.client.get("/v1/catalog/devices", limit="5"))["items"]
        for each in found[:3]:
            self.tell.fact(each["id"], f"{each['name']}, {each['year'] or 'any year'}")
        device: Wire = found[0]
        return device

    async def ask(self, device: Wire) -> Wire:
        """Ask for a price."""
        self.tell.step("A price is asked for, and held")
        services = (await self.client.get("/v1/catalog/services", device_id=device["id"]))["items"]
        offered = [each["id"] for each in services]
        service = self.scenario.service if self.scenario.service in offered else offered[0]
        wanted = {"device_id": device["id"], "items": [{"service_id": service}], **self.scenario.quote}
        quote: Wire = await self.client.post("/v1/quotes", wanted, expect=201)
        self._show(quote)
        return quote

    def _show(self, quote: Wire) -> None:
        for line in quote["lines"]:
            self.tell.fact(amount(line["amount"]), f"{line['description']}, {quote['urgency']}")
        for tax in quote["tax"]:
            where = "within the price" if tax["inclusive"] else "on top"
            self.tell.fact(amount(tax["amount"]), f"{tax['name']} {tax['rate']} %, {where}")
        self.tell.fact("total", amount(quote["total"]))
        self.tell.fact("deposit", amount(quote["deposit_due"]))
        self.tell.fact("held until", quote["valid_until"])

    async def understand(self, quote: Wire) -> None:
        """Read why it costs that."""
        self.tell.step("Why it costs that: every rule that was considered")
        explained = await self.client.get(f"/v1/quotes/{quote['id']}/explanation", token=quote["token"])
        fired = [rule for rule in explained["rules"] if rule["fired"]]
        idle = [rule for rule in explained["rules"] if not rule["fired"]]
        rows = [[rule["rule_id"], amount(rule["before"]), amount(rule["after"]), rule["why"]] for rule in fired]
        self.tell.table(("rule", "before", "after", "why"), rows)
        self.tell.said(f"{len(idle)} more rules did not apply, each with its reason; one of them:")
        if idle:
            self.tell.said(f"{idle[-1]['rule_id']}: {idle[-1]['why']}")

    async def prove(self, quote: Wire) -> None:
        """Have the receipt recomputed, and accept exactly these terms."""
        self.tell.step("The receipt is recomputed, and the terms it stands for are accepted")
        path = f"/v1/quotes/{quote['id']}"
        proof = await self.client.post(f"{path}/verify", token=quote["token"])
        if not proof["matches"]:
            raise DemoFailed(f"the receipt {proof['receipt_hash']} recomputes to {proof['recomputed_hash']}")
        self.tell.fact("receipt", proof["receipt_hash"])
        self.tell.fact("recomputed", "the same, from stored inputs and rulebook " + quote["rulebook_version"])
        accepted = await self.client.post(
            f"{path}/accept", {"receipt_hash": quote["receipt_hash"]}, token=quote["token"]
        )
        self.tell.fact("status", accepted["status"])

    async def book(self, quote: Wire) -> Wire:
        """Book; sent twice under one key, it is one booking."""
        self.tell.step("The job is booked")
        scenario = self.scenario
        wanted: dict[str, Any] = {
            "quote_id": quote["id"],
            "customer": scenario.customer,
            "fulfilment": scenario.fulfilment,
            "issue_description": scenario.issue,
        }
        if scenario.address:
            wanted["address"] = scenario.address
        key = f"demo-{uuid4()}"
        booking: Wire = await self.client.post("/v1/bookings", wanted, expect=201, key=key)
        again = await self.client.post("/v1/bookings", wanted, expect=201, key=key)
        if again["id"] != booking["id"]:
            raise DemoFailed(f"the same request booked twice: {booking['id']} and {again['id']}")
        self.tell.fact("reference", booking["reference"])
        self.tell.fact("status", booking["status"])
        self.tell.fact("follow it at", f"{self.client.base_url}/v1/track/{booking['tracking_token']}")
        self.tell.said("Sent again under the same Idempotency-Key, the answer is the same booking.")
        return booking

    async def pay(self, booking: Wire, purpose: str, *, faults: tuple[str, ...] = ()) -> Wire:
        """Pay at the provider's page; the money counts when its signed webhook has come."""
        token = booking["tracking_token"]
        started = await self.client.post(
            f"/v1/bookings/{booking['id']}/payments", {"purpose": purpose}, token=token, expect=201
        )
        page = started["next_action"]["url"]
        self.tell.fact("asked for", f"{amount(started['amount'])} by the server's own reckoning")
        self.tell.fact("pay page", page)
        body: dict[str, Any] = {"card": CARD}
        if faults:
            body["faults"] = list(faults)
        await self.client.post(page, body)
        self.tell.fact("card", f"{CARD[:4]} … {CARD[-4:]}, a test card: no money moves")
        paid: Wire = await until(
            lambda: self.client.get(f"/v1/payments/{started['id']}", token=token),
            lambda seen: seen["status"] == "succeeded",
            f"the {purpose}'s webhook",
        )
        self.tell.fact("webhook", f"signed, verified, stored, worked off: payment {paid['status']}")
        return paid

    async def approve(self, booking: Wire) -> None:
        """Approve the change the shop asked about, with nothing but the link."""
        self.tell.step("The customer approves, with the link from the mail")
        moved = await self.client.post(f"/v1/bookings/{booking['id']}/approve", token=booking["tracking_token"])
        self.tell.fact("status", moved["status"])
