"""The page where the customer pays, as a browser and as a script meet it."""

import logging
from pathlib import Path

import pytest

from tests.contract.payments.clocks import EagerClock
from tests.unit.payments.sandbox.till import APPROVED, CHALLENGED, DECLINED, NO_FUNDS, Till, open_till

REAL_LOOKING = "4539578763621486"


async def test_page_needs_no_script_and_says_what_it_is(till: Till) -> None:
    """A labelled form, the amount in words for people, and in plain sight that no money moves."""
    session = await till.open(description="Deposit <b>& more</b>")

    page = await till.look(session)

    assert page.status == 200
    assert "SANDBOX — no money moves" in page.text
    assert '<label for="card">' in page.text
    assert '<html lang="en">' in page.text
    assert "JPY 500" in page.text
    assert "Deposit &lt;b&gt;&amp; more&lt;/b&gt;" in page.text
    assert "<script" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


async def test_approved_card(till: Till) -> None:
    """The browser is sent back to the shop, which hears of it."""
    session = await till.open(return_url="https://shop.example.com/back?booking=1")

    reply = await till.submit(session, card=APPROVED)

    assert (reply.status, reply.headers["Location"]) == (303, "https://shop.example.com/back?booking=1")
    assert await till.status(session) == "paid"
    assert await till.kinds() == ["payment.submitted", "payment.paid"]


async def test_app_address_is_a_link(till: Till) -> None:
    """A browser is redirected to web addresses only; others are shown to be followed."""
    session = await till.open(return_url="repairapp://done?a=1&b=2")

    reply = await till.submit(session, card=APPROVED)

    assert reply.status == 200
    assert '<a href="repairapp://done?a=1&amp;b=2"' in reply.text


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x", "http://[", "x"]
)
async def test_dangerous_address_is_no_link(till: Till, address: str) -> None:
    """What a browser would run is not offered to be clicked."""
    session = await till.open(return_url=address)

    reply = await till.submit(session, card=APPROVED)

    assert reply.status == 200
    assert "<a " not in reply.text


@pytest.mark.parametrize(("card", "reason"), [(DECLINED, "card_declined"), (NO_FUNDS, "insufficient_funds")])
async def test_declined_card(till: Till, card: str, reason: str) -> None:
    """The session is closed, the shop hears why, and a second card changes nothing."""
    session = await till.open()

    reply = await till.script(session, card=card)
    again = await till.script(session, card=APPROVED)

    assert (reply.status, reply.json["status"], reply.json["reason"]) == (200, "declined", reason)
    assert again.status == 409
    assert await till.kinds() == ["payment.submitted", "payment.declined"]
    assert till.webhooks[1]["session"]["operations"][0]["detail"] == reason
    assert "Declined" in (await till.look(session)).text


async def test_challenge_in_two_steps(till: Till) -> None:
    """A 3-D Secure card leads to a second page, whose buttons decide; the card is not asked for again."""
    session = await till.open(return_url="https://shop.example.com/back")

    first = await till.submit(session, card=CHALLENGED)
    assert (first.status, 'name="challenge" value="pass"' in first.text, 'name="card"' in first.text) == (
        200,
        True,
        False,
    )
    assert await till.status(session) == "challenge"
    second = await till.submit(session, challenge="pass")

    assert second.status == 303
    assert await till.status(session) == "paid"


async def test_challenge_by_script(till: Till) -> None:
    """Without a challenge the answer says that one is needed; with it one request is enough."""
    waiting, passing, failing = await till.open("a"), await till.open("b"), await till.open("c")

    assert (await till.script(waiting, card=CHALLENGED)).json["challenge_required"] is True
    assert (await till.script(passing, card=CHALLENGED, challenge="pass")).json["status"] == "paid"
    failed = (await till.script(failing, card=CHALLENGED, challenge="fail")).json
    assert (failed["status"], failed["reason"]) == ("declined", "authentication_failed")


async def test_paid_session(till: Till) -> None:
    """Paying again changes nothing and makes no news; the page says that it is paid."""
    session = await till.open()
    await till.script(session, card=APPROVED)
    before = await till.kinds()

    again = await till.script(session, card=DECLINED)

    assert (again.status, again.json["status"], again.json["changed"]) == (200, "paid", False)
    assert await till.kinds() == before
    assert "Paid" in (await till.look(session)).text


async def test_any_other_card(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A number that is no test card is refused, and is found afterwards in no answer, no file and no log."""
    caplog.set_level(logging.DEBUG)
    state = tmp_path / "state.jsonl"
    async with open_till(EagerClock(), state=state) as till:
        session = await till.open()
        replies = [await till.script(session, card=REAL_LOOKING), await till.submit(session, card=REAL_LOOKING)]
        assert await till.status(session) == "open"

    assert [reply.status for reply in replies] == [422, 422]
    assert 'role="alert"' in replies[1].text
    assert REAL_LOOKING not in caplog.text + state.read_text() + "".join(reply.text for reply in replies)


async def test_nonsense(till: Till) -> None:
    """A clear refusal, and nothing is paid."""
    session = await till.open()

    assert (await till.script(session)).json["error"]["code"] == "card_required"
    assert (await till.submit(session)).status == 422
    assert (await till.script(session, card=7)).status == 422
    assert (await till.script(session, card=APPROVED, challenge="maybe")).status == 422
    assert (await till.script(session, card=APPROVED, faults=["explode"])).json["error"]["code"] == "fault_unknown"
    assert (await till.script("ses_none", card=APPROVED)).status == 404
    assert (await till.submit("ses_none", card=APPROVED)).status == 404
    assert (await till.look("ses_none")).status == 404
    assert await till.status(session) == "open"


async def test_voided_session(till: Till) -> None:
    """A checkout that the shop cancelled can no longer be paid."""
    session = await till.open()
    await till.ask("POST", f"/v1/sessions/{session}/void", key="void_1")

    reply = await till.submit(session, card=APPROVED)

    assert reply.status == 409
    assert "Cancelled" in (await till.look(session)).text


async def test_reservation(till: Till) -> None:
    """An authorization is reserved on the page, not paid."""
    session = await till.open(mode="authorize")

    assert (await till.script(session, card=APPROVED)).json["status"] == "authorized"
    assert "Reserved" in (await till.look(session)).text
