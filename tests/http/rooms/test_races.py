"""Several clients at the same moment."""

import asyncio
from collections import Counter

from tests.http.asking import Answered
from tests.http.rooms.shop import Shop, booking_of


def counted(answers: list[Answered]) -> Counter[int]:
    """How often each status was answered."""
    return Counter(answered.status for answered in answers)


async def test_one_quote_many_bookings(shop: Shop) -> None:
    """One wins, the others are told."""
    quote = await shop.quote()

    answers = await asyncio.gather(*(shop.client.post("/v1/bookings", booking_of(quote)) for _ in range(8)))

    assert counted(answers) == {201: 1, 409: 7}
    assert len((await shop.client.get("/v1/bookings", token=shop.staff)).json["items"]) == 1


async def test_one_key_many_requests(shop: Shop) -> None:
    """Each is told the one answer, or to come back for it; the job is booked once."""
    body, key = booking_of(await shop.quote()), {"Idempotency-Key": "once"}

    answers = await asyncio.gather(*(shop.client.post("/v1/bookings", body, headers=key) for _ in range(8)))

    assert set(counted(answers)) <= {201, 409}
    assert len({answered.raw for answered in answers if answered.status == 201}) == 1
    assert {answered.json["code"] for answered in answers if answered.status == 409} <= {"idempotency_in_progress"}
    assert (await shop.client.post("/v1/bookings", body, headers=key)).headers["Idempotent-Replayed"] == "true"


async def test_one_booking_many_moves(shop: Shop) -> None:
    """Of moves decided on the same version one is made."""
    booking = await shop.booked()

    answers = await asyncio.gather(*(shop.move(booking, "confirm", If_Match='"1"') for _ in range(8)))

    assert counted(answers)[200] == 1
    assert set(counted(answers)) <= {200, 409, 412}
    history = (await shop.client.get(f"/v1/bookings/{booking['id']}/history", token=shop.staff)).json["items"]
    assert [row["action"] for row in history] == ["book", "confirm"]


async def test_one_deposit_many_starts(shop: Shop) -> None:
    """All are the same payment."""
    booking = await shop.booked(urgency="urgent")
    path = f"/v1/bookings/{booking['id']}/payments"

    answers = await asyncio.gather(
        *(shop.client.post(path, {"purpose": "deposit"}, token=shop.staff) for _ in range(6))
    )

    assert len({answered.json["id"] for answered in answers if answered.status == 201}) == 1
    assert len((await shop.client.get(path, token=shop.staff)).json["items"]) == 1
