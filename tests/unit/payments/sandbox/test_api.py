"""The shop's API where the gateway's contract does not reach."""

import asyncio

import aiohttp
import pytest
from aiohttp import web

from repaircore.adapters.payments.sandbox.provider import Account, build_app
from tests.contract.payments.clocks import EagerClock
from tests.unit.payments.sandbox.till import APPROVED, Till


async def test_key_holder_only(till: Till) -> None:
    """Without the API key nothing is answered, and nothing is told."""
    url = f"{till.server.base_url}/v1/sessions"
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "key"}):
        async with till.browser.post(url, json={}, headers=headers) as answer:
            assert answer.status == 401
    async with till.browser.get(f"{till.server.base_url}/_faults") as answer:
        assert answer.status == 401


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": 0}, "amount_invalid"),
        ({"amount": -500}, "amount_invalid"),
        ({"amount": 1.5}, "body_invalid"),
        ({"currency": "yen"}, "currency_invalid"),
        ({"mode": "steal"}, "mode_unknown"),
        ({"description": "x" * 2001}, "text_too_long"),
    ],
)
async def test_impossible_session(till: Till, change: dict[str, object], code: str) -> None:
    """It is refused by name, and its key stays free."""
    body: dict[str, object] = {"mode": "sale", "amount": 500, "currency": "JPY"}

    refused = await till.ask("POST", "/v1/sessions", key="pay_1", **(body | change))
    accepted = await till.ask("POST", "/v1/sessions", key="pay_1", **body)

    assert (refused.status, refused.json["error"]["code"]) == (422, code)
    assert accepted.status == 201


async def test_missing_key(till: Till) -> None:
    """Nothing changes without an idempotency key."""
    reply = await till.ask("POST", "/v1/sessions", mode="sale", amount=500, currency="JPY")

    assert reply.json["error"]["code"] == "key_required"


async def test_reused_key(till: Till) -> None:
    """A key means one request: another amount, or another operation, is a conflict."""
    session = await till.open("pay_1")
    await till.script(session, card=APPROVED)

    other = await till.ask("POST", "/v1/sessions", key="pay_1", mode="sale", amount=501, currency="JPY")
    refund = await till.ask("POST", f"/v1/sessions/{session}/refunds", key="pay_1", amount=500, currency="JPY")

    assert (other.status, refund.status) == (409, 409)


async def test_look_up_by_any_key(till: Till) -> None:
    """A session is found by the key that opened it, and by that of a refund."""
    session = await till.open("pay_1")
    await till.script(session, card=APPROVED)
    await till.ask("POST", f"/v1/sessions/{session}/refunds", key="refund_1", amount=200, currency="JPY")

    for key in ("pay_1", "refund_1"):
        assert (await till.ask("GET", f"/v1/sessions?key={key}")).json["id"] == session
    assert (await till.ask("GET", "/v1/sessions?key=never")).json["error"]["code"] == "not_found"


async def test_nesting_bomb(till: Till) -> None:
    """Refused like any other nonsense."""
    bomb = b'{"x":' + b"[" * 30_000
    headers = {"Authorization": "Bearer key", "Content-Type": "application/json", "Idempotency-Key": "pay_1"}
    session = await till.open("pay_2")
    for path in ("/v1/sessions", f"/pay/{session}"):
        async with till.browser.post(till.server.base_url + path, data=bomb, headers=headers) as answer:
            assert answer.status == 422


async def test_planned_faults(till: Till) -> None:
    """Faults are planned, shown and cleared over HTTP; each one happens as often as asked for, to its own operation."""
    await till.ask("POST", "/_faults", kind="status", operation="create", status=429, retry_after=9, times=2)
    await till.ask("POST", "/_faults", kind="garbage", operation="refund")
    assert (await till.ask("POST", "/_faults", kind="explode")).status == 422
    assert len((await till.ask("GET", "/_faults")).json) == 2

    replies = [await till.ask("POST", "/v1/sessions", key="k", mode="sale", amount=1, currency="GBP") for _ in range(3)]

    assert [reply.status for reply in replies] == [429, 429, 201]
    assert replies[0].headers["Retry-After"] == "9"
    assert (await till.ask("DELETE", "/_faults")).status == 204
    assert (await till.ask("GET", "/_faults")).json == []


async def test_slow_answer(till: Till) -> None:
    """It takes that much of the clock's time, and is the same answer."""
    before = till.server.clock.now()
    await till.ask("POST", "/_faults", kind="slow", seconds=4)

    await till.open()

    assert (till.server.clock.now() - before).total_seconds() == 4


async def test_no_answer(till: Till) -> None:
    """It takes effect, and nobody hears of it."""
    await till.ask("POST", "/_faults", kind="hang", operation="create")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await till.open("pay_1")

    assert (await till.ask("GET", "/v1/sessions?key=pay_1")).json["status"] == "open"


async def test_mounted_under_a_prefix() -> None:
    """In another application it lives under a prefix, which the pay page's address carries."""
    shop = web.Application()
    shop.add_subapp("/sandbox/", build_app(Account(api_key="key", webhook_secrets=("s",)), clock=EagerClock()))
    runner = web.AppRunner(shop)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}/sandbox"
    headers = {"Authorization": "Bearer key", "Idempotency-Key": "pay_1"}

    async with aiohttp.ClientSession() as client:
        body = {"mode": "sale", "amount": 500, "currency": "JPY"}
        async with client.post(f"{base}/v1/sessions", json=body, headers=headers) as answer:
            pay_url = (await answer.json())["pay_url"]
        async with client.get(pay_url) as page:
            status = page.status
    await runner.cleanup()

    assert pay_url.startswith(f"{base}/pay/")
    assert status == 200


async def test_public_address(till: Till) -> None:
    """Behind a proxy the account says where browsers find the page."""
    account = Account(api_key="key", webhook_secrets=("s",), public_url="https://pay.example.com/")
    till.server.account = account
    await till.server.stop()
    await till.server.start()

    session = await till.open()

    url = (await till.ask("GET", f"/v1/sessions/{session}")).json["pay_url"]
    assert url == f"https://pay.example.com/pay/{session}"
