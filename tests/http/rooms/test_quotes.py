"""Quotes over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from tests.http.rooms.shop import QUOTE, Shop


async def test_a_quote(shop: Shop) -> None:
    """Amounts are minor units with their currency, the deposit is a part of the total, and the token opens it."""
    quote = await shop.quote(urgency="urgent")

    assert quote["total"] == {"amount": 24800, "currency": "GBP"}
    assert quote["deposit_due"] == {"amount": 6200, "currency": "GBP"}
    assert quote["tax"] == [
        {"name": "VAT", "rate": "20", "inclusive": True, "amount": {"amount": 4133, "currency": "GBP"}, "reason": ""}
    ]
    assert quote["status"] == "open"
    read = await shop.client.get(f"/v1/quotes/{quote['id']}", token=quote["token"])
    assert read.json == {name: value for name, value in quote.items() if name != "token"}


async def test_another_quote_stays_closed(shop: Shop) -> None:
    """A token opens its own quote alone."""
    mine, other = await shop.quote(), await shop.quote()

    answered = await shop.client.get(f"/v1/quotes/{other['id']}", token=mine["token"])

    assert answered.status == 403


@pytest.mark.parametrize("amount", ["total", "amount", "currency", "price", "deposit_due", "tax"])
async def test_the_client_names_no_amounts(shop: Shop, amount: str) -> None:
    """Amounts and currencies are the server's; a client's are refused by name."""
    answered = await shop.client.post("/v1/quotes", {**QUOTE, amount: 1})

    assert (answered.status, answered.pointers) == (422, {f"/{amount}": "unknown_field"})


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"device_id": "iphone-13-prp"}, "/device_id", "not_found"),
        ({"items": [{"service_id": "scren-repair"}]}, "/items/0/service_id", "not_found"),
        ({"items": []}, "/items", "invalid_value"),
        ({"items": [{"service_id": "screen-repair", "quantity": 0}]}, "/items/0/quantity", "invalid_value"),
        ({"items": [{"service_id": "screen-repair", "quantity": 500}]}, "/items/0/quantity", "invalid_value"),
        ({"urgency": "yesterday"}, "/urgency", "invalid_value"),
        ({"fulfilment": "drone"}, "/fulfilment", "invalid_value"),
        ({"promo_codes": ["FREE"]}, "/promo_codes/0", "invalid_value"),
        ({"postcode": "?!"}, "/postcode", "invalid_value"),
        ({"slot_start": "2020-01-01T10:00:00Z"}, "/slot_start", "invalid_value"),
        ({"slot_start": "0001-01-01T00:00:00+23:59"}, "/slot_start", "invalid_value"),
        ({"slot_start": "9999-12-31T23:59:59-23:59"}, "/slot_start", "invalid_value"),
        ({"slot_start": "2030-01-01T10:00:00"}, "/slot_start", "invalid_value"),
        ({"device_id": "x" * 5000}, "/device_id", "invalid_value"),
    ],
)
async def test_what_cannot_be_priced(shop: Shop, changes: dict[str, Any], pointer: str, code: str) -> None:
    """Each is 422 with the place of the fault."""
    answered = await shop.client.post("/v1/quotes", {**QUOTE, **changes})

    assert (answered.status, answered.pointers) == (422, {pointer: code})


@pytest.mark.parametrize(
    ("claim", "pointer"),
    [
        ({"tax_status": "reverse_charge"}, "/tax_status"),
        ({"first_order": True}, "/first_order"),
        ({"referred": True}, "/referred"),
    ],
)
async def test_who_the_customer_is(shop: Shop, claim: dict[str, Any], pointer: str) -> None:
    """It is for staff to say: a guest is refused, with the place; the shop's own word is taken."""
    guest = await shop.client.post("/v1/quotes", {**QUOTE, **claim})
    staff = await shop.client.post("/v1/quotes", {**QUOTE, **claim}, token=shop.staff)

    assert (guest.status, guest.pointers) == (422, {pointer: "invalid_value"})
    assert staff.status == 201


async def test_a_competitors_price_is_for_staff(shop: Shop) -> None:
    """In our own currency, and never on a guest's word."""

    def item(currency: str) -> dict[str, Any]:
        seen = {"amount": 14000, "currency": currency}
        return {**QUOTE, "items": [{"service_id": "screen-repair", "competitor_price": seen}]}

    guest = await shop.client.post("/v1/quotes", item("GBP"))
    wrong, right = [await shop.client.post("/v1/quotes", item(one), token=shop.staff) for one in ("EUR", "GBP")]

    pointed = {"/items/0/competitor_price": "invalid_value"}
    assert (guest.status, guest.pointers, wrong.status, wrong.pointers) == (422, pointed, 422, pointed)
    assert right.status == 201


async def test_an_explanation(shop: Shop) -> None:
    """Every rule says what it did, or what kept it from doing anything."""
    quote = await shop.quote(urgency="urgent")

    explained = (await shop.client.get(f"/v1/quotes/{quote['id']}/explanation", token=quote["token"])).json

    fired = [rule for rule in explained["rules"] if rule["fired"]]
    assert fired[0]["after"] == {"amount": 15000, "currency": "GBP", "exact": "15000"}
    assert all(rule["why"] for rule in explained["rules"])


async def test_a_page_in_the_customers_language(shop: Shop) -> None:
    """Sentences in sections; the rules are those that were asked for."""
    quote = await shop.quote(urgency="urgent")
    path = f"/v1/quotes/{quote['id']}/explanation?language=de&stage=urgency&fired=true"

    page = (await shop.client.get(path, token=quote["token"])).json

    assert page["language"] == "de"
    assert page["lines"][0]["sentence"].startswith("Bildschirmreparatur: 248,00 £. Ausgangspreis 150,00 £;")
    assert [step["change"]["amount"] for step in page["lines"][0]["steps"]] == [15000, 1500, 8250, 50]
    assert page["taxes"][0]["sentence"] == "Mehrwertsteuer von 20 % ist im Preis enthalten: 41,33 £."
    assert [rule["rule_id"] for rule in page["rules"]] == ["urgency/urgent"]


async def test_what_would_change_the_price(shop: Shop) -> None:
    """Each change can be asked for, and comes to what it says."""
    quote = await shop.quote(urgency="urgent")
    explained = await shop.client.get(f"/v1/quotes/{quote['id']}/explanation", token=quote["token"])
    cheaper = [one for one in explained.json["counterfactuals"] if one["input"] == "urgency"]

    asked = {one["value"]: (await shop.quote(urgency=one["value"]))["total"] for one in cheaper}

    assert asked == {one["value"]: one["total"] for one in cheaper}
    assert {one["value"]: one["difference"]["amount"] for one in cheaper}["standard"] == 16500 - 24800


async def test_a_language_without_texts(shop: Shop) -> None:
    """Is 422, with the languages there are."""
    quote = await shop.quote()

    answered = await shop.client.get(f"/v1/quotes/{quote['id']}/explanation?language=xx", token=quote["token"])

    assert (answered.status, answered.pointers) == (422, {"/language": "invalid_value"})


async def test_a_proof(shop: Shop) -> None:
    """Recomputing gives the same receipt."""
    quote = await shop.quote()

    proof = (await shop.client.post(f"/v1/quotes/{quote['id']}/verify", token=quote["token"])).json

    receipt = quote["receipt_hash"]
    assert proof == {"matches": True, "receipt_hash": receipt, "recomputed_hash": receipt, "differs": []}


async def test_acceptance(shop: Shop) -> None:
    """It binds to the receipt: another one is 409 and changes nothing."""
    quote = await shop.quote()
    path = f"/v1/quotes/{quote['id']}/accept"

    other = await shop.client.post(path, {"receipt_hash": "0" * 64}, token=quote["token"])
    accepted = await shop.client.post(path, {"receipt_hash": quote["receipt_hash"]}, token=quote["token"])

    assert (other.status, other.json["code"]) == (409, "quote_changed")
    assert (accepted.status, accepted.json["status"]) == (200, "accepted")


async def test_an_expired_quote(shop: Shop) -> None:
    """After its time it says so, has another entity tag, and cannot be accepted."""
    quote = await shop.quote(urgency="urgent")
    path = f"/v1/quotes/{quote['id']}"
    before = await shop.client.get(path, token=quote["token"])
    shop.clock.advance(timedelta(hours=2))

    after = await shop.client.get(path, token=quote["token"], headers={"If-None-Match": before.headers["ETag"]})
    accepted = await shop.client.post(f"{path}/accept", {"receipt_hash": quote["receipt_hash"]}, token=quote["token"])

    assert (after.status, after.json["status"]) == (200, "expired")
    assert (accepted.status, accepted.json["code"]) == (409, "quote_expired")


async def test_an_acceptance_decided_on_another_version(shop: Shop) -> None:
    """If-Match is checked."""
    quote = await shop.quote()
    body = {"receipt_hash": quote["receipt_hash"]}

    stale = await shop.client.post(
        f"/v1/quotes/{quote['id']}/accept", body, token=quote["token"], headers={"If-Match": '"7"'}
    )
    right = await shop.client.post(
        f"/v1/quotes/{quote['id']}/accept", body, token=quote["token"], headers={"If-Match": '"1.open"'}
    )

    assert (stale.status, right.status) == (412, 200)


async def test_an_unknown_quote(shop: Shop) -> None:
    """404 for the staff, who may know that."""
    answered = await shop.client.get("/v1/quotes/qt_nothing", token=shop.staff)

    assert (answered.status, answered.json["code"]) == (404, "not_found")


async def test_a_price_for_a_customer(shop: Shop) -> None:
    """A customer who is named is read as in a booking; half of one is not enough, and nobody else's word is taken."""
    named = await shop.quote(customer={"email": "ana@example.com", "phone": "020 7946 0018"})
    wrong = [
        await shop.client.post("/v1/quotes", {**QUOTE, **given})
        for given in (
            {"customer": {"email": "ana@example.com"}},
            {"customer": {"email": "ana@example.com", "phone": "12"}},
            {"first_order": True},
            {"referral_code": "ana", "customer": {"email": "ana", "phone": "020 7946 0018"}},
        )
    ]

    assert named["status"] == "open"
    assert [(each.status, *each.pointers) for each in wrong] == [
        (422, "/customer/phone"),
        (422, "/customer/phone"),
        (422, "/first_order"),
        (422, "/customer/email"),
    ]
