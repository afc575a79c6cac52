"""Steps that fall are found wherever they are: held against prices one by one, over every kind of rule."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import islice, pairwise, product
from math import prod
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from repaircore.domain.catalog.catalogue import Catalogue, Device
from repaircore.domain.errors import NotOffered
from repaircore.domain.pricing.engine import CompiledRulebook, compile_rulebook, price
from repaircore.domain.pricing.expressions import Expression
from repaircore.domain.pricing.facts import DeviceFacts, Facts, Item, MarketSnapshot
from repaircore.domain.pricing.problems import Problem
from repaircore.domain.pricing.review.boxes import Universe
from repaircore.domain.pricing.review.pairs import Pairs
from repaircore.domain.pricing.review.steps import ENOUGH, Steps
from repaircore.domain.pricing.rules import MarketBound, Rule, Rulebook
from tests.unit.pricing.review.test_laws import VOCABULARY, hurry, offer_of
from tests.unit.pricing.shop import catalogue, rule, rulebook
from tests.unit.pricing.strategies import SPRING, WORDS, every_facts, rulebooks

LAWFUL = settings(
    max_examples=100,
    deadline=None,
    database=None,
    derandomize=True,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
FIRST_BREACH = settings(LAWFUL, max_examples=5000, phases=[Phase.generate])

MOST = 300  # situations priced one by one
URGENCIES = ("standard", "urgent")
QUANTITIES = tuple(range(1, 11))
DAYS = (date(2026, 3, 4), date(2026, 1, 5), date(2026, 12, 6), date(2026, 12, 25), SPRING - timedelta(days=1), SPRING)
EVERYTHING: Mapping[str, tuple[Any, ...]] = {
    **{name: WORDS[dimension] for name, dimension in (("fulfilment", "fulfilments"), ("channel", "channels"))},
    "customer_type": ("", "student"),
    "condition": ("", "poor"),
    "complexity": ("", "hard"),
    "tier": ("", "gold"),
    "tax_status": ("", "exempt", "reverse_charge"),
    "place": ("", "GB"),
    "grade": ("", "oem"),
    "warranty": ("", "extended"),
    "postcode": ("", "6", "60", "604"),
    "day": DAYS,
    "hour": (5, 6, 9, 16, 17, 22),
    "first_order": (False, True),
    "referred": (False, True),
    "promo_codes": ((), ("SAVE15",), ("WELCOME20",)),
    "queue_length": (None, 4, 5),
    "demand": (None, 39, 40),
}
SCOPE_FIELDS = {
    "fulfilments": "fulfilment",
    "channels": "channel",
    "customer_types": "customer_type",
    "conditions": "condition",
    "complexities": "complexity",
    "tiers": "tier",
    "tax_statuses": "tax_status",
    "places": "place",
    "grades": "grade",
    "warranties": "warranty",
    "postcode_prefixes": "postcode",
    "weekdays": "day",
    "months": "day",
    "date_from": "day",
    "date_until": "day",
    "hour_from": "hour",
    "hour_until": "hour",
    "promo_codes": "promo_codes",
}

Step = tuple[str, object, object]
Finding = Callable[[Rulebook, Catalogue], set[Step]]


def told(book: Rulebook, offer: Catalogue) -> set[Step]:
    """The steps that the product says fall."""
    steps = Steps(compile_rulebook(book), Universe.of(book), max(QUANTITIES))
    for pair in Pairs.of(book, offer):
        steps.look_at(pair)
    found = list(steps.problems())
    assert {each.code for each in found} <= {"falling_step"}
    return {_step(each.message) for each in found}


def _step(message: str) -> Step:
    _, told = message.split("from ", 1) if message.startswith("from ") else message.split(": from ", 1)
    name, lower, _, higher, *_ = told.split()
    return (name, int(lower), int(higher)) if name == "quantity" else (name, lower, higher)


def usually(book: Rulebook, offer: Catalogue) -> set[Step]:
    """The steps that fall where everything is as usual."""
    device = next(iter(offer.devices.values()))
    usual = {name: values[0] for name, values in EVERYTHING.items()}
    facts = DeviceFacts(id=device.id, name=device.model, brand=device.brand, category=device.category, year=device.year)
    return {step for step, _ in falls(compile_rulebook(book), facts, usual)}


def situations(book: Rulebook) -> Iterator[dict[str, Any]]:
    """Every situation that some rule may tell apart, or as many of them, evenly chosen."""
    asked = set(_asked(book))
    values = {name: every if name in asked else every[:1] for name, every in EVERYTHING.items()}
    stride = max(1, prod(map(len, values.values())) // MOST)
    for combined in islice(product(*values.values()), 0, None, stride + (stride > 1 and stride % 2 == 0)):
        yield dict(zip(values, combined, strict=True))


def _asked(book: Rulebook) -> Iterator[str]:
    for each in book.rules:
        scope = each.scope
        yield from (name for field, name in SCOPE_FIELDS.items() if getattr(scope, field) not in (frozenset(), None))
        yield from (
            name for name in ("first_order", "referred") if getattr(scope, name) is not None or scope.expression
        )
        yield from (bound.figure for bound in scope.market)
        if each.valid_from or each.valid_until:
            yield "day"


def falls(compiled: CompiledRulebook, device: DeviceFacts, at: Mapping[str, Any]) -> Iterator[tuple[Step, object]]:
    """The steps that fall in that situation, for a screen of a device."""
    for quantity in (1, 2, 5, 10):
        totals = [_total(compiled, device, at, word, quantity) for word in URGENCIES]
        if None not in totals and totals[1] < totals[0]:
            yield ("urgency", *URGENCIES), totals
    for word in URGENCIES:
        totals = [_total(compiled, device, at, word, quantity) for quantity in QUANTITIES]
        for number, (before, after) in enumerate(pairwise(totals), start=1):
            if before is not None and after is not None and after < before:
                yield ("quantity", number, number + 1), (before, after)


def _total(compiled: CompiledRulebook, device: DeviceFacts, at: Mapping[str, Any], urgency: str, quantity: int) -> Any:
    given = dict(at)
    item = Item(
        service_id="screen", name="Screen", quantity=quantity, grade=given.pop("grade"), warranty=given.pop("warranty")
    )
    day, hour = given.pop("day"), given.pop("hour")
    figures = {name: value for name in ("queue_length", "demand") if (value := given.pop(name)) is not None}
    facts = Facts(
        device=device,
        items=(item,),
        local_time=datetime(day.year, day.month, day.day, hour, tzinfo=UTC),
        market=MarketSnapshot(figures=figures),
        urgency=urgency,
        **given,
    )
    try:
        return price(compiled, facts).total.amount
    except NotOffered:
        return None


def every_fall_is_told(find: Finding, runs: settings) -> None:
    """A step that falls in some situation, whatever the rules, is among those that are told."""

    @runs
    @given(rulebooks(most=5), st.none() | hurry(), every_facts())
    def law(book: Rulebook, urgent: Rule | None, asked: Facts) -> None:
        book = evolve(book, rules=(*book.rules, *((urgent,) if urgent else ())), vocabulary=VOCABULARY)
        offer = offer_of(asked)
        found, compiled = find(book, offer), compile_rulebook(book)
        for at in situations(book):
            for step, totals in falls(compiled, asked.device, at):
                assert step in found, (step, totals, at)

    law()


def test_every_fall_is_told() -> None:
    """Over words, times, dates, codes, figures of the market, groups of discounts, bounds, taxes and expressions."""
    every_fall_is_told(told, LAWFUL)


def test_the_usual_situation_is_not_enough() -> None:
    """Whoever looks at the usual situation alone is caught."""
    with pytest.raises(AssertionError):
        every_fall_is_told(usually, FIRST_BREACH)


PHONE = [Device("phone", "Acme", "Phone", "phone", 2022)]
BASE = rule("base", "base set", 10000)


def steps_of(*rules: Rule, enough: int = ENOUGH) -> list[Problem]:
    """What is said of the steps of a rulebook of these rules."""
    words = {"urgencies": frozenset(URGENCIES), "customer_types": frozenset({"student"})}
    book = rulebook(*rules, vocabulary=words)
    steps = Steps(compile_rulebook(book), Universe.of(book), max(QUANTITIES), enough)
    for pair in Pairs.of(book, catalogue(PHONE, "screen")):
        steps.look_at(pair)
    return list(steps.problems())


def test_that_there_was_too_much_is_told() -> None:
    """A bulk discount over twelve months: with room for a few amounts it is said, with enough room all are looked at."""
    months = [rule(f"m{month}", "season multiply", month, months={month}) for month in range(1, 13)]
    bulk = rule("bulk", "discounts percent", -20, quantity_from=2)

    [left] = steps_of(BASE, bulk, *months, enough=10)

    assert (left.code, left.message) == (
        "not_exhaustive",
        "more amounts are possible than are looked at: steps of quantity were compared in part only, for Screen for Acme Phone",
    )
    assert steps_of(BASE, bulk, *months) == []


def test_figures_that_may_be_any() -> None:
    """A figure of the market that is computed with has no values between which nothing changes: it is said, with the rule."""
    cut, computed = (
        Expression("", ("gt", ("mul", ("fact", "queue_length"), ("value", 2)), other))
        for other in (("value", 7), ("fact", "free_technicians"))
    )
    busy = rule("busy", "market multiply", 2, expression=computed)

    assert [(each.code, each.rules) for each in steps_of(BASE, busy)] == [("not_exhaustive", ("busy",))]
    assert steps_of(BASE, evolve(busy, scope=evolve(busy.scope, expression=cut))) == []


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ({"market": (MarketBound("queue_length", at_least=11),)}, " at a queue length of 11"),
        ({"promo_codes": {"SAVE15"}}, " with code SAVE15"),
        ({"first_order": True}, " on a first order"),
        ({"referred": True}, " for a customer who was referred"),
        ({"date_from": date(2026, 12, 25), "date_until": date(2026, 12, 25)}, " on 2026-12-25"),
        ({"quantity_from": 3, "quantity_until": 4}, " for 4 of them"),
        ({"expression": Expression("", ("eq", ("fact", "minute"), ("value", 7)))}, " at minute 7"),
        ({"weekdays": {6}, "hour_from": 22}, " on Sundays, at 22:00"),
        (
            {"expression": Expression("", ("eq", ("fact", "customer_type"), ("value", "student")))},
            " for student customers",
        ),
    ],
)
def test_where_a_step_falls_is_said(condition: dict[str, Any], said: str) -> None:
    """Urgent work is cheaper under one condition alone: it is found, and named."""
    urgent = rule("urgent", "urgency multiply", 2, urgencies={"urgent"})
    cheap = rule("cheap", "urgency multiply", "0.5", urgencies={"urgent"}, **condition)

    fallen = [each for each in steps_of(BASE, urgent, cheap) if "from urgency" in each.message]

    assert [each.rules for each in fallen] == [("cheap",)]
    assert fallen[0].message.endswith(f"such as Screen for Acme Phone{said}")


def test_a_rise_into_a_window() -> None:
    """What urgency adds brings the price into the window of a rule that does not look at urgency at all."""
    urgent = rule("urgent", "urgency multiply", 2, urgencies={"urgent"})
    dear = rule("dear", "season multiply", "0.4", amount_from=15000)

    [fallen] = steps_of(BASE, urgent, dear)

    assert "from urgency standard to urgent the total falls from GBP 100.00 to GBP 80.00" in fallen.message


def test_bulk_discounts_over_many_situations() -> None:
    """Millions of situations under discounts that never go too far, and one more that does, take seconds."""
    tables = [
        rule(f"{stage}/{word}", f"{stage} multiply", Fraction(100 + number, 97), **{field: {word}})
        for stage, field, words in (
            ("device_factor", "channels", "abcde"),
            ("complexity", "complexities", "fghij"),
            ("condition", "conditions", "klmno"),
            ("market", "tiers", "pqrst"),
            ("season", "customer_types", "uvwxy"),
        )
        for number, word in enumerate(words)
    ]
    bulk = [
        rule("two", "discounts percent", -5, quantity_from=2, quantity_until=4),
        rule("five", "discounts percent", -10, quantity_from=5),
    ]
    deep = rule("deep", "discounts percent", -60, quantity_from=10, channels={"a"}, tiers={"p"})

    started = time.process_time()
    sound, unsound = steps_of(BASE, *tables, *bulk), steps_of(BASE, *tables, *bulk, deep)

    assert sound == []
    assert [each.rules for each in unsound] == [("five", "deep")]
    assert time.process_time() - started < 30
