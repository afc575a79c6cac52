"""Free-form conditions: safe, checked against the facts, and the same for ever once they are read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaircore.adapters.pricing.expressions import expression
from repaircore.adapters.shopfiles.records import Unreadable
from repaircore.domain.pricing.explain import explain
from repaircore.domain.pricing.expressions import FACTS, Expression
from repaircore.domain.pricing.facts import Facts, MarketSnapshot
from repaircore.domain.pricing.receipt import rulebook_from_json, rulebook_to_json
from tests.unit.pricing.shop import facts, rule, rulebook, unit
from tests.unit.pricing.strategies import every_facts
from tests.unit.pricing.test_laws import LAWFUL

FIGURES = {"queue_length": 12, "free_technicians": 4, "parts_waiting": 3}
BUSY: dict[str, Any] = {"market": MarketSnapshot(id="ms_1", figures=FIGURES)}
QUIET: dict[str, Any] = {"market": MarketSnapshot(id="ms_2", figures={"queue_length": 12, "free_technicians": 0})}


@pytest.mark.parametrize(
    ("text", "asked", "holds"),
    [
        ("total_quantity >= 2 and urgency != 'low'", facts(("screen", 2)), True),
        ("total_quantity >= 2 and urgency != 'low'", facts(("screen", 2), urgency="low"), False),
        ("quantity > 2 or first_order", facts(first_order=True), True),
        ("not (first_order or referred)", facts(), True),
        ("'SAVE15' in promo_codes", facts(promo_codes=("SAVE15",)), True),
        ("'battery' in services", facts("screen"), False),
        ("urgency in ['urgent', 'emergency']", facts(urgency="urgent"), True),
        ("month in [1, 3]", facts(), True),
        ("weekday == 'wed' and hour == 12 and day == 4", facts(), True),
        ("queue_length > 10", facts(**BUSY), True),
        ("queue_length > 10", facts(), False),
        ("not queue_length > 10", facts(), True),
        ("first_order == false", facts(), True),
        ("true", facts(), True),
        ("quantity * 2 + 1 > 4", facts(("screen", 2)), True),
        ("quantity - 2.5 > -0.5", facts(("screen", 2)), False),
        ("queue_length / free_technicians > 2.5", facts(**BUSY), True),
        ("queue_length / free_technicians > 2.4", facts(**QUIET), False),
        ("not queue_length / free_technicians > 2.4", facts(**QUIET), False),
        ("free_technicians > 0 and queue_length / free_technicians > 2", facts(**QUIET), False),
        ("market.parts_waiting >= 3", facts(**BUSY), True),
        ("market.parts_waiting >= 3", facts(), False),
        ("items == 2 and 'oem' in grades", facts("screen", "battery"), False),
        ("calendar_year == 2026 and minute < 30", facts(), True),
    ],
)
def test_what_it_says(text: str, asked: Facts, holds: bool) -> None:
    """Comparisons, membership, and, or, not; a comparison with what nobody reported fails."""
    assert expression(text).holds(asked) is holds


def test_in_a_rule() -> None:
    """It is a condition like any other, and the explanation says what it looked at."""
    book = rulebook(
        rule("base", "base set", 10000),
        rule("many", "discounts percent", -5, expression=expression("total_quantity >= 2 and urgency != 'low'")),
    )

    assert (unit(book, facts(("screen", 2))), unit(book)) == (9500, 10000)
    [row] = [row for row in explain(book, facts()) if row.rule_id == "many"]
    assert row.why == "applies when total_quantity >= 2 and urgency != 'low'; total_quantity is 1, urgency is standard"


def test_it_is_stored_as_what_it_means() -> None:
    """A stored rulebook needs no parser: the condition comes back as the tree that it was."""
    said = expression("month in [1, 3] and not ('A' in promo_codes)")
    book = rulebook(rule("base", "base set", 10000), rule("r", "discounts percent", -5, expression=said))

    again = rulebook_from_json(rulebook_to_json(book))

    assert again == book
    assert again.rules[1].scope.expression == said


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "urgency.length > 3",
        "urgency =~ '(a+)+$'",
        "[x for x in promo_codes]",
        "$now > $today",
        "urgency + 1 > 2",
        "'a' + urgency == 'ab'",
        "quantity % 2 == 1",
        "quantity > 1 / 3",
        "market['demand'] > 1",
        "market.demand.of > 1",
        "quantity + true > 1",
        "year * year * year * year * year > 1",
        "quantity ** 99999 > 2",
        "(" * 400 + "true" + ")" * 400,
        "true " * 200,
        "quantity > 1e400",
        "quantity > nan",
        "",
        "'a'",
        "promo_codes",
        "['a', quantity] == ['a', 1]",
        "quantity in [1, 'a']",
        "9 ** 9 ** 9 > quantity",
        "'a' * 999999999 == urgency",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """No calls, attributes, patterns, powers or clocks; nothing of another type, without an end, or that could take long."""
    with pytest.raises(Unreadable):
        expression(text)


@pytest.mark.parametrize("text", ["quantity / 0 > 1", "1 / 0 > quantity", "quantity / (2 - 2) > 1"])
def test_division_by_nothing_is_found_at_once(text: str) -> None:
    """What can never be computed is named when the file is read."""
    with pytest.raises(Unreadable, match="by zero"):
        expression(text)


def test_what_cannot_be_computed_is_told() -> None:
    """The whole condition fails, and the explanation says why."""
    said = expression("not queue_length / free_technicians > 2")

    assert not said.holds(facts(**QUIET))
    assert said.says(facts(**QUIET)) == "queue_length is 12, free_technicians is 0, it divides by zero"


def test_figures_beyond_all_bounds() -> None:
    """A stored condition, whoever wrote it, takes no time to fail."""
    square: Any = ("fact", "quantity")
    for _ in range(40):
        square = ("mul", square, square)

    assert not Expression("", ("gt", square, ("value", 1))).holds(facts(("screen", 9)))


NAMES = st.sampled_from(sorted(FACTS))
FIGURES_OF = st.recursive(
    st.one_of(NAMES, st.sampled_from(["market.parts_waiting", "2", "0.5", "0"])),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
    max_leaves=4,
)
ATOMS = st.one_of(
    st.builds("{} {} {}".format, FIGURES_OF, st.sampled_from(["==", "!=", "<", ">="]), FIGURES_OF),
    st.builds(
        "{} {} {}".format, NAMES, st.sampled_from(["==", "!=", "<", ">="]), st.sampled_from(["2", "'web'", "true"])
    ),
    st.builds("'SAVE15' in {}".format, NAMES),
    NAMES,
)
TEXTS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("(not {})".format, inner),
    ),
    max_leaves=6,
)


@LAWFUL
@given(TEXTS, every_facts())
def test_what_is_accepted_can_be_answered(text: str, asked: Facts) -> None:
    """Whatever passes the check of types is true or false for every quote, and never an error."""
    try:
        said = expression(text)
    except Unreadable:
        return

    assert said.holds(asked) in (True, False)
    assert said.says(asked)
