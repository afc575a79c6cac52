"""What each stage does to the price of one line."""

from fractions import Fraction
from typing import Any

import pytest

from repaircore.domain.errors import InvalidValue, NotOffered
from repaircore.domain.pricing.engine import compile_rulebook, price
from repaircore.domain.pricing.rules import Per, Rule
from tests.unit.pricing.shop import NOON, device, facts, priced, rule, rulebook, unit

BASE = rule("base", "base set", 10000)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([rule("f", "device_factor multiply", "1.5")], 15000),
        ([rule("f", "season percent", 20)], 12000),
        ([rule("f", "discounts percent", -10)], 9000),
        ([rule("f", "fees add", 250)], 10250),
        ([rule("f", "floor_cap minimum", 12000)], 12000),
        ([rule("f", "floor_cap maximum", 8000)], 8000),
        ([rule("f", "rounding round_to", 300)], 9900),
        ([rule("f", "discounts add", -20000)], 0),
    ],
)
def test_each_action(rules: list[Rule], expected: int) -> None:
    """Set, multiply, percent, add, minimum, maximum and round-to do what they say; no price falls below nothing."""
    assert unit(rulebook(BASE, *rules)) == expected


def test_stages_run_in_pipeline_order() -> None:
    """However the file is sorted, the fee comes after the season's factor."""
    late_first = rulebook(rule("fee", "fees add", 500), rule("season", "season multiply", 2), BASE)

    assert unit(late_first) == 20500


def test_rounds_once_at_the_end() -> None:
    """A third of a third is kept exactly until the one declared rounding."""
    thirds = [rule("a", "device_factor multiply", "1/3"), rule("b", "urgency multiply", 3)]

    assert unit(rulebook(rule("base", "base set", 10001), *thirds)) == 10001


@pytest.mark.parametrize(("factor", "expected"), [("0.5", 50), ("0.505", 51), ("0.504999", 50), ("0.495", 50)])
def test_halves_go_up(factor: str, expected: int) -> None:
    """Without a rounding rule a price is rounded half up to one minor unit."""
    assert unit(rulebook(rule("base", "base set", 100), rule("f", "device_factor multiply", factor))) == expected


def test_quantity_multiplies_the_rounded_unit() -> None:
    """Three of a rounded price: what is shown for one, three times."""
    book = rulebook(BASE, rule("f", "device_factor multiply", "1.234"), rule("r", "rounding round_to", 100))

    line = priced(book, facts(("screen", 3))).lines[0]

    assert (line.unit.amount, line.amount.amount) == (12300, 36900)


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ({"category": "phone", "brand": "Acme"}, {"models": {"phone"}}),
        ({"category": "phone"}, {"category": "phone", "brand": "Acme"}),
        ({"brand": "Acme"}, {"category": "phone"}),
        ({}, {"brand": "Acme"}),
        ({"services": {"screen"}}, {"year_from": 2022}),
        ({"customer_types": {""}}, {"services": {"screen"}}),
        ({"urgencies": {"standard"}}, {"services": {"screen"}}),
        ({"postcode_prefixes": {"60"}}, {"postcode_prefixes": {"604", "1"}}),
        ({"weekdays": {2}}, {"urgencies": {"standard"}}),
        ({"amount_from": 1}, {"hour_from": 9}),
        ({"months": {3}}, {"months": {3}, "weekdays": {2}}),
    ],
)
def test_most_specific_rule_wins(wide: dict[str, Any], narrow: dict[str, Any]) -> None:
    """Of two rules that hold, the more specific applies and the other does not, in whichever order they stand."""
    rules = [rule("a-wide", "season multiply", 2, **wide), rule("narrow", "season multiply", 3, **narrow)]
    asked = facts(postcode="60462")

    assert unit(rulebook(BASE, *rules), asked) == unit(rulebook(BASE, *reversed(rules)), asked) == 30000


def test_stacking_rules_apply_in_addition() -> None:
    """The winner first, then what stacks, in the order of the rulebook."""
    book = rulebook(
        BASE,
        rule("plus", "season add", 100, stacks=True, category="phone"),
        rule("winner", "season multiply", 2),
        rule("times", "season multiply", 2, stacks=True),
    )

    assert unit(book) == (20000 + 100) * 2


def test_minimum_and_maximum_do_not_compete() -> None:
    """A general cap holds beside a specific floor."""
    bounds = [rule("floor", "floor_cap minimum", 20000, models={"phone"}), rule("cap", "floor_cap maximum", 15000)]

    assert unit(rulebook(BASE, *bounds)) == 15000


CONDITIONS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"models": {"tablet"}}, {"device": device("tablet")}),
    ({"brand": "Zeta"}, {"device": device(brand="Zeta")}),
    ({"category": "tablet"}, {"device": device(category="tablet")}),
    ({"year_from": 2023}, {"device": device(year=2023)}),
    ({"year_until": 2021}, {"device": device(year=2021)}),
    ({"customer_types": {"student"}}, {"customer_type": "student"}),
    ({"urgencies": {"urgent"}}, {"urgency": "urgent"}),
    ({"fulfilments": {"postal"}}, {"fulfilment": "postal"}),
    ({"channels": {"phone"}}, {"channel": "phone"}),
    ({"conditions": {"poor"}}, {"condition": "poor"}),
    ({"complexities": {"extreme"}}, {"complexity": "extreme"}),
    ({"postcode_prefixes": {"SW1"}}, {"postcode": "SW1A1AA"}),
    ({"weekdays": {5, 6}}, {"local_time": NOON.replace(day=7)}),
    ({"hour_from": 18}, {"local_time": NOON.replace(hour=18)}),
    ({"hour_until": 9}, {"local_time": NOON.replace(hour=8, minute=59)}),
    ({"hour_from": 22, "hour_until": 6}, {"local_time": NOON.replace(hour=2)}),
    ({"months": {12}}, {"local_time": NOON.replace(month=12)}),
]


@pytest.mark.parametrize(("condition", "holds"), CONDITIONS)
def test_each_condition(condition: dict[str, Any], holds: dict[str, Any]) -> None:
    """A rule applies when its condition holds, and only then."""
    book = rulebook(BASE, rule("double", "season multiply", 2, **condition))

    assert (unit(book), unit(book, facts(**holds))) == (10000, 20000)


def test_unknown_year_is_in_no_bounds() -> None:
    """A device without a model year matches no year bound."""
    book = rulebook(BASE, rule("new", "season multiply", 2, year_until=2030))

    assert unit(book, facts(device=device(year=None))) == 10000


@pytest.mark.parametrize(("base", "expected"), [(9999, 9999), (10000, 9000), (19999, 17999), (20000, 16000)])
def test_amount_thresholds(base: int, expected: int) -> None:
    """From GBP 100 ten percent off, from GBP 200 twenty: the running amount decides; the start counts, the end does not."""
    book = rulebook(
        rule("base", "base set", base),
        rule("ten", "discounts percent", -10, amount_from=10000, amount_until=20000),
        rule("twenty", "discounts percent", -20, amount_from=20000, amount_until=10**9),
    )

    assert unit(book) == expected


def test_without_a_base_price_nothing_is_offered() -> None:
    """The error points at the item whose service has no price for this device."""
    book = rulebook(rule("base", "base set", 1, services={"screen"}))

    with pytest.raises(NotOffered) as refusal:
        priced(book, facts("screen", "battery"))

    assert (refusal.value.pointer, refusal.value.code) == ("/items/1/service_id", "service_not_offered")


@pytest.mark.parametrize(
    "wrong",
    [
        rule("r", "base multiply", 2),
        rule("r", "tax set", 2),
        rule("r", "fees percent", 5, per=Per.ORDER),
        rule("r", "fees add", Fraction(1, 2), per=Per.ORDER),
        rule("r", "rounding round_to", 0),
    ],
)
def test_what_a_stage_cannot_run_is_never_compiled(wrong: Rule) -> None:
    """A rule that would be ignored, or run as something else, is refused."""
    with pytest.raises(InvalidValue, match=r"\br\b|whole"):
        compile_rulebook(rulebook(BASE, wrong))


def test_another_device_of_the_same_id_is_priced_by_its_own_facts() -> None:
    """What is remembered for a device is not used when the stored facts of an old quote say otherwise."""
    compiled = compile_rulebook(rulebook(BASE, rule("new", "device_factor multiply", 2, year_from=2024)))

    totals = [price(compiled, facts(device=device(year=year))).total.amount for year in (2022, 2025)]

    assert totals == [10000, 20000]
