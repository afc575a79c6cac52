"""Labour and parts: hours of a skill, what parts cost with their mark-up, and what each is a share of."""

from datetime import datetime
from typing import Any

import pytest
from attrs import evolve

from repaircore.domain.errors import NotOffered
from repaircore.domain.money import Money
from repaircore.domain.pricing.engine import compile_rulebook, price
from repaircore.domain.pricing.explain import explain
from repaircore.domain.pricing.facts import Facts, Item
from repaircore.domain.pricing.rules import Rulebook
from tests.unit.pricing.shop import NOON, facts, priced, rule, rulebook, unit

LABOUR = rule("work", "labour set", 6750, services={"screen"})  # an hour and a half at £45
PARTS = rule("part", "parts set", 4000, services={"screen"})
MARK_UP = rule("mark-up", "parts percent", 40, least=1000)


def of_grade(grade: str, **given: Any) -> Facts:
    """Facts of a screen with parts of that grade."""
    return facts(items=(Item(service_id="screen", name="Screen", grade=grade),), **given)


def test_labour_and_parts_add_up() -> None:
    """£67.50 of work and a part of £40 with 40 % on it; the line knows its shares, and what the part cost."""
    line = priced(rulebook(LABOUR, PARTS, MARK_UP), facts(("screen", 2))).lines[0]

    assert line.unit.amount == 6750 + 5600
    assert (line.labour, line.parts, line.cost) == (Money(13500, "GBP"), Money(11200, "GBP"), Money(8000, "GBP"))


def test_work_costs_the_shop_what_its_rule_says() -> None:
    """An hour and a half at £15; overtime is charged on top, and twice the work costs twice."""
    work, overtime = evolve(LABOUR, cost=2250), rule("overtime", "labour multiply", "1.5")
    line = priced(rulebook(work, overtime, PARTS), facts(("screen", 2))).lines[0]

    assert (line.labour, line.labour_cost, line.cost) == (Money(20250, "GBP"), Money(4500, "GBP"), Money(8000, "GBP"))
    assert priced(rulebook(LABOUR, PARTS)).lines[0].labour_cost is None


@pytest.mark.parametrize(("cost", "price"), [(1000, 2000), (2500, 3500), (2600, 3640), (0, 0)])
def test_the_least_mark_up(cost: int, price: int) -> None:
    """40 %, but at least £10; on nothing there is nothing to mark up."""
    book = rulebook(LABOUR, evolve(PARTS, value=PARTS.value * 0 + cost), MARK_UP)

    assert unit(book) == 6750 + price


@pytest.mark.parametrize(("grade", "price"), [("", 5600), ("oem", 7280), ("premium", 6720), ("refurbished", 3920)])
def test_grades(grade: str, price: int) -> None:
    """A grade changes what the part costs, before the mark-up."""
    factors = {"oem": "1.3", "premium": "1.2", "refurbished": "0.7"}
    grades = [rule(name, "parts multiply", factor, grades={name}) for name, factor in factors.items()]

    assert unit(rulebook(LABOUR, PARTS, MARK_UP, *grades), of_grade(grade)) == 6750 + price


def test_a_grade_that_is_not_to_be_had() -> None:
    """Where the parts list has no such grade, the price would be for labour alone: it is refused."""
    book = compile_rulebook(rulebook(LABOUR, rule("oem", "parts set", 9000, services={"screen"}, grades={"oem"})))

    assert price(book, of_grade("oem")).total.amount == 15750
    with pytest.raises(NotOffered, match="parts of that grade") as refused:
        price(book, of_grade("refurbished"))
    assert refused.value.pointer == "/items/0/grade"


@pytest.mark.parametrize(
    ("when", "labour"),
    [
        (NOON, 6750),
        (NOON.replace(hour=20), 10125),
        (datetime(2026, 3, 7, 12, tzinfo=NOON.tzinfo), 8438),
    ],
)
def test_overtime_and_weekends_are_for_labour_alone(when: datetime, labour: int) -> None:
    """Half as much again in the evening, a quarter more on Saturdays; parts cost what they cost."""
    rules = (
        rule("overtime", "labour multiply", "1.5", hour_from=18, hour_until=8, weekdays=set(range(5))),
        rule("weekend", "labour multiply", "1.25", weekdays={5, 6}),
    )

    assert unit(rulebook(LABOUR, PARTS, *rules), facts(local_time=when)) == labour + 4000


def test_shares_of_what_is_charged() -> None:
    """After urgency, discounts and rounding the shares still add up to the line, to the penny."""
    book = rulebook(LABOUR, PARTS, rule("base", "base set", 1), rule("third", "urgency multiply", "1/3"))

    line = priced(book, facts(("screen", 7))).lines[0]

    assert line.labour
    assert line.parts
    assert line.amount.amount == 3584 * 7
    assert (line.labour.amount, line.parts.amount) == (15752, 9334)  # and £0.02 for the rest


def test_explained_on_top_of_one_another() -> None:
    """The rows show the price as it grows: base, then labour, then parts with their mark-up."""
    rows = explain(rulebook(rule("base", "base set", 1000), LABOUR, PARTS, MARK_UP), facts())

    assert [(row.rule_id, row.before.money.amount, row.after.money.amount) for row in rows if row.fired] == [
        ("base", 0, 1000),
        ("work", 1000, 7750),
        ("part", 7750, 11750),
        ("mark-up", 11750, 13350),
    ]


def test_a_warranty_is_a_choice() -> None:
    """Extended and premium warranties have a price; standard is free."""
    book = rulebook(
        LABOUR,
        rule("extended", "fees add", 3000, warranties={"extended"}),
        rule("premium", "fees add", 6000, warranties={"premium"}),
    )

    def under(warranty: str) -> int:
        return unit(book, facts(items=(Item(service_id="screen", name="Screen", warranty=warranty),)))

    assert [under(warranty) for warranty in ("", "extended", "premium")] == [6750, 9750, 12750]


def test_a_part_alone_is_a_price() -> None:
    """A service without labour or base price is offered where its parts have one."""
    book: Rulebook = rulebook(PARTS)

    assert unit(book) == 4000
    with pytest.raises(NotOffered):
        priced(book, facts("battery"))
