"""What is decided once per order: fees, taxes, the deposit."""

from fractions import Fraction
from typing import Any

import pytest

from repaircore.domain.pricing.quote import TaxTotal
from repaircore.domain.pricing.rules import Per
from tests.unit.pricing.shop import facts, priced, rule, rulebook

BASE = rule("base", "base set", 10000)
VAT = rule("vat", "tax percent", 20, label="VAT", inclusive=True)
STATE = rule("state", "tax percent", "6.25", label="State tax")
CITY = rule("city", "tax percent", "1.25", label="City tax", postcode_prefixes={"606"}, stacks=True)


def test_order_fee_is_charged_once_and_exactly() -> None:
    """Whole pounds are for repairs; the call-out is charged once, to the penny."""
    fee = rule("call-out", "fees add", 2525, per=Per.ORDER, label="Call-out")

    lines = priced(rulebook(BASE, fee, rule("pounds", "rounding round_to", 100)), facts("screen", ("battery", 2))).lines

    assert [(line.code, line.description, line.amount.amount) for line in lines[2:]] == [("call-out", "Call-out", 2525)]


@pytest.mark.parametrize(("services", "charged"), [(("screen", "battery"), True), (("screen",), False)])
def test_order_fee_looks_at_all_services(services: tuple[str, ...], charged: bool) -> None:
    """A fee for batteries is charged when any of the items is one."""
    book = rulebook(BASE, rule("recycling", "fees add", 100, per=Per.ORDER, services={"battery"}))

    assert any(line.code == "recycling" for line in priced(book, facts(*services)).lines) is charged


def test_order_fees_stack_as_told() -> None:
    """Without `stacks` only the most specific fee is charged."""
    fees = [
        rule("any", "fees add", 100, per=Per.ORDER),
        rule("phone", "fees add", 200, per=Per.ORDER, category="phone"),
    ]
    stacking = rule("more", "fees add", 300, per=Per.ORDER, stacks=True)

    assert [line.code for line in priced(rulebook(BASE, *fees, stacking)).lines] == ["screen", "phone", "more"]


def test_inclusive_tax_is_inside_the_total() -> None:
    """VAT of 20 % in GBP 100.00 is GBP 16.67, and the total stays GBP 100.00."""
    result = priced(rulebook(BASE, VAT))

    assert (result.subtotal.amount, result.total.amount, result.taxes[0].amount.amount) == (10000, 10000, 1667)


def test_exclusive_tax_is_on_top() -> None:
    """Sales tax is rounded half up per line, then added up: 2 × 6.25 % of 10.10 is 0.63 + 0.63, not 1.26¼ rounded once."""
    result = priced(rulebook(rule("base", "base set", 1012), STATE), facts("screen", "battery"))

    assert result.taxes == (
        TaxTotal(name="State tax", rate=Fraction("6.25"), inclusive=False, amount=result.taxes[0].amount),
    )
    assert (result.subtotal.amount, result.taxes[0].amount.amount, result.total.amount) == (2024, 126, 2150)


def test_a_second_tax_applies_only_when_it_stacks() -> None:
    """The city's tax stacks on the state's, and each is told apart."""
    result = priced(rulebook(BASE, CITY, STATE), facts(postcode="60601"))

    assert [(tax.name, tax.amount.amount) for tax in result.taxes] == [("State tax", 625), ("City tax", 125)]
    assert result.total.amount == 10750


def test_two_inclusive_taxes_share_one_net_amount() -> None:
    """5 % and 15 % inside GBP 120.00 are taken of GBP 100.00."""
    taxes = [
        rule("a", "tax percent", 15, label="A", inclusive=True),
        rule("b", "tax percent", 5, label="B", inclusive=True, stacks=True),
    ]

    result = priced(rulebook(rule("base", "base set", 12000), *taxes))

    assert [(tax.name, tax.amount.amount) for tax in result.taxes] == [("A", 1500), ("B", 500)]


def test_tax_by_service_and_amount() -> None:
    """Batteries carry a reduced rate, and lines below GBP 50 none."""
    book = rulebook(
        rule("screen", "base set", 10000, services={"screen"}),
        rule("battery", "base set", 8000, services={"battery"}),
        rule("button", "base set", 4999, services={"button"}),
        rule("vat", "tax percent", 20, label="VAT", amount_from=5000),
        rule("reduced", "tax percent", 5, label="VAT", services={"battery"}),
    )

    result = priced(book, facts("screen", "battery", "button"))

    assert [(tax.rate, tax.amount.amount) for tax in result.taxes] == [(Fraction(20), 2000), (Fraction(5), 400)]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], 0),
        ([("d", "deposit set", 1500, {})], 1500),
        ([("d", "deposit percent", 25, {})], 2500),
        ([("d", "deposit percent", "0.125", {})], 13),
        ([("d", "deposit set", 99999, {})], 10000),
        ([("d", "deposit percent", 30, {"amount_from": 20000})], 0),
        ([("d", "deposit percent", 30, {"amount_from": 10000})], 3000),
        ([("d", "deposit percent", 30, {}), ("m", "deposit maximum", 2000, {})], 2000),
        ([("d", "deposit percent", 10, {}), ("m", "deposit minimum", 2500, {"category": "phone"})], 2500),
        ([("d", "deposit percent", 10, {}), ("m", "deposit minimum", 99999, {})], 10000),
        ([("m", "deposit minimum", 2500, {})], 0),
        ([("d", "deposit set", 1500, {}), ("u", "deposit percent", 25, {"services": {"screen"}})], 2500),
    ],
)
def test_deposit(rules: list[tuple[str, str, int | str, dict[str, Any]]], expected: int) -> None:
    """Flat or a share of the total, the most specific one, within its bounds, never more than the total."""
    book = rulebook(BASE, *(rule(id, does, value, **given) for id, does, value, given in rules))

    assert priced(book).deposit.amount == expected


def test_deposit_is_a_share_of_the_total_with_tax() -> None:
    """A quarter of what is to be paid, the tax on top included."""
    assert priced(rulebook(BASE, STATE, rule("d", "deposit percent", 25))).deposit.amount == 2656


def test_deposit_that_is_kept() -> None:
    """A diagnostic fee is not refundable; the winner says so."""
    rules = [
        rule("flat", "deposit set", 1500),
        rule("diagnostic", "deposit set", 5500, services={"screen"}, refundable=False),
    ]

    result = priced(rulebook(BASE, *rules))

    assert (result.deposit.amount, result.deposit_refundable) == (5500, False)


def test_currency_without_minor_units() -> None:
    """Yen have no parts: 10 % of JPY 155 is JPY 16."""
    result = priced(rulebook(rule("base", "base set", 155), rule("t", "tax percent", 10, label="Tax"), currency="JPY"))

    assert str(result.total) == "JPY 171"
