"""Two free conditions in one contest: a tie is proved by an example, its absence by there being none."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repaircore.adapters.pricing.expressions import expression
from repaircore.domain.catalog.catalogue import Device
from repaircore.domain.pricing.checks import check
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.rules import Rule
from repaircore.domain.pricing.together import Verdict, together
from tests.unit.pricing.shop import catalogue, rule, rulebook
from tests.unit.pricing.strategies import every_facts
from tests.unit.pricing.test_laws import FIRST_BREACH, LAWFUL

SHOP = catalogue([Device("phone", "Acme", "Phone", "phone", 2022)], "screen", "battery")
BASE = rule("base", "base set", 10000)
KNOWN = {
    "urgencies": frozenset({"standard", "urgent"}),
    "customer_types": frozenset({"student"}),
    "tiers": frozenset({"gold"}),
}


def rules(one: str, other: str, **scope: Any) -> tuple[Rule, Rule]:
    """Two rules of one contest with these conditions."""
    first = rule("one", "season multiply", 2, expression=expression(one), **scope)
    return first, rule("other", "season multiply", 3, expression=expression(other), **scope)


def found(one: str, other: str, **scope: Any) -> list[str]:
    """The codes of what the check says of the two."""
    return [each.code for each in check(rulebook(BASE, *rules(one, other, **scope), vocabulary=KNOWN), SHOP)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hour < 12", "hour >= 12"),
        ("quantity * 2 > 9", "quantity + 1 <= 5"),
        ("urgency == 'urgent'", "urgency != 'urgent'"),
        ("urgency == 'urgent'", "not urgency == 'urgent'"),
        ("queue_length > 10", "queue_length <= 10 and first_order"),
        ("'SAVE15' in promo_codes", "not ('SAVE15' in promo_codes)"),
        ("total_quantity < 3", "quantity > 3"),
        ("month in [1, 2]", "month * 2 >= 6"),
        ("day > 30", "month == 2"),
        ("demand > 1.2", "demand < 1.8"),
        ("true", "false"),
    ],
)
def test_conditions_that_exclude_one_another(one: str, other: str) -> None:
    """No quote fulfils both, so neither has to be the more specific."""
    assert found(one, other) == []


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        ("hour < 12", "hour < 12", "tie"),
        ("hour < 12", "12 > hour", "overlap"),
        ("hour < 13", "hour >= 12", "overlap"),
        ("first_order", "referred", "overlap"),
        ("quantity * 2 > 9", "quantity < 6", "overlap"),
        ("queue_length > 2 * free_technicians", "queue_length > 3 * free_technicians", "overlap"),
        ("queue_length > 2 * free_technicians", "queue_length > 2 * free_technicians", "tie"),
        ("'SAVE15' in promo_codes", "'WELCOME' in promo_codes", "overlap"),
    ],
)
def test_conditions_that_both_hold(one: str, other: str, code: str) -> None:
    """A quote that fulfils both is an error that names both rules."""
    assert found(one, other) == [code]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("queue_length * free_technicians == 77777", "demand == 5"),
        ("brand == 'Acme'", "device == 'phone'"),
        ("calendar_year == 2026 and month == 3", "weekday == 'mon'"),
    ],
)
def test_conditions_that_perhaps_hold_together(one: str, other: str) -> None:
    """What is not decided is a warning that says so."""
    assert found(one, other) == ["perhaps_tie"]


def test_the_scope_is_looked_at_too() -> None:
    """Conditions beside the expression leave it less room."""
    assert found("hour < 13", "hour > 11") == ["overlap"]
    assert found("hour < 13", "hour > 11", hour_from=14, hour_until=20) == []
    assert found("urgency == 'urgent'", "first_order", urgencies={"standard"}) == []


NAMES = ("hour", "quantity", "total_quantity", "queue_length", "demand", "month", "day", "items", "year")
FIGURES = st.one_of(
    st.sampled_from(NAMES), st.builds("({} {} {})".format, st.sampled_from(NAMES), st.sampled_from("+-*"), st.just("2"))
)
ATOMS = st.one_of(
    st.builds("{} {} {}".format, FIGURES, st.sampled_from(["==", "<", ">="]), st.integers(0, 12)),
    st.sampled_from(["first_order", "referred", "'SAVE15' in promo_codes", "'screen' in services", "weekday == 'mon'"]),
    st.sampled_from(["urgency == 'urgent'", "customer_type != 'student'", "tier == 'gold'", "brand == 'Acme'"]),
)
TEXTS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("(not {})".format, inner),
    ),
    max_leaves=3,
)

Judging = Callable[[Rule, Rule], Verdict]


def judged(one: Rule, other: Rule) -> Verdict:
    """As the product does."""
    return together(one, other, lambda dimension: KNOWN.get(dimension, frozenset()))


def what_excludes_never_meets(judge: Judging, runs: settings) -> None:
    """Of two conditions that are said to exclude one another, no quote fulfils both."""

    @runs
    @given(TEXTS, TEXTS, st.lists(every_facts(), min_size=20, max_size=20))
    def law(one: str, other: str, all_asked: list[Facts]) -> None:
        pair = rules(one, other)
        if judge(*pair) is Verdict.NO:
            for asked in all_asked:
                assert not all(each.scope.expression and each.scope.expression.holds(asked) for each in pair)

    law()


def test_what_excludes_never_meets() -> None:
    """See the law."""
    what_excludes_never_meets(judged, LAWFUL)


def by_their_facts(one: Rule, other: Rule) -> Verdict:
    """Broken: takes conditions on different facts for different quotes."""
    first, second = one.scope.expression, other.scope.expression
    assert first
    assert second
    return Verdict.NO if set(first.names()).isdisjoint(second.names()) else Verdict.YES


def test_a_missed_meeting_is_noticed() -> None:
    """The law fails for a judge who looks at names alone."""
    with pytest.raises(AssertionError):
        what_excludes_never_meets(by_their_facts, FIRST_BREACH)
