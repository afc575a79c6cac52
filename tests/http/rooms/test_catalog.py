"""The offer over HTTP."""

from tests.http.rooms.shop import Shop


async def test_every_device_once(shop: Shop) -> None:
    """Following the cursors visits the whole catalogue, no device twice."""
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await shop.client.get(f"/v1/catalog/devices?limit=30&cursor={cursor}")).json
        seen += [device["id"] for device in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == 98


async def test_what_people_type(shop: Shop) -> None:
    """`q` finds the device they mean first."""
    found = (await shop.client.get("/v1/catalog/devices?q=iphone+13+pro")).json["items"]

    assert found[0]["id"] == "iphone-13-pro"
    assert found[0]["year"] == 2021


async def test_filters(shop: Shop) -> None:
    """Category, brand and year narrow the list."""
    found = (await shop.client.get("/v1/catalog/devices?category=iphone&brand=apple&year=2021&limit=100")).json["items"]

    assert found
    assert {(device["category"], device["brand"], device["year"]) for device in found} == {("iphone", "Apple", 2021)}


async def test_categories_and_brands(shop: Shop) -> None:
    """They say what there is to filter by."""
    categories = (await shop.client.get("/v1/catalog/categories")).json["items"]
    brands = (await shop.client.get("/v1/catalog/brands?category=iphone")).json["items"]

    assert "iphone" in {category["id"] for category in categories}
    assert brands == ["Apple"]


async def test_one_device(shop: Shop) -> None:
    """By id; an unknown one is 404 and names the nearest."""
    known = await shop.client.get("/v1/catalog/devices/iphone-13-pro")
    unknown = await shop.client.get("/v1/catalog/devices/iphone-13-prp")

    assert known.json["brand"] == "Apple"
    assert unknown.status == 404
    assert "did you mean 'iphone-13-pro'?" in unknown.json["detail"]


async def test_services_of_a_device(shop: Shop) -> None:
    """What is offered for it; an unknown device in the query is a fault of the request."""
    offered = await shop.client.get("/v1/catalog/services?device_id=iphone-13-pro")
    unknown = await shop.client.get("/v1/catalog/services?device_id=nokia-3310")

    assert "screen-repair" in {service["id"] for service in offered.json["items"]}
    assert (unknown.status, unknown.pointers) == (422, {"/device_id": "not_found"})


async def test_a_cursor_of_another_list(shop: Shop) -> None:
    """It is refused, like any garbage."""
    page = (await shop.client.get("/v1/catalog/devices?limit=1")).json

    for cursor in (page["next_cursor"], "garbage", "AAAA", "%00", "é"):
        answered = await shop.client.get(f"/v1/catalog/services?cursor={cursor}")
        assert answered.status == 422, cursor
        assert set(answered.pointers) == {"/cursor"}
