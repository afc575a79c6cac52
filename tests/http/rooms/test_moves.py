"""Lifecycle moves over HTTP."""

from repaircore.domain.booking.lifecycle import Action
from repaircore.entrypoints.http.rooms import ROUTES
from tests.http.rooms.shop import Shop


async def test_a_job_from_start_to_end(shop: Shop) -> None:
    """Confirmed, started, ready, completed; the history tells who did what."""
    booking = await shop.booked()

    for action, status in (
        ("confirm", "confirmed"),
        ("start", "in_progress"),
        ("ready", "ready_for_pickup"),
        ("complete", "completed"),
    ):
        moved = await shop.move(booking, action)
        assert (moved.status, moved.json["status"]) == (200, status)

    history = (await shop.client.get(f"/v1/bookings/{booking['id']}/history", token=shop.staff)).json["items"]
    assert [(row["action"], row["from"], row["to"], row["actor"]["role"]) for row in history] == [
        ("book", "pending", "pending", "guest"),
        ("confirm", "pending", "confirmed", "staff"),
        ("start", "confirmed", "in_progress", "staff"),
        ("ready", "in_progress", "ready_for_pickup", "staff"),
        ("complete", "ready_for_pickup", "completed", "staff"),
    ]
    timeline = (await shop.client.get(f"/v1/bookings/{booking['id']}/timeline", token=shop.staff)).json["items"]
    assert [entry["kind"] for entry in timeline][-1] == "booking.completed"


async def test_an_illegal_move(shop: Shop) -> None:
    """409 with where it is, where it was to go, and what is allowed."""
    booking = await shop.booked()

    refused = await shop.move(booking, "complete")

    assert (refused.status, refused.json["code"]) == (409, "illegal_transition")
    assert (refused.json["from"], refused.json["to"]) == ("pending", "completed")
    assert "confirmed" in refused.json["allowed"]


async def test_a_move_without_its_reason(shop: Shop) -> None:
    """422 at /reason."""
    booking = await shop.booked()

    refused = await shop.move(booking, "reject")
    given = await shop.move(booking, "reject", "We do not have the part.")

    assert (refused.status, refused.pointers) == (422, {"/reason": "reason_required"})
    assert given.json["status"] == "rejected"


async def test_customers_move_what_is_theirs_to_move(shop: Shop) -> None:
    """They may cancel before work starts, and never confirm."""
    booking = await shop.booked()
    path, token = f"/v1/bookings/{booking['id']}", booking["tracking_token"]

    confirmed = await shop.client.post(f"{path}/confirm", token=token)
    reassigned = await shop.client.post(f"{path}/reassign", {"technician_id": "t"}, token=token)
    cancelled = await shop.client.post(f"{path}/cancel", {"reason": "Changed my mind."}, token=token)

    assert (confirmed.status, reassigned.status) == (403, 403)
    assert (cancelled.status, cancelled.json["status"]) == (200, "cancelled")
    assert cancelled.json["due"]["amount"] == 0
    assert cancelled.json["allowed_actions"] == []


async def test_a_move_decided_on_an_older_version(shop: Shop) -> None:
    """412, and nothing has changed; with the current tag it goes through."""
    booking = await shop.booked()
    await shop.move(booking, "confirm")

    stale = await shop.move(booking, "start", If_Match='"1"')
    current = await shop.client.get(f"/v1/bookings/{booking['id']}", token=shop.staff)
    right = await shop.move(booking, "start", If_Match=current.headers["ETag"])

    assert (stale.status, stale.json["code"]) == (412, "version_changed")
    assert (current.json["status"], right.json["status"]) == ("confirmed", "in_progress")
    assert right.headers["ETag"] != current.headers["ETag"]


async def test_the_deposit_comes_first(shop: Shop) -> None:
    """Confirming an urgent job needs its deposit."""
    booking = await shop.booked(urgency="urgent")

    refused = await shop.move(booking, "confirm")

    assert (refused.status, refused.json["code"]) == (409, "deposit_required")


async def test_another_time(shop: Shop) -> None:
    """The appointment moves to the future, never to the past."""
    booking = await shop.booked()
    path = f"/v1/bookings/{booking['id']}/reschedule"

    past = await shop.client.post(path, {"slot_start": "2020-01-01T10:00:00Z"}, token=shop.staff)
    moved = await shop.client.post(path, {"slot_start": "2026-02-01T10:00:00+01:00"}, token=shop.staff)

    assert (past.status, past.pointers) == (422, {"/slot_start": "invalid_value"})
    assert moved.json["slot_start"].startswith("2026-02-01T")


async def test_another_technician(shop: Shop) -> None:
    """The staff reassign a job."""
    booking = await shop.booked()

    moved = await shop.client.post(
        f"/v1/bookings/{booking['id']}/reassign", {"technician_id": "tech_7"}, token=shop.staff
    )

    assert moved.json["technician_id"] == "tech_7"


async def test_an_unknown_booking(shop: Shop) -> None:
    """404, whatever the move."""
    answered = await shop.move({"id": "bk_nothing"}, "confirm")

    assert answered.status == 404


def test_every_action_has_its_path() -> None:
    """All but the one that only a payment makes."""
    paths = {route.path.rpartition("/")[2] for route in ROUTES if route.path.startswith("/v1/bookings/{booking_id}/")}

    assert {action for action in Action if action not in paths} == {Action.PAY_DEPOSIT}
