"""Why a discount did not apply, and what it would need."""

from typing import Any

import pytest

from repaircore.adapters.pricing.texts import messages
from repaircore.domain.pricing.explain import explain
from repaircore.domain.pricing.facts import Facts, MarketSnapshot
from repaircore.domain.pricing.promotions import RefusedCode
from repaircore.domain.pricing.rules import MarketBound, Rule
from repaircore.domain.pricing.whynot import not_applied
from tests.unit.pricing.shop import facts, rule, rulebook
from tests.unit.pricing.test_breakdown import tell

BASE = rule("base", "base set", 10000)


def discount(id: str = "d", value: int = -10, **given: Any) -> Rule:
    """A discount on each line."""
    return rule(id, "discounts percent", value, label="Student discount", **given)


def sentences(*rules: Rule, asked: Facts | None = None, language: str = "en") -> list[str]:
    """What is told of the discounts that did not apply."""
    return [one.sentence for one in tell(rulebook(BASE, *rules), asked or facts(), messages(language)).not_applied]


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (
            {"customer_types": {"student"}},
            "it is for student customers (here: none). It would need: a customer type of student.",
        ),
        (
            {"urgencies": {"low"}},
            "it is for low jobs, and this one is standard. It would need: an urgency of low.",
        ),
        (
            {"weekdays": {0, 1}},
            "it is for Monday or Tuesday, and this is for Wednesday. It would need: an appointment on Monday or Tuesday.",
        ),
        (
            {"hour_from": 8, "hour_until": 10},
            "it is for 8:00–10:00, and this is for 12:00. It would need: an appointment between 8:00–10:00.",
        ),
        (
            {"months": {12}},
            "it is for December, and this is for March. It would need: an appointment in December.",
        ),
        (
            {"amount_from": 20000},
            "it is for amounts from £200.00, and this is £100.00. It would need: an amount of £200.00 or more.",
        ),
        (
            {"quantity_from": 5},
            "it is for 5 or more devices, and this is for 1. It would need: 5 or more devices.",
        ),
        (
            {"first_order": True, "referred": True},
            "it is for a first order; it is for customers whom another customer sent. "
            "It would need: a first order and a referral.",
        ),
        (
            {"tiers": {"gold"}},
            "it is for members of gold (here: none). It would need: membership of gold.",
        ),
        (
            {"customer_types": {"student"}, "urgencies": {"low"}},
            "it is for student customers (here: none); it is for low jobs, and this one is standard. "
            "It would need: a customer type of student and an urgency of low.",
        ),
    ],
)
def test_a_discount_that_did_not_apply(condition: dict[str, Any], told: str) -> None:
    """Everything that is missing, and what it would need."""
    assert sentences(discount(**condition)) == [f"Student discount was not applied: {told}"]


def test_how_busy_the_shop_is_stays_its_own_affair() -> None:
    """A discount for quiet days tells no figures."""
    quiet = discount(market=(MarketBound("queue_length", below=3),))
    busy = facts(market=MarketSnapshot(id="ms_1", figures={"queue_length": 17}))

    assert sentences(quiet, asked=busy) == [
        "Student discount was not applied: it depends on how busy we are. "
        "It would need: another time, when we are differently busy."
    ]


def test_in_another_language() -> None:
    """The same, in German."""
    assert sentences(discount(customer_types={"student"}), language="de") == [
        "Student discount wurde nicht angewendet: gilt für die Kundengruppe Studierende (hier: keine Angabe). "
        "Nötig wäre: die Kundengruppe Studierende."
    ]


def test_a_better_one_took_its_place() -> None:
    """Nothing is missing: another discount is better."""
    told = sentences(discount(models={"phone"}), discount("general", -5))

    assert told == [
        "Student discount was not applied: another discount lowers the price more, or this one would not lower it."
    ]


def test_one_that_applied_to_some_line_is_not_told() -> None:
    """A discount for batteries alone is no disappointment where it lowered the battery."""
    battery = discount(services={"battery"})

    assert sentences(battery, asked=facts("screen", "battery")) == []


def test_the_other_rows_of_a_table_are_not_told() -> None:
    """Who has the platinum discount does not ask for the bronze one."""
    rows = [discount(f"loyalty/{tier}", -percent, tiers={tier}) for percent, tier in ((5, "bronze"), (10, "gold"))]

    assert len(sentences(*rows)) == 2
    assert sentences(*rows, asked=facts(tier="gold")) == []


def test_steps_of_one_scale_are_not_told() -> None:
    """Who has the discount for two does not ask for the one for five."""
    bulk = [discount("bulk/2", -5, quantity_from=2, quantity_until=4), discount("bulk/5", -10, quantity_from=5)]

    assert len(sentences(*bulk)) == 2
    assert sentences(*bulk, asked=facts(("screen", 2))) == []


def test_names_alike_make_no_table() -> None:
    """A student still wonders about the discount for a first order, though somebody wrote both ids with the same beginning."""
    student, first = (
        discount("discount/student", customer_types={"student"}),
        discount("discount/first", first_order=True),
    )

    assert sentences(student, first, asked=facts(customer_type="student")) == [
        "Student discount was not applied: it is for a first order. It would need: a first order."
    ]


def test_one_for_other_repairs_is_not_told() -> None:
    """Nobody expects the discount of another device or service."""
    assert sentences(discount(models={"tablet"}), discount("s", services={"battery"})) == []


def test_the_closest_comes_first() -> None:
    """What needs the least is what a customer would do."""
    far = discount("far", customer_types={"student"}, urgencies={"low"})
    near = discount("near", urgencies={"low"})
    book = rulebook(BASE, far, near)

    told = not_applied(book, facts(), explain(book, facts()))

    assert [one.rule.id for one in told] == ["near", "far"]


def test_promotion_codes_are_not_given_away() -> None:
    """A discount for a code is told only to whom it was given."""
    spring = discount(promo_codes={"SPRING"})
    refused = facts(refused_codes=(RefusedCode(code="SPRING", why="is no longer valid"),))

    assert sentences(spring) == []
    assert sentences(spring, asked=refused) == [
        "Student discount was not applied: it needs a promotion code, and none that fits was given. "
        "It would need: a promotion code."
    ]
