"""Names and texts as people (and others) write them."""

import json
from collections.abc import Sequence

import pytest

from tests.http.rooms.shop import CUSTOMER, Shop, booking_of
from tests.public_strings import needs_public_list, public_strings

OURS = (
    "O'Brien; DROP TABLE bookings;--",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }} ${7*7} %s %(x)s {0}",
    "../../etc/passwd",
    "Zoë  Ångström \u00a0",
    "e\u0301 \u00e9",
    "\u202eright to left\u202c",
    "שלום مرحبا",
    "👩‍👩‍👧‍👦 🏳️‍🌈",
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035a\u032f\u031e\u0320\u034d\u036b",
    "\ufeffbom \u200bzero width",
    "\u0001\u001f\u007f\u0085\u2028\u2029",
    "\ufffe\uffff\U0010ffff",
    "null undefined NaN Infinity -1 1e400 0x0",
    "\r\nSet-Cookie: a=b",
    "'\"\\`",
    "Robert\tTab",
    "𝕳𝖊𝖑𝖑𝖔 ﷽ ℀",
)


async def test_legal_text_is_kept_exactly(shop: Shop) -> None:
    """Whatever Unicode a name or a description is made of, it is stored and shown as it was written."""
    await kept_exactly(shop, OURS)


@needs_public_list
async def test_the_public_list_is_kept_exactly(shop: Shop) -> None:
    """The same for five hundred strings that broke other programs."""
    await kept_exactly(shop, public_strings())


async def kept_exactly(shop: Shop, texts: Sequence[str]) -> None:
    """Book with each text in the name, the description and the notes, and read it back."""
    for text in texts:
        name, told = f"x{text}"[:200], f"The screen: {text}"[:1500]
        body = booking_of(await shop.quote(), customer={**CUSTOMER, "name": name}, issue_description=told, notes=text)

        booking = await shop.client.post("/v1/bookings", body)

        assert booking.status == 201, (text, booking.raw)
        read = (await shop.client.get(f"/v1/bookings/{booking.json['id']}", token=shop.staff)).json
        assert (read["customer"]["name"], read["issue_description"], read["notes"]) == (name, told, text)


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "\\udfff\\ud800"])
async def test_what_is_no_text_is_refused(shop: Shop, text: str) -> None:
    """NUL and halves of surrogate pairs cannot be kept exactly everywhere: they are refused, and nothing is stored."""
    body = json.dumps(booking_of(await shop.quote(), notes="HERE")).replace("HERE", text)

    answered = await shop.client.post_raw("/v1/bookings", body.encode())

    assert (answered.status, answered.pointers) == (422, {"/notes": "invalid_text"})
    assert (await shop.client.get("/v1/bookings", token=shop.staff)).json["items"] == []


async def test_naughty_queries(shop: Shop) -> None:
    """They find nothing or are refused, and nothing breaks."""
    await nothing_breaks(shop, OURS)


@needs_public_list
async def test_the_public_list_in_queries(shop: Shop) -> None:
    """The same for the public list."""
    await nothing_breaks(shop, public_strings())


async def nothing_breaks(shop: Shop, texts: Sequence[str]) -> None:
    """Search for each text, and present it as a token."""
    staff = {"Authorization": f"Bearer {shop.staff}"}
    for text in texts:
        asked: tuple[tuple[str, dict[str, str], dict[str, str], set[int]], ...] = (
            ("/v1/bookings", {"q": text}, staff, {200, 422}),
            ("/v1/catalog/devices", {"q": text}, {}, {200, 422}),
            ("/v1/bookings/x", {"token": text}, {}, {401}),
        )
        for path, params, headers, expected in asked:
            async with shop.client.session.get(shop.client.base + path, params=params, headers=headers) as answered:
                assert answered.status in expected, (path, text)
