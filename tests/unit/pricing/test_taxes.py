"""Taxes by kind, place, date and status; rounded per line or per document."""

from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from repaircore.domain.pricing.facts import Facts, Item
from repaircore.domain.pricing.quote import LineKind, Priced
from repaircore.domain.pricing.rules import Per, TaxRounding
from tests.unit.pricing.shop import facts, priced, rule, rulebook
from tests.unit.pricing.strategies import every_facts
from tests.unit.pricing.test_laws import FIRST_BREACH, LAWFUL, Pricing, honest

SCREEN = rule("screen", "base set", 16500, services={"screen"})
VAT = rule("vat", "tax percent", 20, inclusive=True, label="VAT")
LONDON = ZoneInfo("Europe/London")
THREE = facts(items=tuple(Item(service_id=name, name=name) for name in ("screen", "battery", "camera")))


def shown(result: Priced) -> list[tuple[str, int]]:
    """The taxes, by name."""
    return [(tax.name, tax.amount.amount) for tax in result.taxes]


def test_parts_are_taxed_and_labour_is_not() -> None:
    """As in Illinois: the line's parts bear sales tax, its labour does not, a delivery fee has its own rate."""
    book = rulebook(
        rule("work", "labour set", 6750),
        rule("part", "parts set", 4000),
        rule("pickup", "fees add", 2500, per=Per.ORDER, kind="delivery"),
        rule("other", "fees add", 1000, per=Per.ORDER, stacks=True),
        rule("parts-tax", "tax percent", "6.25", label="Sales tax", line_kinds={"parts"}),
        rule("delivery-tax", "tax percent", 5, label="Delivery tax", line_kinds={"delivery"}),
        currency="USD",
    )

    result = priced(book, facts(("screen", 2)))

    assert shown(result) == [("Sales tax", 500), ("Delivery tax", 125)]
    assert [line.kind for line in result.lines] == [LineKind.REPAIR, LineKind.DELIVERY, LineKind.FEE]


@pytest.mark.parametrize(("place", "tax"), [("IN", 18), ("GB", 20), ("", 0)])
def test_by_place(place: str, tax: int) -> None:
    """GST of 18 % in one country, VAT of 20 % in another."""
    book = rulebook(
        rule("base", "base set", 10000),
        rule("gst", "tax percent", 18, label="GST", places={"IN"}),
        rule("vat", "tax percent", 20, label="VAT", places={"GB"}),
        rule("none", "tax percent", 0, label="No tax"),
    )

    assert priced(book, facts(place=place)).total.amount == 10000 + 100 * tax


def test_by_date() -> None:
    """A rate that changes at New Year: the slot's date decides, and the two rules are no tie."""
    rates = (
        rule("old", "tax percent", 20, label="VAT", valid_until=date(2026, 12, 31)),
        rule("new", "tax percent", 21, label="VAT", valid_from=date(2027, 1, 1)),
    )
    book = rulebook(rule("base", "base set", 10000), *rates)

    def on(moment: datetime) -> int:
        return priced(book, facts(local_time=moment)).total.amount

    assert on(datetime(2026, 12, 31, 23, 59, tzinfo=LONDON)) == 12000
    assert on(datetime(2027, 1, 1, tzinfo=LONDON)) == 12100


RELIEF = rule(
    "reverse-charge",
    "tax percent",
    0,
    inclusive=True,
    label="VAT, reverse charge",
    reason="The customer accounts for the VAT",
    tax_statuses={"reverse_charge"},
)


def test_reverse_charge() -> None:
    """The price contains VAT: who accounts for it elsewhere pays the net amount, and a zero-rated line says why."""
    result = priced(rulebook(SCREEN, VAT, RELIEF), facts(("screen", 2), tax_status="reverse_charge"))

    assert [(line.kind, line.code, line.amount.amount) for line in result.lines[1:]] == [
        (LineKind.RELIEF, "reverse-charge", -5500)
    ]
    assert (result.subtotal.amount, result.total.amount) == (27500, 27500)
    [tax] = result.taxes
    assert (tax.name, tax.rate == 0, tax.amount.amount) == ("VAT, reverse charge", True, 0)
    assert tax.reason == "The customer accounts for the VAT"


def test_everybody_else_pays() -> None:
    """Without the status the tax is inside, and there is no relief."""
    result = priced(rulebook(SCREEN, VAT, RELIEF))

    assert (shown(result), result.total.amount, len(result.lines)) == ([("VAT", 2750)], 16500, 1)


def test_exempt_from_a_tax_on_top() -> None:
    """Nothing is added, and the zero-rated line says why."""
    book = rulebook(
        rule("base", "base set", 10000),
        rule("sales", "tax percent", "10.25", label="Sales tax"),
        rule("school", "tax percent", 0, label="Sales tax", reason="Exempt organisation", tax_statuses={"exempt"}),
    )

    exempt = priced(book, facts(tax_status="exempt"))

    assert (exempt.total.amount, exempt.taxes[0].reason) == (10000, "Exempt organisation")
    assert priced(book).total.amount == 11025
    assert priced(book).taxes[0].reason == ""


@pytest.mark.parametrize(
    ("how", "tax"), [({}, 3), ({"tax_rounding": TaxRounding.LINE}, 3), ({"tax_rounding": TaxRounding.DOCUMENT}, 2)]
)
def test_rounding(how: dict[str, Any], tax: int) -> None:
    """Three lines of half a penny's tax: three pence line by line, or a penny and a half, rounded once to two."""
    book = rulebook(rule("base", "base set", 5), rule("tax", "tax percent", 10), **how)

    assert priced(book, THREE).total.amount == 15 + tax


@pytest.mark.parametrize(
    ("how", "relief"),
    [({}, 3), ({"relief_rounding": TaxRounding.DOCUMENT}, 2), ({"tax_rounding": TaxRounding.DOCUMENT}, 3)],
)
def test_relief_is_rounded_as_the_rulebook_says(how: dict[str, Any], relief: int) -> None:
    """Three lines with half a penny and a bit of tax inside: line by line, or once for the document."""
    book = rulebook(rule("base", "base set", 4), VAT, RELIEF, **how)

    result = priced(book, evolve(THREE, tax_status="reverse_charge"))

    assert (result.lines[-1].kind, result.lines[-1].amount.amount) == (LineKind.RELIEF, -relief)
    assert result.total.amount == 12 - relief


def relief_is_rounded_once(pricing: Pricing, runs: settings) -> None:
    """By document, the relief is off from the exact one by no more than half a unit, however many lines there are."""

    @runs
    @given(st.integers(0, 9999), st.integers(1, 40), every_facts())
    def law(amount: int, rate: int, asked: Facts) -> None:
        book = rulebook(
            rule("base", "base set", amount),
            rule("vat", "tax percent", rate, inclusive=True),
            RELIEF,
            relief_rounding=TaxRounding.DOCUMENT,
        )
        result = pricing(book, evolve(asked, tax_status="reverse_charge"))
        gross = sum(line.amount.amount for line in result.lines if line.kind is not LineKind.RELIEF)
        assert abs(gross - result.total.amount - Fraction(gross * rate, 100 + rate)) <= Fraction(1, 2)

    law()


def test_relief_is_rounded_once() -> None:
    """See the law."""
    relief_is_rounded_once(honest, LAWFUL)


def test_relief_line_by_line_is_noticed() -> None:
    """The law fails for an engine that rounds every line's relief."""
    with pytest.raises(AssertionError):
        relief_is_rounded_once(
            lambda book, asked: honest(evolve(book, relief_rounding=TaxRounding.LINE), asked), FIRST_BREACH
        )
