"""Golden prices: from the shop's own files through the engine to the penny."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve

from repaircore.domain.errors import NotOffered
from repaircore.domain.identity import QuoteId
from repaircore.domain.pricing.checks import Severity, check
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.quoting import QuoteRequest, make_quote
from repaircore.domain.pricing.rules import Action, Rule, Stage
from repaircore.domain.pricing.verifying import verify
from tests.unit.examples.conftest import Business

Choices = dict[str, Any]
NOON_IN_JUNE = datetime(2025, 6, 3, 12, tzinfo=UTC)


def quote(business: Business, device: str, *services: str, at: datetime = NOON_IN_JUNE, **choices: Any) -> Quote:
    request = QuoteRequest(device_id=device, items=tuple((service, 1) for service in services), **choices)
    return make_quote(request, catalogue=business.catalogue, rulebook=business.compiled, id=QuoteId("qt_1"), at=at)


def figures(quoted: Quote) -> tuple[str, ...]:
    """Subtotal, tax, total and deposit, as people read them."""
    priced = quoted.priced
    return (str(priced.subtotal), *(str(tax.amount) for tax in priced.taxes), str(priced.total), str(priced.deposit))


@pytest.mark.parametrize(
    ("device", "service", "choices", "total", "vat", "deposit"),
    [
        ("iphone-13-pro", "screen-repair", {}, "165.00", "27.50", "0.00"),
        ("iphone-13-pro", "screen-repair", {"urgency": "urgent"}, "248.00", "41.33", "62.00"),
        ("iphone-13-pro", "screen-repair", {"urgency": "emergency"}, "330.00", "55.00", "82.50"),
        ("iphone-16-pro", "screen-repair", {"urgency": "high"}, "234.00", "39.00", "0.00"),
        ("macbook-air-13-m3", "battery-replacement", {"urgency": "low"}, "72.00", "12.00", "0.00"),
        ("galaxy-s24-ultra", "screen-repair", {}, "150.00", "25.00", "0.00"),
        ("iphone-13-pro", "screen-repair", {"fulfilment": "pickup"}, "190.00", "31.67", "0.00"),
        ("iphone-16-pro", "motherboard-repair", {"urgency": "emergency"}, "800.00", "133.33", "200.00"),
    ],
)
def test_revivatech_by_the_twelve_repair_types(
    revivatech: Business, device: str, service: str, choices: Choices, total: str, vat: str, deposit: str
) -> None:
    """Base × device × urgency, whole pounds, VAT inside, a quarter in advance for urgent work."""
    quoted = quote(revivatech, device, service, **choices)

    assert figures(quoted) == (f"GBP {total}", f"GBP {vat}", f"GBP {total}", f"GBP {deposit}")


@pytest.mark.parametrize(
    ("device", "service", "choices", "month", "total"),
    [
        ("galaxy-s23-ultra", "screen-replacement-basic", {}, 8, "157.00"),  # 156.50
        ("galaxy-s23-ultra", "screen-replacement-basic", {"condition": "poor", "complexity": "complex"}, 12, "423.00"),
        ("iphone-16-pro", "battery-replacement-phone", {"condition": "fair"}, 6, "85.00"),  # 110 × 1.1 × 0.7 = 84.70
        ("iphone-16-pro", "water-damage-assessment", {}, 4, "233.00"),  # 155 × 1.5, a standard job
        ("iphone-16-pro", "water-damage-assessment", {"complexity": "simple"}, 4, "155.00"),
        ("macbook-air-13-m3", "logic-board-repair", {"complexity": "simple", "urgency": "urgent"}, 2, "630.00"),
        ("macbook-air-13-m3", "logic-board-repair", {"complexity": "extreme", "condition": "poor"}, 12, "800.00"),
    ],
)
def test_revivatech_by_the_separate_services(
    revivatech: Business, device: str, service: str, choices: Choices, month: int, total: str
) -> None:
    """Their own complexity, condition, urgency and season; the factor for iPhones is not theirs."""
    quoted = quote(revivatech, device, service, at=NOON_IN_JUNE.replace(month=month), **choices)

    assert str(quoted.priced.total) == f"GBP {total}"


def test_fixbulance_one_part(fixbulance: Business) -> None:
    """A part price, and the sales tax of the ZIP code on top; $15 of it in advance."""
    quoted = quote(fixbulance, "galaxy-s22", "original-screen", postcode="60462")

    assert figures(quoted) == ("USD 220.00", "USD 20.35", "USD 240.35", "USD 15.00")
    assert str(quoted.priced.total - quoted.priced.deposit) == "USD 225.35"


def test_fixbulance_two_parts(fixbulance: Business) -> None:
    """Tax is the sum of each line's tax, each rounded once."""
    quoted = quote(fixbulance, "iphone-16-pro-max", "aftermarket-screen", "original-battery", postcode="60601")

    assert figures(quoted) == ("USD 460.00", "USD 47.15", "USD 507.15", "USD 15.00")


@pytest.mark.parametrize(
    ("postcode", "tax"),
    [("60601", "22.55"), ("60462", "20.35"), ("60525", "19.25"), ("60007", "18.15"), ("62701", "13.75")],
)
def test_fixbulance_taxes_by_zip(fixbulance: Business, postcode: str, tax: str) -> None:
    """Three digits of the ZIP code decide the rate; elsewhere it is the state's."""
    quoted = quote(fixbulance, "galaxy-s22", "original-screen", postcode=postcode)

    assert figures(quoted)[1] == f"USD {tax}"


def test_the_diagnostic_fee_is_kept_and_counts(fixbulance: Business) -> None:
    """All of it is due when booking, and none of it comes back."""
    quoted = quote(fixbulance, "galaxy-s22", "water-damage-diagnostic", postcode="60462")

    assert figures(quoted) == ("USD 55.00", "USD 5.09", "USD 60.09", "USD 55.00")
    assert not quoted.priced.deposit_refundable


@pytest.mark.parametrize(
    ("device", "service", "code"),
    [
        ("galaxy-s22", "aftermarket-screen", "service_not_offered"),
        ("galaxy-s25", "original-screen", "refurbished_only"),
        ("iphone-13", "ipad-screen", "service_not_offered"),
    ],
)
def test_a_gap_in_the_price_list_is_refused(fixbulance: Business, device: str, service: str, code: str) -> None:
    """What has no price is not guessed."""
    with pytest.raises(NotOffered) as refused:
        quote(fixbulance, device, service)

    assert refused.value.code == code


@pytest.mark.parametrize("business", ["revivatech", "fixbulance"])
def test_a_price_is_held_for_a_day_and_urgent_ones_for_two_hours(business: str, request: pytest.FixtureRequest) -> None:
    """As the rulebook's `[validity]` says."""
    shop = request.getfixturevalue(business)
    device, service = next(iter(shop.catalogue.devices)), next(iter(shop.catalogue.services))
    device = "galaxy-s22" if business == "fixbulance" else device

    held = {
        urgency: quote(shop, device, service, urgency=urgency).valid_until - NOON_IN_JUNE
        for urgency in ("standard", "urgent")
    }

    assert held == {"standard": timedelta(hours=24), "urgent": timedelta(hours=2)}


@pytest.mark.parametrize("business", ["revivatech", "fixbulance"])
def test_the_rulebook_has_no_fault(business: str, request: pytest.FixtureRequest) -> None:
    """No ties, no unknown names, nothing negative."""
    shop = request.getfixturevalue(business)

    problems = check(shop.compiled.rulebook, shop.catalogue)

    assert [problem for problem in problems if problem.severity is Severity.ERROR] == []


def test_margins_without_costs_are_told(revivatech: Business) -> None:
    """The shop guards margins and says nothing of what its parts and work cost: it is told that nothing is guarded."""
    rulebook = revivatech.compiled.rulebook
    part = Rule(id="part", stage=Stage.PARTS, action=Action.SET, value=Fraction(100))

    told = [problem.code for problem in check(rulebook, revivatech.catalogue)]
    with_costs = check(evolve(rulebook, rules=(*rulebook.rules, part)), revivatech.catalogue)

    assert told.count("margins_without_costs") == 1
    assert "margins_without_costs" not in [problem.code for problem in with_costs]


def test_what_is_loaded_again_recomputes_the_same(revivatech: Business) -> None:
    """The receipt of a quote is the same from the same files."""
    quoted = quote(revivatech, "iphone-13-pro", "screen-repair", urgency="urgent")

    assert verify(quoted, revivatech.compiled.rulebook).matches
