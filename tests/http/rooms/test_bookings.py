"""Bookings over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from tests.http.rooms.shop import CUSTOMER, Shop, booking_of


async def test_a_booking(shop: Shop) -> None:
    """It has a reference, its price, what is due, and a token that opens it."""
    booking = await shop.booked(urgency="urgent")

    assert booking["status"] == "pending"
    assert booking["customer"]["phone"] == "+442079460018"
    assert booking["deposit"] == {"amount": {"amount": 6200, "currency": "GBP"}, "status": "due", "refundable": True}
    assert (booking["paid"]["amount"], booking["due"]["amount"]) == (0, 24800)
    assert booking["allowed_actions"] == ["cancel"]
    read = await shop.client.get(f"/v1/bookings/{booking['id']}", token=booking["tracking_token"])
    assert read.json == {name: value for name, value in booking.items() if name != "tracking_token"}


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"quote_id": "qt_nothing"}, "/quote_id", "not_found"),
        ({"customer": {**CUSTOMER, "email": "ana"}}, "/customer/email", "invalid_value"),
        ({"customer": {**CUSTOMER, "phone": "call me"}}, "/customer/phone", "invalid_value"),
        ({"customer": {**CUSTOMER, "name": "   "}}, "/customer/name", "invalid_value"),
        ({"customer": {**CUSTOMER, "fax": "1"}}, "/customer/fax", "unknown_field"),
        ({"issue_description": "broken"}, "/issue_description", "invalid_value"),
        ({"issue_description": " " * 20}, "/issue_description", "invalid_value"),
        ({"issue_description": "x" * 1501}, "/issue_description", "invalid_value"),
        ({"notes": "x" * 2001}, "/notes", "invalid_value"),
        ({"slot_start": "2020-01-01T10:00:00Z"}, "/slot_start", "invalid_value"),
        ({"fulfilment": "postal"}, "/fulfilment", "invalid_value"),
        ({"fulfilment": "pigeon"}, "/fulfilment", "unknown_value"),
        ({"total": {"amount": 1, "currency": "GBP"}}, "/total", "unknown_field"),
    ],
)
async def test_what_cannot_be_booked(shop: Shop, changes: dict[str, Any], pointer: str, code: str) -> None:
    """Each is 422 with the place of the fault, and the quote stays open."""
    quote = await shop.quote()

    answered = await shop.client.post("/v1/bookings", booking_of(quote, **changes))

    assert (answered.status, answered.pointers) == (422, {pointer: code})
    assert (await shop.client.get("/v1/bookings", token=shop.staff)).json["items"] == []


async def test_a_quote_is_booked_once(shop: Shop) -> None:
    """The second booking of it is 409."""
    quote = await shop.quote()
    await shop.client.post("/v1/bookings", booking_of(quote))

    again = await shop.client.post("/v1/bookings", booking_of(quote))

    assert (again.status, again.json["code"]) == (409, "quote_used")


async def test_an_expired_quote(shop: Shop) -> None:
    """Its price is no longer held."""
    quote = await shop.quote()
    shop.clock.advance(timedelta(days=1))

    answered = await shop.client.post("/v1/bookings", booking_of(quote))

    assert (answered.status, answered.json["code"]) == (409, "quote_expired")


async def test_a_repeated_booking(shop: Shop) -> None:
    """With an idempotency key a lost answer is asked for again, and nothing is booked twice."""
    body = booking_of(await shop.quote())

    first = await shop.client.post("/v1/bookings", body, headers={"Idempotency-Key": "once"})
    again = await shop.client.post("/v1/bookings", body, headers={"Idempotency-Key": "once"})
    other = await shop.client.post("/v1/bookings", {**body, "notes": "!"}, headers={"Idempotency-Key": "once"})

    assert (first.status, again.status, again.raw) == (201, 201, first.raw)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")


async def test_a_failed_booking_leaves_its_key_free(shop: Shop) -> None:
    """What was refused is not remembered, so the client may correct it under the same key."""
    quote = await shop.quote()
    key = {"Idempotency-Key": "once"}

    refused = await shop.client.post("/v1/bookings", booking_of(quote, fulfilment="postal"), headers=key)
    corrected = await shop.client.post("/v1/bookings", booking_of(quote), headers=key)

    assert (refused.status, corrected.status) == (422, 201)


async def test_the_list_is_the_staffs(shop: Shop) -> None:
    """Customers see their own booking, never the list."""
    booking = await shop.booked()

    assert (await shop.client.get("/v1/bookings")).status == 401
    assert (await shop.client.get("/v1/bookings", token=booking["tracking_token"])).status == 403


async def test_pages(shop: Shop) -> None:
    """Every booking is seen once, newest first, whatever comes in between."""
    made = []
    for _ in range(5):
        made.append((await shop.booked())["id"])
        shop.clock.advance(timedelta(minutes=1))
    first = (await shop.client.get("/v1/bookings?limit=2", token=shop.staff)).json
    await shop.booked()
    second = (await shop.client.get(f"/v1/bookings?limit=2&cursor={first['next_cursor']}", token=shop.staff)).json
    third = (await shop.client.get(f"/v1/bookings?limit=2&cursor={second['next_cursor']}", token=shop.staff)).json

    seen = [item["id"] for page in (first, second, third) for item in page["items"]]
    assert seen == made[::-1]
    assert third["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=pending", True),
        ("status=confirmed", False),
        ("q=ana@example.com", True),
        ("q=Ana", True),
        ("q=bert", False),
        ("from=2026-01-05&to=2026-01-05", True),
        ("to=2026-01-04", False),
        ("from=2026-01-06", False),
        ("from=2026-01-05T09:00:00Z", True),
        ("from=2026-01-05T10:00:01%2B01:00", False),
        ("sort=created_at", True),
    ],
)
async def test_filters(shop: Shop, query: str, found: bool) -> None:
    """Status, words and days; days are the business's."""
    await shop.booked()

    page = await shop.client.get(f"/v1/bookings?{query}", token=shop.staff)

    assert page.status == 200
    assert bool(page.json["items"]) == found


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("status=lost", "/status"),
        ("from=yesterday", "/from"),
        ("to=2026-01-05T10:00:00", "/to"),
        ("to=9999-12-31", "/to"),
        ("from=0001-01-01T00:00:00%2B23:59", "/from"),
        ("limit=101", "/limit"),
        ("cursor=zzz", "/cursor"),
        ("sort=price", "/sort"),
        ("stats=pending", "/stats"),
    ],
)
async def test_bad_filters(shop: Shop, query: str, pointer: str) -> None:
    """Each is 422 with its name."""
    answered = await shop.client.get(f"/v1/bookings?{query}", token=shop.staff)

    assert (answered.status, set(answered.pointers)) == (422, {pointer})


async def test_tracking(shop: Shop) -> None:
    """The customer's link shows how it stands and names nobody; a wrong one shows nothing, and no log has it."""
    booking = await shop.booked()

    tracked = await shop.client.get(f"/v1/track/{booking['tracking_token']}")
    wrong = await shop.client.get(f"/v1/track/{booking['tracking_token'][:-4]}AAAA")

    assert tracked.json["reference"] == booking["reference"]
    assert tracked.json["steps"][0]["title"] == "Booking received"
    assert "ana@example.com" not in tracked.raw.decode()
    assert wrong.status == 404
    assert booking["tracking_token"][:40] not in shop.client.log.getvalue().decode()
    assert "ana@example.com" not in shop.client.log.getvalue().decode()


async def test_a_link_runs_out(shop: Shop) -> None:
    """After half a year it opens nothing."""
    booking = await shop.booked()
    shop.clock.advance(timedelta(days=181))

    assert (await shop.client.get(f"/v1/track/{booking['tracking_token']}")).status == 404
    assert (await shop.client.get(f"/v1/bookings/{booking['id']}", token=booking["tracking_token"])).status == 401
