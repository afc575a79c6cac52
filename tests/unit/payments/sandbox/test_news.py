"""Webhooks: retried, signed anew, and misbehaving on request; and what outlives a restart."""

import asyncio
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from repaircore.adapters.clock.memory import ManualClock
from repaircore.adapters.payments.sandbox.provider import Account, SandboxServer
from repaircore.adapters.payments.sandbox.provider.courier import PAUSES
from tests.contract.payments.clocks import EagerClock
from tests.unit.payments.sandbox.till import APPROVED, CHALLENGED, Till, open_till


async def test_lost_reply(till: Till) -> None:
    """The payment is done and the shop is told; only the customer hears nothing."""
    session = await till.open()

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await till.script(session, card=APPROVED, faults=["lose_reply"])

    assert await till.status(session) == "paid"
    assert await till.kinds() == ["payment.submitted", "payment.paid"]


async def test_duplicates(till: Till) -> None:
    """Everything arrives twice, under the same id."""
    await till.script(await till.open(), card=APPROVED, faults=["duplicate_webhook"])

    assert await till.kinds() == ["payment.submitted", "payment.submitted", "payment.paid", "payment.paid"]
    assert len({event["id"] for event in till.webhooks}) == 2


async def test_reordering(till: Till) -> None:
    """The older news arrives last."""
    await till.submit(await till.open(), card=APPROVED, faults="reorder_webhooks")

    assert await till.kinds() == ["payment.paid", "payment.submitted"]


async def test_silence(till: Till) -> None:
    """Nothing arrives, not even later."""
    session = await till.open()
    await till.script(session, card=APPROVED, faults=["no_webhook"])

    assert await till.kinds() == []
    assert await till.status(session) == "paid"


async def test_all_at_once(till: Till) -> None:
    """Faults add up, over both steps of a challenge."""
    session = await till.open()
    await till.script(session, card=CHALLENGED, faults=["no_webhook"])

    await till.script(session, challenge="pass", faults=["reorder_webhooks", "duplicate_webhook", "delay:90s"])

    assert await till.kinds() == ["payment.paid", "payment.paid", "payment.submitted", "payment.submitted"]


async def test_delay() -> None:
    """The news is held back until the clock has moved that far."""
    clock = ManualClock()
    async with open_till(clock) as till:
        await till.script(await till.open(), card=APPROVED, faults=["delay:2s"])
        await _breathe()
        clock.advance(timedelta(seconds=1))
        await _breathe()
        assert till.webhooks == []

        clock.advance(timedelta(seconds=1))

        assert await till.kinds() == ["payment.submitted", "payment.paid"]


async def test_refused_news_is_repeated(till: Till) -> None:
    """With growing pauses until it is accepted, each time signed with the time of sending; what follows is not held up."""
    till.refusals = 1

    await till.script(await till.open(), card=APPROVED)

    assert await till.kinds() == ["payment.paid", "payment.submitted"]
    assert len(till.stamps) == 3
    assert _seconds(till.stamps[2]) - _seconds(till.stamps[0]) == PAUSES[0]


async def test_giving_up(till: Till, caplog: pytest.LogCaptureFixture) -> None:
    """It does not go on for ever, and says so."""
    till.refusals = 1000

    await till.script(await till.open(), card=APPROVED)

    assert await till.kinds() == []
    assert len(till.stamps) == 2 * (len(PAUSES) + 1)
    assert caplog.text.count("was not accepted") == 2
    assert till.server.desk.bank.journal.events == {}


async def test_restart(tmp_path: Path) -> None:
    """Sessions, keys and news that nobody took outlive the process; a line that was cut off by a crash does no harm."""
    state = tmp_path / "deep" / "sandbox.jsonl"
    async with open_till(ManualClock(), state=state) as till:
        till.refusals = 1000
        session = await till.open("pay_1")
        await till.script(session, card=APPROVED)
        await _breathe()
    with state.open("ab") as file:
        file.write(b'{"session": {"id": "ses_cut')

    async with open_till(EagerClock(), state=state) as till:
        assert sorted(await till.kinds()) == ["payment.paid", "payment.submitted"]
        assert await till.open("pay_1") == session
        assert await till.status(session) == "paid"
    async with open_till(EagerClock(), state=state) as till:
        assert await till.kinds() == []


async def test_damaged_state(tmp_path: Path) -> None:
    """A file that was damaged is named with its line, and nothing is lost by starting over it."""
    state = tmp_path / "sandbox.jsonl"
    state.write_bytes(b"{}\n{damage\n{}\n")

    with pytest.raises(ValueError, match="line 2 is damaged"):
        async with open_till(EagerClock(), state=state):
            pass

    assert state.read_bytes() == b"{}\n{damage\n{}\n"


async def test_delivery_over_http() -> None:
    """By default news is posted to the account's address, and nobody there is no disaster."""
    received: list[tuple[str, bytes]] = []

    async def hook(request: web.Request) -> web.Response:
        received.append((request.headers["Sandbox-Signature"], await request.read()))
        return web.Response()

    shop = web.Application()
    shop.add_routes([web.post("/hook", hook)])
    runner = web.AppRunner(shop)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    for address, arrivals in ((f"http://127.0.0.1:{port}/hook", 2), ("http://127.0.0.1:1/nobody", 2), ("", 2)):
        account = Account(api_key="key", webhook_secrets=("a", "b"), webhook_url=address)
        async with SandboxServer(account, clock=EagerClock()) as server, aiohttp.ClientSession() as browser:
            till = Till(server, browser)
            await till.script(await till.open(), card=APPROVED)
            await till.kinds()
        assert len(received) == arrivals
    await runner.cleanup()

    assert received[0][0].count("v1=") == 2


def _seconds(stamp: str) -> int:
    return int(stamp.split(",")[0].removeprefix("t="))


async def _breathe() -> None:
    """Let the tasks that are ready run."""
    for _ in range(20):
        await asyncio.sleep(0)
