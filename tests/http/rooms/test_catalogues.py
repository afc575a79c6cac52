"""The catalogue's administration over HTTP."""

from typing import Any

import pytest

from repaircore.domain.actors import Role
from tests.http.rooms.shop import Shop

ADMIN = "/v1/admin/catalog"
SHEET = "id,brand,model,category\nfairphone-5,Fairphone,Fairphone 5,android-phone\n"
LIST = "supplier_part,device,service,grade,cost,date\nA,iphone-12,screen-repair,oem,{cost},2026-05-01\n"


async def admin_of(shop: Shop) -> str:
    """An admin's key."""
    return (await shop.core.access.create_key(Role.ADMIN))[1]


async def drafted(shop: Shop, **changes: Any) -> Any:
    """Take in one device as a draft."""
    body = {"files": {"devices.csv": SHEET}, "reason": "We repair these too", **changes}
    answered = await shop.client.post(f"{ADMIN}/imports", body, token=shop.staff)
    assert answered.status == 201, answered.raw
    return answered.json


async def test_from_draft_to_sale(shop: Shop) -> None:
    """Staff draft, an admin publishes, customers find it; the version tells who, when and why."""
    review = (await drafted(shop))["catalog"]
    id = review["draft"]["id"]
    before = await shop.client.get("/v1/catalog/devices/fairphone-5")
    not_staff = await shop.client.post(f"{ADMIN}/drafts/{id}/publish", {}, token=shop.staff)

    published = await shop.client.post(f"{ADMIN}/drafts/{id}/publish", {}, token=await admin_of(shop))

    found = await shop.client.get("/v1/catalog/devices?q=farphone 5")
    versions = (await shop.client.get(f"{ADMIN}/versions", token=shop.staff)).json["items"]
    assert [(each["kind"], each["id"]) for each in review["changes"]] == [("added", "fairphone-5")]
    assert (before.status, not_staff.status, published.status) == (404, 403, 200)
    assert found.json["items"][0]["id"] == "fairphone-5"
    assert [each["number"] for each in versions] == [2, 1]
    assert versions[0]["reason"] == "We repair these too"
    assert versions[0]["approver"]["role"] == "admin"
    assert [each["id"] for each in (await shop.client.get(f"{ADMIN}/drafts", token=shop.staff)).json["items"]] == [id]


async def test_a_second_draft_of_the_same_version(shop: Shop) -> None:
    """409: it would undo the first."""
    admin, first, second = await admin_of(shop), await drafted(shop), await drafted(shop)
    for draft, status in ((first, 200), (second, 409)):
        id = draft["catalog"]["draft"]["id"]
        answered = await shop.client.post(f"{ADMIN}/drafts/{id}/publish", {}, token=admin)
        assert answered.status == status

    assert answered.json["code"] == "catalogue_draft_outdated"


async def test_rolling_back(shop: Shop) -> None:
    """The catalogue from before is for sale again."""
    admin, id = await admin_of(shop), (await drafted(shop))["catalog"]["draft"]["id"]
    await shop.client.post(f"{ADMIN}/drafts/{id}/publish", {}, token=admin)

    back = await shop.client.post(f"{ADMIN}/rollback", {"reason": "We do not, after all"}, token=admin)

    assert (back.json["number"], back.json["rolls_back"]) == (3, 2)
    assert (await shop.client.get("/v1/catalog/devices/fairphone-5")).status == 404


async def test_a_price_list_and_its_history(shop: Shop) -> None:
    """Approved costs have a history in pages; a jump has to be meant."""
    admin = await admin_of(shop)
    for cost, meant in (("50", False), ("500", True)):
        body = {"supplier": "acme", "csv": LIST.format(cost=cost), "reason": f"Now {cost}", "batch": f"batch-{cost}"}
        review = (await shop.client.post(f"{ADMIN}/price-lists", body, token=shop.staff)).json
        path = f"{ADMIN}/drafts/{review['draft']['id']}/publish"
        if meant:
            refused = await shop.client.post(path, {}, token=admin)
            assert (refused.status, refused.json["code"]) == (409, "suspicious_jumps")
        assert (await shop.client.post(path, {"jumps_are_meant": meant}, token=admin)).status == 200

    first = (await shop.client.get(f"{ADMIN}/price-history?limit=1&device_id=iphone-12", token=shop.staff)).json
    rest = await shop.client.get(f"{ADMIN}/price-history?cursor={first['next_cursor']}", token=shop.staff)

    (newest,) = first["items"]
    assert (newest["before"]["amount"], newest["after"]["amount"], newest["batch"]) == (5000, 50000, "batch-500")
    assert [each["after"]["amount"] for each in rest.json["items"]] == [5000]
    assert rest.json["next_cursor"] is None


async def test_faults_are_told_by_file_and_line(shop: Shop) -> None:
    """422 with a pointer to the file, and the nearest known name."""
    body = {"files": {"devices.csv": SHEET.replace("android-phone", "andriod-phone")}, "reason": "Typing"}

    answered = await shop.client.post(f"{ADMIN}/imports", body, token=shop.staff)

    assert answered.status == 422
    (error,) = answered.json["errors"]
    assert error["pointer"] == "/files/devices.csv"
    assert "devices.csv:2: category: no category 'andriod-phone'; did you mean 'android-phone'?" in error["message"]


@pytest.mark.parametrize("name", ["../devices.csv", "devices.exe", "/etc/devices.csv", "a/b.toml"])
async def test_names_that_are_no_plain_files(shop: Shop, name: str) -> None:
    """A name leads nowhere but to itself."""
    body = {"files": {name: SHEET}, "reason": "Elsewhere"}

    assert (await shop.client.post(f"{ADMIN}/imports", body, token=shop.staff)).status == 422


async def test_prices_become_a_rulebook_draft(shop: Shop) -> None:
    """They are looked at and published as rulebooks are."""
    done = await drafted(shop, files={"prices.csv": "service,price\nscreen-repair,160\n"})

    read = await shop.client.get(f"/v1/admin/rulebooks/{done['rulebook_draft']}", token=shop.staff)

    assert done["catalog"] is None
    assert read.status == 200


@pytest.mark.parametrize("path", ["versions", "drafts", "price-history"])
async def test_not_for_customers(shop: Shop, path: str) -> None:
    """What things cost the shop is the shop's business."""
    assert (await shop.client.get(f"{ADMIN}/{path}")).status == 401
