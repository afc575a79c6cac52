"""Engines are compared only while they agree."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.engines import LOOP, OURS, PLAIN, ZEN, Disagreement, agree, billing
from bench.plain import Untranslatable, looping, steps_of
from bench.sizes import LARGE, SMALL, Sized, sized
from repaircore.domain.pricing.facts import Facts, Item
from repaircore.domain.pricing.quoting import facts_of
from repaircore.domain.pricing.rules import Action, Rule, Scope, Stage

SHOP = sized(SMALL)
BILLS = billing(SHOP)
MODEL = next(device for device in SHOP.devices if device.category == "iphone")


@st.composite
def jobs(draw: st.DrawFn, shop: Sized = SHOP) -> Facts:
    """Jobs that the rulebook has words for."""
    everywhere = [service for service in shop.services if not service.categories]
    chosen = draw(st.lists(st.sampled_from(everywhere), min_size=1, max_size=3, unique=True))
    words = shop.rulebook.words
    return Facts(
        device=facts_of(draw(st.sampled_from(shop.devices))),
        items=tuple(Item(service_id=each.id, name=each.name) for each in chosen),
        local_time=draw(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))),
        urgency=draw(st.sampled_from(sorted(words("urgencies")))),
        condition=draw(st.sampled_from(["", *sorted(words("conditions"))])),
        complexity=draw(st.sampled_from(["", *sorted(words("complexities"))])),
        fulfilment=draw(st.sampled_from(["in_store", "pickup"])),
        promo_codes=draw(st.sampled_from([(), ("SAVE15",), ("WELCOME20",), ("UNKNOWN",)])),
    )


@given(jobs())
@settings(max_examples=60)
def test_whatever_is_asked(facts: Facts) -> None:
    """All engines give the same bill, to the penny."""
    agree(BILLS, [facts])


@given(st.integers(0, 2**32))
@settings(max_examples=10)
def test_jobs_drawn_by_lot(seed: int) -> None:
    """The jobs that are timed agree whatever the lot, those of the special services among them."""
    agree(BILLS, SHOP.jobs(8, seed=seed))


def test_many_rules() -> None:
    """All engines agree where most prices are those of single models, too."""
    shop = sized(1000)

    agree(billing(shop), shop.jobs(4))


def test_the_least_specific_first() -> None:
    """A program that lets the least specific rule win is not timed."""
    upside_down = {step: rows[::-1] for step, rows in steps_of(SHOP.rulebook).items()}

    with pytest.raises(Disagreement, match="plain Python"):
        agree({OURS: BILLS[OURS], PLAIN: looping(upside_down)}, SHOP.jobs(64))


@pytest.mark.parametrize("name", [ZEN, LOOP, PLAIN])
def test_a_penny_less(name: str) -> None:
    """A program whose fee is a penny off is not timed."""
    facts = evolve(SHOP.jobs(1)[0], fulfilment="pickup")
    cheaper = tuple(evolve(rule, value=rule.value - 1) if rule.id == "pickup" else rule for rule in SHOP.rulebook.rules)
    wrong = billing(evolve(SHOP, rulebook=evolve(SHOP.rulebook, rules=cheaper)))[name]

    with pytest.raises(Disagreement):
        agree({OURS: BILLS[OURS], name: wrong}, [facts])


@pytest.mark.parametrize(("size", "devices"), [(SMALL, 98), (LARGE, 1000)])
def test_sizes(size: int, devices: int) -> None:
    """A size is exact, and no two rules or devices have the same id."""
    shop = sized(size)

    assert len({rule.id for rule in shop.rulebook.rules}) == len(shop.rulebook.rules) == size
    assert len({device.id for device in shop.devices}) == devices


@pytest.mark.parametrize(
    "rule",
    [
        Rule(
            id="x", stage=Stage.SEASON, action=Action.MULTIPLY, value=Fraction(2), scope=Scope(weekdays=frozenset({0}))
        ),
        Rule(id="x", stage=Stage.SEASON, action=Action.ADD, value=Fraction(2)),
        Rule(id="x", stage=Stage.MARKET, action=Action.MULTIPLY, value=Fraction(2)),
        Rule(id="x", stage=Stage.TAX, action=Action.PERCENT, value=Fraction(2)),
        Rule(id="x", stage=Stage.SEASON, action=Action.MULTIPLY, value=Fraction(2), limit=5),
        Rule(id="x", stage=Stage.DISCOUNTS, action=Action.PERCENT, value=Fraction(-2), stacks=True),
    ],
    ids=["weekday", "amount", "market", "tax on top", "limit", "stacking"],
)
def test_rules_that_the_plain_program_does_not_know(rule: Rule) -> None:
    """They are refused, rather than priced otherwise."""
    with pytest.raises(Untranslatable):
        steps_of(evolve(SHOP.rulebook, rules=(*SHOP.rulebook.rules, rule)))


def test_every_rule_is_translated() -> None:
    """The steps hold each rule once."""
    rows = [row for step in steps_of(SHOP.rulebook).values() for row in step]

    assert sorted(row.id for row in rows) == sorted(rule.id for rule in SHOP.rulebook.rules)
