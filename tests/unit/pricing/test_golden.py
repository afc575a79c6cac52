"""Prices that must never change: those the shops were promised."""

import pytest

from repaircore.domain.money import Money
from tests.unit.pricing.shop import fixbulance_quote, reviva_quote


@pytest.mark.parametrize(
    ("device", "service", "urgency", "total", "vat", "deposit"),
    [
        ("iphone-13-pro", "screen", "standard", 165_00, 27_50, 0),
        ("iphone-13-pro", "screen", "urgent", 248_00, 41_33, 62_00),
        ("iphone-13-pro", "screen", "emergency", 330_00, 55_00, 82_50),
        ("iphone-16-pro", "screen", "high", 234_00, 39_00, 0),
        ("macbook-air-13-m3", "battery", "low", 72_00, 12_00, 0),
    ],
)
def test_repair_shop(device: str, service: str, urgency: str, total: int, vat: int, deposit: int) -> None:
    """Whole pounds, VAT within, a quarter down when it is urgent."""
    priced = reviva_quote(device, service, urgency=urgency).priced

    assert (priced.total, priced.deposit) == (Money(total, "GBP"), Money(deposit, "GBP"))
    assert [(tax.name, tax.inclusive, tax.amount) for tax in priced.taxes] == [("VAT", True, Money(vat, "GBP"))]
    assert priced.subtotal == priced.total


@pytest.mark.parametrize(
    ("device", "services", "postcode", "subtotal", "tax", "total"),
    [
        ("galaxy-s22", ["original-screen"], "60462", 220_00, 20_35, 240_35),
        ("iphone-16-pro-max", ["aftermarket-screen", "original-battery"], "60601", 460_00, 47_15, 507_15),
        ("galaxy-s22", ["original-screen"], "62701", 220_00, 13_75, 233_75),
    ],
)
def test_repair_van(device: str, services: list[str], postcode: str, subtotal: int, tax: int, total: int) -> None:
    """Sales tax on top, by the ZIP's prefix; fifteen dollars down."""
    priced = fixbulance_quote(device, *services, postcode=postcode).priced

    assert (priced.subtotal, priced.total) == (Money(subtotal, "USD"), Money(total, "USD"))
    assert [part.amount for part in priced.taxes] == [Money(tax, "USD")]
    assert priced.deposit == Money(15_00, "USD")


def test_pickup_is_a_line_of_its_own() -> None:
    """Pickup and delivery is charged once per order, whatever the number of repairs, and VAT is within it too."""
    priced = reviva_quote("iphone-13-pro", "screen", "battery", fulfilment="pickup").priced

    assert [(line.code, line.kind.value, line.amount.amount) for line in priced.lines] == [
        ("screen", "repair", 165_00),
        ("battery", "repair", 88_00),
        ("pickup", "fee", 25_00),
    ]
    assert priced.lines[2].description == "Pickup and delivery"
    assert priced.taxes[0].amount.amount == 27_50 + 14_67 + 4_17
