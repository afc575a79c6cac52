"""From a request to a held price, and what is refused on the way."""

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from repaircore.domain.catalog.catalogue import Device, Service
from repaircore.domain.errors import InvalidValue, NotFound, NotOffered
from repaircore.domain.identity import QuoteId
from repaircore.domain.pricing.engine import compile_rulebook
from repaircore.domain.pricing.offer import offered
from repaircore.domain.pricing.quoting import QuoteRequest, Wanted, is_offered, make_quote
from tests.unit.pricing.shop import (
    FIXBULANCE,
    FIXBULANCE_CATALOGUE,
    NOON,
    REVIVA,
    REVIVA_CATALOGUE,
    catalogue,
    fixbulance_quote,
    quote,
    reviva_quote,
    rule,
    rulebook,
)


@pytest.mark.parametrize(("urgency", "hours"), [("standard", 24), ("low", 24), ("urgent", 2), ("emergency", 2)])
def test_held_for_a_day_or_two_hours(urgency: str, hours: int) -> None:
    """A price is held for 24 hours; urgent and emergency for two."""
    held = reviva_quote("iphone-13-pro", "screen", urgency=urgency)

    assert (held.created_at, held.valid_until) == (NOON, NOON + timedelta(hours=hours))


@pytest.mark.parametrize(("urgency", "seconds"), [("high", 60), ("standard", 3600), ("urgent", 3600)])
def test_validity_is_the_rulebooks(urgency: str, seconds: int) -> None:
    """A rulebook may say how long, by urgency or for all."""
    book = evolve(REVIVA, validity={"high": 60, "": 3600})

    held = quote(book, REVIVA_CATALOGUE, "iphone-13-pro", "screen", urgency=urgency)

    assert held.valid_until - held.created_at == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("given", "pointer", "says"),
    [
        ({"urgency": "urgnt"}, "/urgency", "did you mean 'urgent'"),
        ({"urgency": ""}, "/urgency", "there is no urgency"),
        ({"fulfilment": "pick-up"}, "/fulfilment", "did you mean 'pickup'"),
        ({"condition": "por"}, "/condition", "did you mean 'poor'"),
        ({"complexity": "hard"}, "/complexity", "does not price by complexity"),
        ({"customer_type": "student"}, "/customer_type", "does not price by customer type"),
        ({"postcode": "SW1A 1AA; DROP"}, "/postcode", "is not a postcode"),
        ({"promo_codes": ("SAVE15",)}, "/promo_codes/0", "'SAVE15' is not a promotion"),
        ({"slot_start": NOON - timedelta(seconds=1)}, "/slot_start", "must not be in the past"),
        ({"slot_start": NOON.replace(tzinfo=None)}, "/slot_start", "must have an offset"),
    ],
)
def test_refused_inputs(given: dict[str, Any], pointer: str, says: str) -> None:
    """Each refusal points at the field and names what would be right."""
    book = evolve(REVIVA, vocabulary={"conditions": frozenset({"good", "poor"})})

    with pytest.raises(InvalidValue, match=says) as refusal:
        quote(book, REVIVA_CATALOGUE, "iphone-13-pro", "screen", **given)

    assert refusal.value.pointer == pointer


@pytest.mark.parametrize(
    ("items", "pointer"),
    [
        ((), "/items"),
        ((("screen", 0),), "/items/0/quantity"),
        ((("battery", 1), ("screen", -1)), "/items/1/quantity"),
        ((("screen", 11),), "/items/0/quantity"),
        ((("screen", 6), ("screen", 5)), "/items/1/quantity"),
    ],
)
def test_quantities(items: tuple[tuple[str, int], ...], pointer: str) -> None:
    """At least one item, each at least once, and no more of a service than it allows, however it is spread."""
    request = QuoteRequest(device_id="iphone-13-pro", items=items)

    with pytest.raises(InvalidValue) as refusal:
        make_quote(request, catalogue=REVIVA_CATALOGUE, rulebook=REVIVA, id=QuoteId("qt_1"), at=NOON)

    assert refusal.value.pointer == pointer


def test_unknown_device_and_service() -> None:
    """The nearest known name is offered."""
    with pytest.raises(NotFound, match="did you mean 'iphone-13-pro'") as device:
        reviva_quote("iphone-13-por", "screen")
    with pytest.raises(NotFound, match="did you mean 'battery'") as service:
        reviva_quote("iphone-13-pro", "screen", "batery")

    assert (device.value.pointer, service.value.pointer) == ("/device_id", "/items/1/service_id")


def test_gap_in_the_price_list() -> None:
    """A service without a price for the device is not offered."""
    with pytest.raises(NotOffered, match="Aftermarket Screen is not offered for Samsung Galaxy S22") as refusal:
        fixbulance_quote("galaxy-s22", "original-screen", "aftermarket-screen")

    assert (refusal.value.pointer, refusal.value.code) == ("/items/1/service_id", "service_not_offered")


@pytest.mark.parametrize(
    ("before", "pointer"),
    [
        ((("battery", 1),), "/items/1/grade"),
        ((("battery", 1), ("battery", 2)), "/items/2/grade"),
        ((Wanted(service_id="battery", grade="oem"), ("battery", 1), Wanted(service_id="battery")), "/items/3/grade"),
    ],
)
def test_what_only_the_engine_refuses(before: tuple[tuple[str, int] | Wanted, ...], pointer: str) -> None:
    """The refusal points at the item as it was asked, however often another one was."""
    oem = rule("oem", "parts set", 9000, services={"screen"}, grades={"oem"})
    book = rulebook(*REVIVA.rules, oem, vocabulary={"grades": frozenset({"oem", "premium"})})
    items = (*before, Wanted(service_id="screen", grade="premium"), ("battery", 1))
    request = QuoteRequest(device_id="iphone-13-pro", items=items)

    with pytest.raises(NotOffered, match="parts of that grade") as refusal:
        make_quote(request, catalogue=REVIVA_CATALOGUE, rulebook=book, id=QuoteId("qt_1"), at=NOON)

    assert refusal.value.pointer == pointer


def test_refurbished_only() -> None:
    """Where original parts are not to be had, the customer is told so, and what to do."""
    with pytest.raises(NotOffered, match="ask the shop for a repair with refurbished parts") as refusal:
        fixbulance_quote("galaxy-s25", "original-screen")

    assert refusal.value.code == "refurbished_only"


def test_a_price_of_its_own() -> None:
    """A service that needs one is not quoted by a price for any device; one for other categories not at all."""
    own = Service("own", "Own", needs_price=True)
    consoles = Service("consoles", "Consoles", categories=("console",))
    phone = Device("phone", "Acme", "Phone", "phone")
    compiled = compile_rulebook(rulebook(rule("any", "base set", 100)))

    assert not is_offered(own, phone, compiled)
    assert not is_offered(consoles, phone, compiled)
    assert is_offered(Service("any", "Any"), phone, compiled)


def test_what_is_offered_for_a_device() -> None:
    """Only services with a price, in the catalogue's order."""
    compiled = compile_rulebook(FIXBULANCE)

    found = offered(FIXBULANCE_CATALOGUE, compiled, FIXBULANCE_CATALOGUE.device("iphone-16-pro-max"))

    assert [service.id for service in found] == ["aftermarket-screen", "original-battery"]


def test_the_slot_decides_the_hour_in_the_business_zone() -> None:
    """17:30 UTC is half past six in a London summer, so the evening surcharge applies."""
    evening = evolve(REVIVA, rules=(*REVIVA.rules, rule("evening", "season multiply", 2, hour_from=18)))
    summer = NOON.replace(month=7)

    held = quote(
        evening, REVIVA_CATALOGUE, "iphone-13-pro", "screen", at=summer, slot_start=summer.replace(hour=17, minute=30)
    )

    assert (held.priced.total.amount, held.facts.local_time.hour) == (330_00, 18)


def test_postcodes_are_read_as_people_write_them() -> None:
    """Small letters and spaces are one postcode."""
    offer = catalogue([Device("phone", "Acme", "Phone", "phone")], "screen")

    assert quote(REVIVA, offer, "phone", "screen", postcode=" sw1a 1aa ").facts.postcode == "SW1A1AA"
