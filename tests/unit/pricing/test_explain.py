"""Why this price, rule by rule."""

from typing import Any

import pytest

from repaircore.domain.pricing.explain import explain
from repaircore.domain.pricing.rules import Per
from tests.unit.pricing.shop import REVIVA, facts, reviva_quote, rule, rulebook

BASE = rule("base", "base set", 10000)


def test_every_rule_is_listed_in_pipeline_order() -> None:
    """Per line from base to rounding, then the order's fees, each line's taxes, the deposit."""
    rows = explain(REVIVA, reviva_quote("iphone-16-pro", "screen", urgency="urgent", fulfilment="pickup").facts)

    assert {row.rule_id for row in rows} == {rule.id for rule in REVIVA.rules}
    assert [(row.line, row.rule_id, row.after.money.amount) for row in rows if row.fired] == [
        ("screen", "screen", 150_00),
        ("screen", "new-iphone", 195_00),
        ("screen", "urgent", 292_50),
        ("screen", "minimum", 292_50),
        ("screen", "maximum", 292_50),
        ("screen", "pounds", 293_00),
        ("", "pickup", 25_00),
        ("screen", "vat", 48_83),
        ("pickup", "vat", 4_17),
        ("", "urgent-deposit", 79_50),
    ]


def test_amounts_are_exact_and_rounded() -> None:
    """A third is told as a third, beside the pennies."""
    book = rulebook(BASE, rule("third", "season multiply", "1/3", reason="Spring offer"))

    fired = explain(book, facts())[1]

    assert (fired.before.exact, fired.after.exact, str(fired.after.money)) == ("10000", "10000/3", "GBP 33.33")
    assert fired.why == "Spring offer"


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ({"urgencies": {"urgent", "emergency"}}, "applies to urgency emergency or urgent; this quote is standard"),
        ({"customer_types": {"student"}}, "applies to customer type student; this quote is without one"),
        ({"models": {"tablet"}}, "applies to tablet; this is phone"),
        ({"brand": "Zeta"}, "applies to brand Zeta; this is Acme"),
        ({"category": "tablet", "urgencies": {"urgent"}}, "applies to category tablet; this is phone"),
        ({"year_from": 2024}, "applies to model years from 2024; this is 2022"),
        ({"year_from": 2015, "year_until": 2021}, "applies to model years 2015 to 2021; this is 2022"),
        ({"year_until": 2021}, "applies to model years until 2021; this is 2022"),
        ({"services": {"battery"}}, "applies to battery; this is screen"),
        ({"postcode_prefixes": {"606"}}, "applies to postcodes from 606; this is without one"),
        ({"weekdays": {6, 5}}, "applies on Saturday or Sunday; this is for Wednesday"),
        ({"hour_from": 18}, "applies from 18:00 until 24:00; this is for 12:00"),
        ({"months": {12}}, "applies in December; this is for March"),
        ({"amount_from": 20000}, "applies from GBP 200.00; this is GBP 100.00"),
        ({"amount_until": 5000}, "applies below GBP 50.00; this is GBP 100.00"),
        ({}, "a more specific rule applied: winner"),
    ],
)
def test_why_not(condition: dict[str, Any], why: str) -> None:
    """The first condition that failed, in words; or which rule was more specific."""
    rules = [rule("winner", "season multiply", 2, models={"phone"}), rule("asked", "season multiply", 3, **condition)]

    row = next(row for row in explain(rulebook(BASE, *rules), facts()) if row.rule_id == "asked")

    assert (row.fired, row.why) == (False, why)
    assert row.before == row.after


@pytest.mark.parametrize(
    ("does", "value", "why"),
    [
        ("season multiply", "1.5", "times 1.5"),
        ("season percent", 20, "plus 20 %"),
        ("discounts percent", "-12.5", "minus 12.5 %"),
        ("fees add", 500, "plus GBP 5.00"),
        ("discounts add", -500, "minus GBP 5.00"),
        ("floor_cap minimum", 3500, "at least GBP 35.00"),
        ("floor_cap maximum", 80000, "at most GBP 800.00"),
        ("rounding round_to", 100, "rounded half up to GBP 1.00"),
        ("tax percent", "6.25", "r 6.25 %"),
        ("deposit percent", 25, "25 % of the total"),
        ("deposit set", 1500, "is GBP 15.00"),
    ],
)
def test_why(does: str, value: int | str, why: str) -> None:
    """A rule without a reason of its own says what it does."""
    rows = explain(rulebook(BASE, rule("r", does, value)), facts())

    assert [row.why for row in rows if row.rule_id == "r"] == [why]


def test_bounds_of_no_deposit() -> None:
    """A minimum does not ask for a deposit where none is due."""
    rows = explain(rulebook(BASE, rule("m", "deposit minimum", 100), rule("f", "fees add", 5, per=Per.ORDER)), facts())

    assert [(row.fired, row.why) for row in rows if row.rule_id == "m"] == [(False, "there is no deposit to bound")]
