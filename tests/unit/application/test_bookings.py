"""Booking through the use cases: one transaction each, one winner, a story that can be told."""

import asyncio
from datetime import timedelta

import pytest

from repaircore.domain.booking.lifecycle import Action, Status
from repaircore.domain.errors import InvalidValue, NotFound, QuoteExpired, QuoteUsed, VersionChanged
from repaircore.domain.identity import BookingId
from repaircore.domain.money import Money
from repaircore.domain.payments.payment import Purpose
from repaircore.ports.errors import Conflict
from tests.unit.application.conftest import CUSTOMER, STAFF, Shop


async def test_the_main_job(shop: Shop) -> None:
    """Quote, booking, deposit, work, balance: at the end everything is paid, told and explained."""
    booking = await shop.booked()
    await shop.paid(booking, Purpose.DEPOSIT)
    moves = (
        (Action.CONFIRM, ""),
        (Action.START, ""),
        (Action.WAIT_FOR_PARTS, "the display comes tomorrow"),
        (Action.START, ""),
        (Action.READY, ""),
        (Action.COMPLETE, ""),
    )
    for action, reason in moves:
        shop.clock.advance(timedelta(hours=1))
        booking = await shop.core.booking.move(booking.id, action, by=STAFF, reason=reason)
        await shop.core.operations.worker.drain()
    await shop.paid(booking, Purpose.BALANCE)

    account = await shop.core.payments.statement(booking.id)
    assert (account.total, account.due) == (Money(24800, "GBP"), Money(0, "GBP"))
    assert [entry.after for entry in await shop.core.booking.history(booking.id)] == [
        Status.PENDING,
        Status.DEPOSIT_PAID,
        Status.CONFIRMED,
        Status.IN_PROGRESS,
        Status.WAITING_PARTS,
        Status.IN_PROGRESS,
        Status.READY_FOR_PICKUP,
        Status.COMPLETED,
    ]
    assert shop.failures.seen == []


async def test_every_message_once(shop: Shop) -> None:
    """Each event that concerns the customer becomes one message; working the queue again sends none twice."""
    booking = await shop.booked()
    await shop.paid(booking, Purpose.DEPOSIT)
    await shop.core.booking.move(booking.id, Action.CONFIRM, by=STAFF)
    await shop.core.operations.worker.drain()
    await shop.core.operations.worker.drain()

    told = [
        entry.data["template"] for entry in await shop.core.booking.timeline(booking.id) if entry.kind == "message.sent"
    ]
    assert told == ["booking_confirmation", "deposit_receipt", "status_update"]
    assert [message.to for message in shop.mailer.sent] == ["ann@example.com"] * 3
    assert len({message.key for message in shop.mailer.sent}) == 3


async def test_a_message_tells_of_its_own_event(shop: Shop) -> None:
    """A message sent late speaks of the state it is about, with the reason given then, not of what came after."""
    shop.mailer.is_down = True
    booking = await shop.booked(urgency="standard")
    await shop.core.booking.move(booking.id, Action.CONFIRM, by=STAFF)
    await shop.core.booking.move(booking.id, Action.CANCEL, by=STAFF, reason="The part is no longer made")
    await shop.core.operations.worker.drain()
    shop.mailer.is_down = False
    for _ in range(3):
        shop.clock.advance(timedelta(hours=1))
        await shop.core.operations.worker.drain()

    _, confirmed, cancelled = shop.mailer.sent
    assert "confirmed" in confirmed.text
    assert "The part is no longer made" not in confirmed.text
    assert "The part is no longer made" in cancelled.text


async def test_a_mail_server_that_is_down(shop: Shop) -> None:
    """A message waits for its server, later each time, and is not lost."""
    shop.mailer.is_down = True
    await shop.booked()
    await shop.core.operations.worker.drain()
    assert shop.failures.seen == [("notifications.send", "Unavailable", False)]

    shop.mailer.is_down = False
    shop.clock.advance(timedelta(minutes=1))
    await shop.core.operations.worker.drain()

    assert len(shop.mailer.sent) == 1


async def test_a_refused_recipient(shop: Shop) -> None:
    """What no further try can mend goes to the dead letters at once, and can be replayed when the cause is gone."""
    shop.mailer.refused.add("ann@example.com")
    await shop.booked()
    await shop.core.operations.worker.drain()
    (dead,) = [job for job in await shop.core.operations.find_jobs() if job.state == "dead"]
    assert "Rejected" in dead.last_error
    assert "ann@example.com" not in dead.last_error

    shop.mailer.refused.clear()
    await shop.core.operations.replay_job(dead.id)
    await shop.core.operations.worker.drain()

    assert len(shop.mailer.sent) == 1


async def test_a_stale_decision(shop: Shop) -> None:
    """Who decided on an older version is told, and nothing changes."""
    booking = await shop.booked(urgency="standard")
    await shop.core.booking.move(booking.id, Action.CONFIRM, by=STAFF)

    with pytest.raises(VersionChanged, match="version 1, and is version 2"):
        await shop.core.booking.move(booking.id, Action.CANCEL, by=CUSTOMER, reason="late", expected_version=1)
    assert (await shop.core.booking.get(booking.id)).status is Status.CONFIRMED


async def test_racers_for_one_booking(shop: Shop) -> None:
    """Fifty confirm the same booking at once: one does."""
    booking = await shop.booked(urgency="standard")

    results = await asyncio.gather(
        *(shop.core.booking.move(booking.id, Action.CONFIRM, by=STAFF) for _ in range(50)), return_exceptions=True
    )

    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert len(await shop.core.booking.history(booking.id)) == 2


async def test_racers_for_one_quote(shop: Shop) -> None:
    """A quote becomes one booking, however many try at once."""
    quote = await shop.core.pricing.quote(device="iphone-13-pro", items=["screen-repair"])
    ann = shop.core.booking.contact("Ann", "ann@example.com", "+442079460123")

    results = await asyncio.gather(
        *(shop.core.booking.book(quote.id, customer=ann, issue_description="cracked from a fall") for _ in range(20)),
        return_exceptions=True,
    )

    losers = [result for result in results if isinstance(result, BaseException)]
    assert len(losers) == 19
    assert all(isinstance(loser, Conflict | QuoteUsed) for loser in losers)


async def test_an_expired_price(shop: Shop) -> None:
    """An urgent price is held for two hours, a standard one for a day."""
    urgent = await shop.core.pricing.quote(device="iphone-13-pro", items=["screen-repair"], urgency="urgent")
    standard = await shop.core.pricing.quote(device="iphone-13-pro", items=["screen-repair"])
    ann = shop.core.booking.contact("Ann", "ann@example.com", "+442079460123")
    shop.clock.advance(timedelta(hours=3))

    with pytest.raises(QuoteExpired):
        await shop.core.booking.book(urgent.id, customer=ann, issue_description="cracked from a fall")
    assert await shop.core.booking.book(standard.id, customer=ann, issue_description="cracked from a fall")


async def test_quotes_prove_themselves(shop: Shop) -> None:
    """A stored quote verifies, and its explanation starts at the base price and ends at the total."""
    quote = await shop.core.pricing.quote(device="iphone-13-pro", items=["screen-repair"], urgency="urgent")

    proof = await shop.core.pricing.verify(quote.id)
    fired = [step for step in await shop.core.pricing.explain(quote.id) if step.fired]

    assert (proof.matches, proof.receipt_hash) == (True, quote.receipt_hash)
    assert {"base", "device_factor", "urgency", "tax", "deposit"} <= {step.stage for step in fired}
    accepted = await shop.core.pricing.accept(quote.id, quote.receipt_hash, by=CUSTOMER)
    assert accepted.accepted_at == shop.clock.now()


@pytest.mark.parametrize(
    ("device", "item", "error"),
    [("iphone-13-prro", "screen-repair", NotFound), ("iphone-13-pro", "screen-repare", NotFound)],
)
async def test_what_is_not_for_sale(shop: Shop, device: str, item: str, error: type[Exception]) -> None:
    """Unknown names are refused with the nearest known one."""
    with pytest.raises(error, match="did you mean"):
        await shop.core.pricing.quote(device=device, items=[item])


@pytest.mark.parametrize(
    ("email", "phone", "pointer"),
    [
        ("not an address", "020 7946 0123", "/customer/email"),
        ("ann@localhost@example.com", "020 7946 0123", "/customer/email"),
        ("ann@example.com", "call me", "/customer/phone"),
        ("ann@example.com", "12", "/customer/phone"),
    ],
)
async def test_contacts_nobody_can_reach(shop: Shop, email: str, phone: str, pointer: str) -> None:
    """An address or a number that cannot be is refused at its field."""
    with pytest.raises(InvalidValue) as refused:
        shop.core.booking.contact("Ann", email, phone)
    assert refused.value.pointer == pointer


async def test_contacts_are_normalised(shop: Shop) -> None:
    """Numbers become E.164 in the business's country; domains lower case; the rest stays as written."""
    contact = shop.core.booking.contact("Zoë  Ünal", "Ann.Smith@EXAMPLE.com", "(020) 7946-0123")

    assert (contact.email, contact.phone, contact.name) == ("Ann.Smith@example.com", "+442079460123", "Zoë  Ünal")


async def test_nothing_under_an_unknown_id(shop: Shop) -> None:
    """Reading what is not there says so."""
    nowhere = BookingId("bk_nowhere")
    for read in (
        shop.core.booking.get,
        shop.core.booking.history,
        shop.core.booking.timeline,
        shop.core.payments.statement,
    ):
        with pytest.raises(NotFound):
            await read(nowhere)
