"""Rulebooks over HTTP: handed in, looked into, compared, simulated, published, rolled back."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from repaircore.domain.actors import Role
from tests.http.rooms.conftest import BUSINESS
from tests.http.rooms.shop import Shop

PATH = "/v1/admin/rulebooks"
FOLDER = BUSINESS.parent


def files(**changes: str) -> dict[str, Any]:
    """The example's rulebook as texts, as a new version in which urgent work is dearer."""
    toml = (FOLDER / "rulebook.toml").read_text(encoding="utf-8")
    for old, new in {'"2025-1"': '"2025-2"', "urgent = 1.5, emerg": "urgent = 1.6, emerg", **changes}.items():
        toml = toml.replace(old, new)
    sheets = {path.name: path.read_text(encoding="utf-8") for path in sorted(Path(FOLDER).glob("*.csv"))}
    return {"toml": toml, "sheets": sheets}


@pytest.fixture
async def admin(shop: Shop) -> str:
    """An administrator's key."""
    _, key = await shop.core.access.create_key(Role.ADMIN)
    return key


async def handed_in(shop: Shop, admin: str, **changes: str) -> str:
    """Hand in the changed rulebook; answer the draft's id."""
    answered = await shop.client.post(PATH, files(**changes), token=admin)
    assert answered.status == 201, answered.raw
    return str(answered.json["id"])


async def test_from_draft_to_rollback(shop: Shop, admin: str) -> None:
    """A change, looked at from all sides, published, and taken back; quotes that were given out keep their version."""
    before = await shop.quote(urgency="urgent")
    draft = await handed_in(shop, admin)

    check = (await shop.client.get(f"{PATH}/{draft}/check", token=shop.staff)).json
    diff = (await shop.client.get(f"{PATH}/{draft}/diff", token=shop.staff)).json
    simulated = (await shop.client.post(f"{PATH}/{draft}/simulate", {"last": 10}, token=shop.staff)).json
    published = await shop.client.post(f"{PATH}/{draft}/publish", {"note": "Busy season"}, token=admin)

    assert check["ok"] is True
    assert diff["rules"][0]["rule_id"] == "urgency/urgent"
    assert any(each["text"].endswith("£248 → £264 when urgent") for each in diff["prices"])
    assert simulated["total"] == {"count": 1, "more": 1, "less": 0, "before": 24800, "after": 26400}
    assert published.status == 200
    assert (published.json["version"], published.json["in_force"]) == ("2025-2", True)
    assert (await shop.quote(urgency="urgent"))["total"]["amount"] == 26400

    rolled_back = await shop.client.post(f"{PATH}/2025-1/rollback", {}, token=admin)

    assert (rolled_back.json["number"], rolled_back.json["rolls_back"]) == (3, "2025-2")
    assert (await shop.quote(urgency="urgent"))["total"]["amount"] == 24800
    proof = await shop.client.post(f"/v1/quotes/{before['id']}/verify", token=shop.staff)
    assert proof.json["matches"] is True


async def test_a_refusal_points_at_the_request(shop: Shop, admin: str) -> None:
    """A grade that is not to be had, after a service that was asked for twice: the pointer is to the item as it was sent."""
    part = '[[rules]]\nid = "oem"\nstage = "parts"\nset = 10\nwhen = { service = "screen-repair", grade = "oem" }\n'
    grades = '[vocabulary]\ngrades = ["oem", "premium"]'
    draft = await handed_in(shop, admin, **{"[vocabulary]": f"{part}\n{grades}"})
    await shop.client.post(f"{PATH}/{draft}/publish", {}, token=admin)
    battery, screen = {"service_id": "battery-replacement"}, {"service_id": "screen-repair", "grade": "premium"}

    answered = await shop.client.post("/v1/quotes", {"device_id": "iphone-13-pro", "items": [battery, battery, screen]})

    assert (answered.status, answered.pointers) == (422, {"/items/2/grade": "service_not_offered"})


async def test_what_was_published(shop: Shop, admin: str) -> None:
    """Newest first, in pages, with who and when."""
    draft = await handed_in(shop, admin)
    effective = (shop.clock.now() + timedelta(days=1)).isoformat()
    await shop.client.post(f"{PATH}/{draft}/publish", {"effective_from": effective}, token=admin)

    first = (await shop.client.get(f"{PATH}?limit=1", token=shop.staff)).json
    second = (await shop.client.get(f"{PATH}?limit=1&cursor={first['next_cursor']}", token=shop.staff)).json

    assert (first["items"][0]["version"], first["items"][0]["in_force"]) == ("2025-2", False)
    assert first["items"][0]["approver"].startswith("key_")
    assert (second["items"][0]["version"], second["items"][0]["in_force"]) == ("2025-1", True)
    assert second["next_cursor"] is None


async def test_a_rulebook_is_read(shop: Shop, admin: str) -> None:
    """A draft by its id, a published one by its version; nothing else is there."""
    draft = await handed_in(shop, admin)

    read = (await shop.client.get(f"{PATH}/{draft}", token=shop.staff)).json
    published = (await shop.client.get(f"{PATH}/2025-1", token=shop.staff)).json

    assert (read["id"], read["version"]) == (draft, "2025-2")
    assert read["content_hash"] != published["content_hash"]
    assert (await shop.client.get(f"{PATH}/2025-3", token=shop.staff)).status == 404


async def test_who_may(shop: Shop, admin: str) -> None:
    """Staff looks, an administrator changes, a stranger does neither."""
    draft = await handed_in(shop, admin)

    for path, body in ((PATH, files()), (f"{PATH}/{draft}/publish", {}), (f"{PATH}/2025-1/rollback", {})):
        assert (await shop.client.post(path, body)).status == 401
        assert (await shop.client.post(path, body, token=shop.staff)).status == 403
    assert (await shop.client.get(PATH)).status == 401
    assert (await shop.client.get(f"{PATH}/{draft}/diff?against=2025-1", token=shop.staff)).status == 200


async def test_faults_are_named(shop: Shop, admin: str) -> None:
    """File, line and field of every fault, pointing into the request; nothing is kept."""
    answered = await shop.client.post(PATH, files(**{"multiply = 1.1": "multiply = x1"}), token=admin)
    unknown = await shop.client.post(PATH, files(**{'category = "iphone"': 'category = "ipone"'}), token=admin)
    no_sheet = await shop.client.post(PATH, {"toml": files()["toml"]}, token=admin)

    assert answered.status == unknown.status == no_sheet.status == 422
    assert "/toml" in answered.pointers
    assert "did you mean 'iphone'?" in unknown.json["errors"][0]["message"]
    assert "/sheets/prices.csv" in no_sheet.pointers


@pytest.mark.parametrize("name", ["../prices.csv", "/etc/x.csv", "prices.txt", ".csv", ""])
async def test_sheets_have_plain_names(shop: Shop, admin: str, name: str) -> None:
    """No path leads out of the upload."""
    answered = await shop.client.post(PATH, {"toml": "version = 1", "sheets": {name: ""}}, token=admin)

    assert answered.status == 422


async def test_errors_keep_it_from_being_published(shop: Shop, admin: str) -> None:
    """A draft may have errors; publishing it lists them."""
    rounding = 'id = "whole-pounds"\nstage = "rounding"\nround_to = 1'
    draft = await handed_in(
        shop,
        admin,
        **{
            f"[[rules]]\n{rounding}": f'[[rules]]\nid = "again"\nstage = "rounding"\nround_to = 5\n\n[[rules]]\n{rounding}'
        },
    )

    refused = await shop.client.post(f"{PATH}/{draft}/publish", {}, token=admin)

    assert (refused.status, refused.json["code"]) == (422, "rulebook_invalid")
    assert refused.json["errors"][0]["code"] == "tie"
    assert (await shop.client.get(f"{PATH}/{draft}/check", token=shop.staff)).json["ok"] is False


async def test_what_cannot_be_published(shop: Shop, admin: str) -> None:
    """A moment that has passed, other content under a known version, the same twice, the version in force."""
    draft = await handed_in(shop, admin)
    other = await handed_in(shop, admin, **{'"2025-1"': '"2025-1"', '"2025-2"': '"2025-1"'})
    past = (shop.clock.now() - timedelta(days=1)).isoformat()

    late = await shop.client.post(f"{PATH}/{draft}/publish", {"effective_from": past}, token=admin)
    taken = await shop.client.post(f"{PATH}/{other}/publish", {}, token=admin)
    first = await shop.client.post(f"{PATH}/{draft}/publish", {}, token=admin)
    again = await shop.client.post(f"{PATH}/{draft}/publish", {}, token=admin)
    back = await shop.client.post(f"{PATH}/2025-2/rollback", {}, token=admin)

    assert (late.status, late.pointers) == (422, {"/effective_from": "invalid_value"})
    assert (taken.status, taken.json["code"]) == (409, "rulebook_version_taken")
    assert (first.status, again.status, again.json["code"]) == (200, 409, "already_published")
    assert (back.status, back.json["code"]) == (409, "already_in_force")
