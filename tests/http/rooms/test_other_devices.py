"""Quotes for devices that are not in the catalogue, over HTTP."""

from tests.http.rooms.shop import QUOTE, Shop


async def test_by_category(shop: Shop) -> None:
    """`other-<category>` is priced by what holds for any device of the category, and the price can be proved."""
    quote = await shop.quote(device_id="other-android-phone", device_description="Fairphone 5")
    proof = await shop.client.post(f"/v1/quotes/{quote['id']}/verify", {}, token=quote["token"])

    assert quote["device"]["name"] == "Fairphone 5"
    assert quote["total"] == {"amount": 15000, "currency": "GBP"}
    assert proof.json["matches"] is True


async def test_on_inspection(shop: Shop) -> None:
    """For a category that the shop looks at first, the diagnostic fee is quoted instead of the repair."""
    quote = await shop.quote(device_id="other-desktop-pc")
    services = await shop.client.get("/v1/catalog/services?device_id=other-desktop-pc")

    assert quote["device"]["name"] == "Other Desktop PC (quote on inspection)"
    assert [line["code"] for line in quote["lines"]] == ["hardware-diagnostic"]
    assert quote["total"]["amount"] == 4000
    assert [each["id"] for each in services.json["items"]] == ["hardware-diagnostic"]


async def test_in_words_alone(shop: Shop) -> None:
    """A description that is a device's name is that device; any other is a device of its own."""
    known = await shop.quote(device_id="", device_description="iphone 13 pro")
    other = await shop.quote(device_id="", device_description="Vertu Signature")

    assert known["device"]["id"] == "iphone-13-pro"
    assert other["device"]["name"] == "Vertu Signature"


async def test_neither_id_nor_words(shop: Shop) -> None:
    """422 points at the device; so does an unknown category, with the nearest one."""
    nothing = await shop.client.post("/v1/quotes", {"items": QUOTE["items"]})
    unknown = await shop.client.post("/v1/quotes", {**QUOTE, "device_id": "other-iphon"})

    for answered in (nothing, unknown):
        assert answered.status == 422
        assert answered.json["errors"][0]["pointer"] == "/device_id"
    assert "did you mean 'iphone'?" in unknown.json["errors"][0]["message"]
