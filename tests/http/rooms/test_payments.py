"""Payments and webhooks over HTTP, with the sandbox next door."""

import json
from datetime import timedelta
from typing import Any

import pytest

from repaircore.adapters.payments.signature import sign
from tests.http.asking import Answered
from tests.http.rooms.shop import Shop


async def test_deposit_and_balance(shop: Shop) -> None:
    """The deposit is a part of the total: once it is paid, the balance is the rest, and then nothing is due."""
    booking = await shop.booked(urgency="urgent")
    path = f"/v1/bookings/{booking['id']}"

    deposit = await shop.pay(booking, "deposit")
    after_deposit = (await shop.client.get(path, token=shop.staff)).json
    balance = await shop.pay(booking, "balance")
    after_balance = (await shop.client.get(path, token=shop.staff)).json

    assert (deposit["status"], deposit["amount"]["amount"]) == ("succeeded", 6200)
    assert (after_deposit["status"], after_deposit["deposit"]["status"]) == ("deposit_paid", "paid")
    assert (balance["status"], balance["amount"]["amount"]) == ("succeeded", 24800 - 6200)
    assert (after_balance["paid"]["amount"], after_balance["due"]["amount"]) == (24800, 0)
    listed = (await shop.client.get(f"{path}/payments", token=booking["tracking_token"])).json["items"]
    assert [payment["purpose"] for payment in listed] == ["deposit", "balance"]


async def test_a_paid_deposit_is_not_paid_again(shop: Shop) -> None:
    """The second attempt is 409."""
    booking = await shop.booked(urgency="urgent")
    await shop.pay(booking, "deposit")

    again = await shop.client.post(
        f"/v1/bookings/{booking['id']}/payments", {"purpose": "deposit"}, token=booking["tracking_token"]
    )

    assert (again.status, again.json["code"]) == (409, "nothing_due")


async def test_a_declined_card(shop: Shop) -> None:
    """The payment failed, says why, and asks nothing more."""
    booking = await shop.booked(urgency="urgent")

    payment = await shop.pay(booking, "deposit", card="4000000000000002")

    assert payment["status"] == "failed"
    assert payment["decline_reason"]
    assert payment["next_action"] == {"type": "none"}


async def test_starting_twice_is_one_payment(shop: Shop) -> None:
    """While one is open, asking again answers that one."""
    booking = await shop.booked(urgency="urgent")
    path = f"/v1/bookings/{booking['id']}/payments"

    first = await shop.client.post(path, {"purpose": "deposit"}, token=shop.staff)
    again = await shop.client.post(path, {"purpose": "deposit"}, token=shop.staff)

    assert first.json["id"] == again.json["id"]
    assert first.headers["Location"] == f"/v1/payments/{first.json['id']}"
    assert first.json["next_action"]["type"] == "redirect"


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"purpose": "deposit", "amount": 1}, "/amount", "unknown_field"),
        ({"purpose": "deposit", "currency": "USD"}, "/currency", "unknown_field"),
        ({"purpose": "gift"}, "/purpose", "unknown_value"),
        ({}, "/purpose", "missing_field"),
        ({"purpose": "deposit", "provider": "sandbx"}, "/provider", "invalid_value"),
        ({"purpose": "deposit", "return_url": "javascript:alert(1)"}, "/return_url", "invalid_value"),
    ],
)
async def test_what_cannot_be_paid(shop: Shop, body: dict[str, Any], pointer: str, code: str) -> None:
    """The amount is the server's, the provider one that is configured."""
    booking = await shop.booked(urgency="urgent")

    answered = await shop.client.post(f"/v1/bookings/{booking['id']}/payments", body, token=shop.staff)

    assert (answered.status, answered.pointers) == (422, {pointer: code})


async def test_whose_payment(shop: Shop) -> None:
    """The booking's token opens its payments, another booking's does not, and strangers are asked who they are."""
    booking, other = await shop.booked(urgency="urgent"), await shop.booked()
    payment = await shop.pay(booking, "deposit")
    path = f"/v1/payments/{payment['id']}"

    assert (await shop.client.get(path, token=booking["tracking_token"])).json == payment
    assert (await shop.client.get(path, token=other["tracking_token"])).status == 403
    assert (await shop.client.get(path)).status == 401
    assert (await shop.client.get("/v1/payments/pay_nothing", token=shop.staff)).status == 404


async def send_webhook(shop: Shop, *, event_id: str = "evt_1", altered: bool = False, age: float = 0) -> Answered:
    """Send what the sandbox would send of a payment that is not ours to know."""
    sandbox = shop.core.providers.sandbox
    assert sandbox is not None
    at = shop.clock.now() - timedelta(seconds=age)
    event = {"id": event_id, "type": "account.updated", "created_at": at.isoformat()}
    body = json.dumps(event).encode()
    header = sign(body, secrets=sandbox.webhook_secrets, at=at)
    sent = body.replace(b"account", b"Account") if altered else body
    return await shop.client.post_raw("/v1/webhooks/sandbox", sent, headers={"Sandbox-Signature": header})


@pytest.mark.parametrize(
    ("altered", "age", "status"),
    [(False, 0, 200), (True, 0, 400), (False, 301, 400), (False, -301, 400), (False, 299, 200)],
)
async def test_webhooks_are_verified(shop: Shop, altered: bool, age: float, status: int) -> None:
    """Altered, late and early ones are refused, and only what was verified is kept."""
    answered = await send_webhook(shop, altered=altered, age=age)

    assert answered.status == status
    assert answered.json.get("code", "") == ("" if status == 200 else "invalid_signature")


async def test_a_replayed_webhook(shop: Shop) -> None:
    """A duplicate is answered 200 and does nothing."""
    first = await send_webhook(shop)
    again = await send_webhook(shop)

    assert first.json == {"received": True, "duplicate": False}
    assert again.json == {"received": True, "duplicate": True}


async def test_an_unsigned_webhook(shop: Shop) -> None:
    """Without a signature it says nothing; a provider that is not configured is not there."""
    unsigned = await shop.client.post_raw("/v1/webhooks/sandbox", b"{}")
    unknown = await shop.client.post_raw("/v1/webhooks/stripe", b"{}")

    assert (unsigned.status, unsigned.json["code"]) == (400, "invalid_signature")
    assert unknown.status == 404
