"""Agreed prices, promotions and the market over HTTP."""

import asyncio
from datetime import timedelta
from fractions import Fraction

import pytest
from attrs import evolve

from repaircore.domain.actors import Role
from repaircore.domain.pricing.margin import Margins
from repaircore.domain.pricing.promotions import Promotion
from repaircore.domain.pricing.rules import Action, Rule, Scope, Stage
from tests.http.rooms.shop import QUOTE, Shop, booking_of

SNAPSHOTS = "/v1/admin/market/snapshots"
AGREED = {"prices": [{"line": "screen-repair", "amount": 15000}], "reason": "Promised on the phone."}


@pytest.fixture
async def keys(shop: Shop) -> dict[Role, str]:
    """A key for each role that agrees on prices."""
    made = {role: (await shop.core.access.create_key(role))[1] for role in (Role.TECHNICIAN, Role.ADMIN)}
    return {**made, Role.STAFF: shop.staff}


@pytest.fixture
async def offering(shop: Shop) -> Shop:
    """The shop with a code that has two uses."""
    book = shop.core.pricing.prices.current(shop.clock.now()).rulebook
    rule = Rule(
        id="save15",
        stage=Stage.DISCOUNTS,
        action=Action.PERCENT,
        value=Fraction(-15),
        scope=Scope(promo_codes=frozenset({"SAVE15"})),
        stacks=True,
    )
    codes = (Promotion(code="SAVE15", uses=2), Promotion(code="OVER", ends=shop.clock.now()))
    await shop.core.publish(evolve(book, version="offers", rules=(*book.rules, rule), promotions=codes))
    return shop


async def test_an_agreed_price(shop: Shop, keys: dict[Role, str]) -> None:
    """201 with a new quote that names the one it replaces, says the reason where it shows, and recomputes."""
    old = await shop.quote()

    answered = await shop.client.post(f"/v1/quotes/{old['id']}/override", AGREED, token=keys[Role.TECHNICIAN])

    new = answered.json
    assert answered.status == 201, answered.raw
    assert answered.headers["Location"] == f"/v1/quotes/{new['id']}"
    assert (new["replaces"], new["total"]["amount"], old["replaces"]) == (old["id"], 15000, None)
    read = await shop.client.get(f"/v1/quotes/{new['id']}", token=new["token"])
    proof = await shop.client.post(f"/v1/quotes/{new['id']}/verify", token=new["token"])
    assert read.json == {name: value for name, value in new.items() if name != "token"}
    assert proof.json["matches"] is True


async def test_limits_by_role(shop: Shop, keys: dict[Role, str]) -> None:
    """403 tells who may; an admin may anything; a customer nothing."""
    old = await shop.quote()
    path, half = f"/v1/quotes/{old['id']}/override", {"prices": [{"amount": 8000}], "reason": "A scratch of our own."}

    refused = await shop.client.post(path, half, token=keys[Role.STAFF])
    allowed = await shop.client.post(path, half, token=keys[Role.ADMIN])
    customer = await shop.client.post(path, half, token=old["token"])
    stranger = await shop.client.post(path, half)

    assert (refused.status, refused.json["code"]) == (403, "forbidden")
    assert refused.json["detail"].endswith("ask an admin")
    assert (allowed.status, allowed.json["subtotal"]["amount"]) == (201, 8000)
    assert allowed.json["lines"][-1]["description"] == "A scratch of our own."
    assert (customer.status, stranger.status) == (403, 401)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"prices": []}, "/prices"),
        ({"prices": [{"amount": -1}]}, "/prices/0/amount"),
        ({"prices": [{"amount": 15000, "line": "scren-repair"}]}, "/prices/0/line"),
        ({"prices": [{"amount": 15000}, {"amount": 15000}]}, "/prices"),
        ({"reason": ""}, "/reason"),
        ({"reason": "  "}, "/reason"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "/expires_at"),
        ({"margin_approval": ""}, "/margin_approval"),
    ],
)
async def test_what_cannot_be_agreed(shop: Shop, changes: dict[str, object], pointer: str) -> None:
    """422 with a pointer to what is wrong."""
    old = await shop.quote()

    answered = await shop.client.post(f"/v1/quotes/{old['id']}/override", {**AGREED, **changes}, token=shop.staff)

    assert answered.status == 422, answered.raw
    assert pointer in answered.pointers


async def test_a_code_from_quote_to_booking(offering: Shop) -> None:
    """The quote says which codes it was made with and without; staff see the uses; unknown codes are refused."""
    quote = await offering.quote(promo_codes=["save15", "over"])
    unknown = await offering.client.post("/v1/quotes", {**QUOTE, "promo_codes": ["SAVE1"]})

    await offering.client.post("/v1/bookings", booking_of(quote))

    listed = await offering.client.get("/v1/admin/promotions", token=offering.staff)
    assert quote["promo_codes"] == ["SAVE15"]
    assert quote["refused_codes"] == [{"code": "OVER", "why": "is no longer valid"}]
    assert (unknown.status, unknown.pointers) == (422, {"/promo_codes/0": "invalid_value"})
    assert b"SAVE15" not in unknown.raw
    assert [(each["code"], each["used"], each["refusal"]) for each in listed.json["items"]] == [
        ("OVER", 0, "is no longer valid"),
        ("SAVE15", 1, ""),
    ]


async def test_the_last_use_goes_once(offering: Shop) -> None:
    """Of many who book at once, with keys of their own, as many get the code as it has uses; the others are told which."""
    quotes = [await offering.quote(promo_codes=["SAVE15"]) for _ in range(10)]

    async def book(number: int) -> tuple[int, str]:
        headers = {"Idempotency-Key": f"key-{number}"} if number % 2 else None
        answered = await offering.client.post("/v1/bookings", booking_of(quotes[number]), headers=headers)
        return answered.status, answered.json.get("promo_code", "")

    answers = sorted(await asyncio.gather(*(book(number) for number in range(10))))

    assert answers == [(201, "")] * 2 + [(409, "SAVE15")] * 8


async def test_the_market(shop: Shop) -> None:
    """What was measured is kept; quotes name the newest; each can be read again."""
    empty = await shop.client.get("/v1/admin/market", token=shop.staff)

    made = await shop.client.post(SNAPSHOTS, {"figures": {"queue_length": 12}, "note": "at noon"}, token=shop.staff)

    quote = await shop.quote()
    read = await shop.client.get(f"{SNAPSHOTS}/{quote['market_snapshot_id']}", token=shop.staff)
    now = await shop.client.get("/v1/admin/market", token=shop.staff)
    assert empty.json == {"snapshot": None, "max_age_seconds": 86400}
    assert made.status == 201
    assert made.headers["Location"] == f"{SNAPSHOTS}/{made.json['id']}"
    assert read.json == made.json == now.json["snapshot"]
    assert (read.json["figures"], read.json["source"], read.json["note"]) == ({"queue_length": 12}, "api", "at noon")


async def test_pages_of_snapshots(shop: Shop) -> None:
    """Newest first, page by page, each once."""
    made = []
    for figure in range(5):
        shop.clock.advance(timedelta(minutes=1))
        made.append((await shop.client.post(SNAPSHOTS, {"figures": {"demand": figure}}, token=shop.staff)).json)

    first = await shop.client.get(f"{SNAPSHOTS}?limit=3", token=shop.staff)
    rest = await shop.client.get(f"{SNAPSHOTS}?limit=3&cursor={first.json['next_cursor']}", token=shop.staff)

    assert [*first.json["items"], *rest.json["items"]] == made[::-1]
    assert rest.json["next_cursor"] is None


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"figures": {}}, "/figures"),
        ({"figures": {"queue_length": 1.5}}, "/figures/queue_length"),
        ({"figures": {"queue_length": 10**30}}, "/figures/queue_length"),
        ({"figures": {"Queue": 1}}, "/figures/Queue"),
        ({"figures": {"demand": 1}, "at": "2199-01-01T00:00:00Z"}, "/at"),
    ],
)
async def test_what_is_no_measurement(shop: Shop, body: dict[str, object], pointer: str) -> None:
    """422, and nothing is kept."""
    answered = await shop.client.post(SNAPSHOTS, body, token=shop.staff)

    assert answered.status == 422, answered.raw
    assert any(each.startswith(pointer.rsplit("/", 1)[0]) for each in answered.pointers)
    assert (await shop.client.get(SNAPSHOTS, token=shop.staff)).json["items"] == []


@pytest.mark.parametrize("path", [SNAPSHOTS, "/v1/admin/market", "/v1/admin/promotions"])
async def test_the_back_office_is_closed(shop: Shop, path: str) -> None:
    """Strangers and customers see nothing of it."""
    quote = await shop.quote()

    assert (await shop.client.get(path)).status == 401
    assert (await shop.client.get(path, token=quote["token"])).status == 403


async def test_an_agreed_price_explains_itself(shop: Shop) -> None:
    """The explanation has a row for it, with the reason, and ends at the quote's total."""
    old = await shop.quote()
    new = (await shop.client.post(f"/v1/quotes/{old['id']}/override", AGREED, token=shop.staff)).json

    explained = await shop.client.get(f"/v1/quotes/{new['id']}/explanation", token=new["token"])

    assert explained.status == 200, explained.raw
    (row,) = [each for each in explained.json["rules"] if each["rule_id"] == "override"]
    assert (row["line"], row["before"]["amount"], row["after"]["amount"]) == ("screen-repair", 16500, 15000)
    assert (row["fired"], row["why"]) == (True, AGREED["reason"])
    assert explained.json["total"] == new["total"]


async def test_an_agreed_price_ends_early(shop: Shop, keys: dict[Role, str]) -> None:
    """Staff withdraw it with a reason; the quote is expired at once. Customers cannot, and rules' prices stay."""
    old = await shop.quote()
    new = (await shop.client.post(f"/v1/quotes/{old['id']}/override", AGREED, token=shop.staff)).json
    path, why = f"/v1/quotes/{new['id']}/override/withdraw", {"reason": "The wrong customer"}

    assert (await shop.client.post(path, why, token=new["token"])).status == 403
    assert (await shop.client.post(path, {"reason": ""}, token=shop.staff)).status == 422
    ended = await shop.client.post(path, why, token=shop.staff)
    again = await shop.client.post(path, why, token=keys[Role.ADMIN])
    never = await shop.client.post(f"/v1/quotes/{old['id']}/override/withdraw", why, token=shop.staff)

    assert (ended.status, ended.json["status"]) == (200, "expired")
    assert (again.status, again.json["code"]) == (409, "quote_expired")
    assert never.status == 422
    verified = await shop.client.post(f"/v1/quotes/{new['id']}/verify", token=shop.staff)
    assert verified.json["matches"] is True


async def test_agreeing_twice_with_one_key(shop: Shop) -> None:
    """A repeat under the same idempotency key makes no second quote."""
    old = await shop.quote()
    path, key = f"/v1/quotes/{old['id']}/override", {"Idempotency-Key": "agree-1"}

    first, again = [await shop.client.post(path, AGREED, token=shop.staff, headers=key) for _ in range(2)]

    assert first.status == again.status == 201
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json == first.json


async def test_a_margin_below_the_minimum(shop: Shop, keys: dict[Role, str]) -> None:
    """409 until an admin approves with a reason; nobody else may."""
    book = shop.core.pricing.prices.current(shop.clock.now()).rulebook
    parts = Rule(
        id="parts",
        stage=Stage.PARTS,
        action=Action.SET,
        value=Fraction(90000),
        scope=Scope(services=frozenset({"screen-repair"})),
    )
    half = Rule(id="half", stage=Stage.DISCOUNTS, action=Action.PERCENT, value=Fraction(-50))
    await shop.core.publish(evolve(book, version="costly", rules=(*book.rules, parts, half), margins=Margins()))

    asked = await shop.client.post("/v1/quotes", QUOTE)
    staff = await shop.client.post("/v1/quotes", {**QUOTE, "margin_approval": "a friend"}, token=shop.staff)
    admin = await shop.client.post("/v1/quotes", {**QUOTE, "margin_approval": "a friend"}, token=keys[Role.ADMIN])

    assert (asked.status, asked.json["code"]) == (409, "not_priced_online")
    assert (
        asked.json["detail"]
        == "a price for this cannot be given online: please contact the shop, who will give you one"
    )
    assert not any(word in asked.raw for word in (b"90000", b"margin", b"admin"))
    assert (staff.status, admin.status) == (403, 201)
    assert (await shop.client.post("/v1/quotes", QUOTE, token=shop.staff)).json["code"] == "margin_too_low"


async def test_staff_are_told_the_margin(shop: Shop, keys: dict[Role, str]) -> None:
    """Staff and administrators, whenever they look at the quote; never a customer, a guest, or who holds its link."""
    book = shop.core.pricing.prices.current(shop.clock.now()).rulebook
    parts = Rule(
        id="parts",
        stage=Stage.PARTS,
        action=Action.SET,
        value=Fraction(12000),
        scope=Scope(services=frozenset({"screen-repair"})),
    )
    await shop.core.publish(evolve(book, version="costly", rules=(*book.rules, parts), margins=Margins()))
    made = await shop.client.post("/v1/quotes", QUOTE)
    path = f"/v1/quotes/{made.json['id']}"

    for key in (shop.staff, keys[Role.ADMIN]):
        read = await shop.client.get(path, token=key)
        assert read.json["margin"] == {
            "percent": "51.5",
            "known": "partly",
            "unknown": ["screen-repair"],
            "verdict": "below_target",
        }
    for key in (made.json["token"], keys[Role.TECHNICIAN]):
        assert "margin" not in (await shop.client.get(path, token=key)).json
    assert "margin" not in made.json
