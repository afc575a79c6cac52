"""The example catalogues are whole: nothing was lost or made up on the way from the shops' own lists."""

from collections import Counter
from collections.abc import Iterable

import pytest

from repaircore.domain.catalog.catalogue import Service
from repaircore.domain.pricing.offer import offered
from repaircore.domain.pricing.rules import Stage
from tests.unit.examples.conftest import Business

REPAIR_TYPES = (
    *("screen-repair", "battery-replacement", "water-damage", "data-recovery", "software-issue", "hardware-diagnostic"),
    *("motherboard-repair", "camera-repair", "speaker-repair", "charging-port", "button-repair", "custom-repair"),
)
SEPARATE = ("screen-replacement-basic", "battery-replacement-phone", "water-damage-assessment", "logic-board-repair")
PARTS = (
    *("original-screen", "aftermarket-screen", "original-battery", "aftermarket-battery", "original-back-glass"),
    *("aftermarket-back-glass", "charging-port", "original-charging-port", "speaker", "camera-lens", "vibrator"),
)


def names(services: Iterable[Service]) -> list[str]:
    return [service.id for service in services]


def test_revivatech_has_its_98_devices(revivatech: Business) -> None:
    """Fifteen categories, one of them without a model, and the models of each."""
    devices = revivatech.catalogue.devices.values()
    by_category = Counter(device.category for device in devices)

    assert len(devices) == 98
    assert len(revivatech.catalogue.categories) == 15
    assert by_category == {
        "macbook": 10, "iphone": 13, "imac": 3, "mac-mini": 2, "mac-studio": 2, "ipad": 6, "ultrabook": 5, "laptop-pc": 4,
        "gaming-laptop": 2, "desktop-pc": 2, "android-phone": 34, "android-tablet": 2, "gaming-console": 7, "handheld-gaming": 6,
    }  # fmt: skip
    assert {device.year for device in devices} == set(range(2016, 2025)) | {2013}


def test_revivatech_does_twelve_repairs_on_everything(revivatech: Business) -> None:
    """The twelve repair types are offered for every device, and the four separate services where they make sense."""
    for device in revivatech.catalogue.devices.values():
        services = names(offered(revivatech.catalogue, revivatech.compiled, device))
        assert services[:12] == list(REPAIR_TYPES)
        assert set(services[12:]) <= set(SEPARATE)


@pytest.mark.parametrize(
    ("device", "separate"),
    [
        ("iphone-13-pro", SEPARATE),
        ("galaxy-s8-plus", SEPARATE[:3]),
        ("oneplus-12", SEPARATE[:2]),
        ("macbook-air-13-m3", SEPARATE[2:]),
        ("playstation-5", ()),
    ],
)
def test_the_separate_services_are_for_their_makers_and_years(
    revivatech: Business, device: str, separate: tuple[str, ...]
) -> None:
    """Each of them has its own makers, kinds of device and first model year."""
    found = offered(revivatech.catalogue, revivatech.compiled, revivatech.catalogue.device(device))

    assert names(found[12:]) == list(separate)


def test_fixbulance_has_its_69_models(fixbulance: Business) -> None:
    """30 iPhones and 39 Samsung phones, six of them without original parts."""
    devices = fixbulance.catalogue.devices.values()

    assert len(devices) == 69
    assert Counter(device.brand for device in devices) == {"Apple": 30, "Samsung": 39}
    assert {device.id for device in devices if device.refurbished_only} == {
        "galaxy-s24-fe",
        "galaxy-s25",
        "galaxy-a35",
        "galaxy-a55",
        "galaxy-a36",
        "galaxy-a56",
    }


def test_fixbulance_has_its_586_part_prices(fixbulance: Business) -> None:
    """Counted by part, as in the shop's list; the sum shows that no figure slipped."""
    prices = [
        rule
        for rule in fixbulance.compiled.rulebook.rules
        if rule.stage is Stage.BASE and rule.scope.models and rule.scope.services <= set(PARTS)
    ]
    by_part = Counter(next(iter(rule.scope.services)) for rule in prices)

    assert len(prices) == 586
    assert [by_part[part] for part in PARTS] == [55, 49, 46, 63, 44, 55, 63, 4, 69, 69, 69]
    assert sum(rule.value for rule in prices) == 5906000


def test_fixbulance_offers_what_has_a_price(fixbulance: Business) -> None:
    """A gap in the price list is a service not offered; the nine drop-off services are never quoted at once."""
    offer = names(offered(fixbulance.catalogue, fixbulance.compiled, fixbulance.catalogue.device("galaxy-s22")))

    assert "original-screen" in offer
    assert "aftermarket-screen" not in offer
    assert not [service for service in offer if service.startswith(("laptop", "ipad", "tablet"))]
    assert len([service for service in fixbulance.catalogue.services.values() if service.needs_price]) == len(PARTS) + 9


@pytest.mark.parametrize(
    ("typed", "device"),
    [
        ("iphone 13 pro", "iphone-13-pro"),
        ("s21 ultra", "galaxy-s21-ultra"),
        ("ps5", "playstation-5"),
        ("samsung-galaxy-s24-plus", "galaxy-s24-plus"),
        ("steam deck", "steam-deck"),
        ("macbook air 13 m3", "macbook-air-13-m3"),
    ],
)
def test_devices_are_found_by_what_people_type(revivatech: Business, typed: str, device: str) -> None:
    """By the model, by a nickname, by the id of the old system."""
    assert revivatech.catalogue.find(q=typed)[0].id == device


@pytest.mark.parametrize("business", ["revivatech", "fixbulance"])
def test_every_device_is_found_first_by_its_own_name(business: str, request: pytest.FixtureRequest) -> None:
    """No name hides behind another: the full name, the model and the id each find their device first."""
    catalogue = request.getfixturevalue(business).catalogue

    for device in catalogue.devices.values():
        for typed in (device.name, device.model, device.id):
            assert catalogue.find(q=typed)[0] is device
