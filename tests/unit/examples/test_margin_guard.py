"""The workshop that uses every rule guards its margins: who is told what, and who is refused."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from repaircore.adapters.clock.memory import ManualClock
from repaircore.domain.actors import GUEST, Actor, Role
from repaircore.domain.pricing.margin import MarginTooLow, NotPricedOnline, Verdict
from repaircore.domain.pricing.quoting import QuoteRequest
from repaircore.wiring.core import Core
from repaircore.wiring.opening import mail_directory, open_core
from tests.unit.examples.conftest import EXAMPLES

WEDNESDAY = datetime(2026, 3, 4, 12, tzinfo=UTC)
STAFF, ADMIN = Actor(Role.STAFF, "key_1"), Actor(Role.ADMIN, "key_2")
SCREEN = QuoteRequest(device_id="iphone-15", items=(("screen", 1),))
STUDENT = QuoteRequest(device_id="iphone-15", items=(("screen", 1),), customer_type="student")
WITH_CODE = QuoteRequest(
    device_id="iphone-15", items=(("screen", 1),), customer_type="student", promo_codes=("SAVE15",)
)


@pytest.fixture
async def core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Core]:
    """The workshop, on a Wednesday in March."""
    monkeypatch.setenv("REPAIRCORE_DATABASE_URL", "memory:")
    business = EXAMPLES / "full-rulebook" / "business.toml"
    async with open_core(business, data_dir=tmp_path, clock=ManualClock(WEDNESDAY)) as core:
        yield core


async def post(core: Core) -> list[EmailMessage]:
    """What was sent to the shop once all work is done."""
    await core.operations.worker.drain()
    folder = mail_directory(core.data_dir)
    files = sorted(folder.iterdir()) if folder.exists() else []
    found = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    return [message for message in found if isinstance(message, EmailMessage)]


def said(message: EmailMessage) -> str:
    """The text of a message, its lines as they were written."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


async def test_a_good_price_is_nobodys_news(core: Core) -> None:
    """A screen leaves the 30 % that the shop aims for; parts and work are known."""
    quote = await core.pricing.request(SCREEN, by=GUEST)

    told = await core.pricing.margin(quote)
    assert (str(told.margin), told.verdict) == ("30.2 %", Verdict.GOOD)
    assert await post(core) == []


async def test_a_thin_price_is_told_once(core: Core) -> None:
    """A student's screen leaves less than 20 %: the customer has the price, the shop one e-mail."""
    quote = await core.pricing.request(STUDENT, by=GUEST)

    [told] = await post(core)
    assert len(await post(core)) == 1
    assert told["To"] == "hello@every-rule.example.com"
    assert told["Subject"] == "Little is left: Screen replacement, Apple iPhone 15"
    assert f"Margin: 17.9 %\nQuote: {quote.id}\nAsked by: guest" in said(told)


async def test_a_price_below_the_minimum(core: Core) -> None:
    """With a code on top next to nothing is left: the customer is asked to call, staff need an admin, and the shop is told of both."""
    for _ in range(2):
        with pytest.raises(NotPricedOnline, match="contact the shop"):
            await core.pricing.request(WITH_CODE, by=GUEST)
    with pytest.raises(MarginTooLow, match="an admin may approve it"):
        await core.pricing.request(WITH_CODE, by=STAFF)

    [refused] = await post(core)
    assert refused["Subject"] == "No price given: Screen replacement, Apple iPhone 15"
    assert "Margin: 3.5 %" in said(refused)

    await core.pricing.request(WITH_CODE, by=ADMIN, approval="A neighbour")

    approved = next(message for message in await post(core) if message["Subject"].startswith("Approved"))
    assert "Approved because: A neighbour" in said(approved)
