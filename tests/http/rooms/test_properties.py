"""Whatever is sent, the answer is never a 500."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.http.rooms.shop import QUOTE, Shop, booking_of

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(10**30), max_value=10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=()), max_size=30),
    st.sampled_from(["2026-02-30T10:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59Z", "in_store", ""]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
SOUND_QUOTE: dict[str, Any] = {**QUOTE, "slot_start": "2026-02-02T10:00:00Z", "postcode": "SW1A 1AA", "promo_codes": []}
SOUND_BOOKING = booking_of(
    {"id": "qt_1"},
    address={"line1": "1 High St", "city": "London", "postcode": "SW1A 1AA", "country": "GB"},
    notes="",
    slot_start=None,
)


@st.composite
def spoiled(draw: st.DrawFn, sound: Any) -> Any:
    """A sound body in which some parts are replaced by anything, left out, or joined by others."""
    if isinstance(sound, dict) and draw(st.booleans()):
        body = {name: draw(spoiled(part)) for name, part in sound.items() if draw(st.integers(0, 9))}
        return {**body, **draw(st.dictionaries(st.text(max_size=6), JSON, max_size=1))}
    return draw(JSON) if draw(st.integers(0, 4)) == 0 else sound


PATHS = {
    "/v1/quotes": SOUND_QUOTE,
    "/v1/bookings": SOUND_BOOKING,
    "/v1/quotes/qt_1/accept": {"receipt_hash": "0"},
    "/v1/bookings/bk_1/cancel": {"reason": "x"},
    "/v1/bookings/bk_1/reschedule": {"slot_start": "2026-02-02T10:00:00Z"},
    "/v1/bookings/bk_1/reassign": {"technician_id": "t"},
    "/v1/bookings/bk_1/payments": {"purpose": "deposit"},
}


@pytest.mark.parametrize("path", PATHS)
async def test_any_json(shop: Shop, path: str) -> None:
    """Every body is answered 2xx or 4xx, and a 422 names at least one place."""
    bodies: list[Any] = []

    @settings(max_examples=120, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(spoiled(PATHS[path]) | JSON)
    def collect(body: Any) -> None:
        bodies.append(body)

    collect()
    for body in bodies:
        answered = await shop.client.post(path, body, token=shop.staff)
        assert answered.status < 500, (body, answered.raw)
        if answered.status == 422:
            assert answered.json["errors"], body


async def test_any_bytes(shop: Shop) -> None:
    """Bytes that are hardly JSON are answered too."""
    raws: list[bytes] = []

    @settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.binary(max_size=60) | st.text('{}[]":,\\u0d8\0é1eE-+. ntf', max_size=40).map(lambda text: text.encode()))
    def collect(raw: bytes) -> None:
        raws.append(raw)

    collect()
    for raw in raws:
        answered = await shop.client.post_raw("/v1/quotes", raw)
        assert 400 <= answered.status < 500, (raw, answered.raw)
