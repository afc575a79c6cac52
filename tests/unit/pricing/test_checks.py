"""A faulty rulebook is refused before the first quote, naming the rules and where they stand."""

import time
from datetime import date
from typing import Any

import pytest
from attrs import evolve

from repaircore.domain.catalog.catalogue import Device
from repaircore.domain.pricing.checks import Problem, RulebookInvalid, Severity, check, refuse
from repaircore.domain.pricing.rules import GroupMode, MarketBound, Per, Rule, Rulebook
from tests.unit.pricing.shop import (
    FIXBULANCE,
    FIXBULANCE_CATALOGUE,
    REVIVA,
    REVIVA_CATALOGUE,
    catalogue,
    rule,
    rulebook,
)

PHONE = Device("phone", "Acme", "Phone", "phone", 2022)
SHOP = catalogue([PHONE, Device("tablet", "Zeta", "Tablet", "tablet", 2020)], "screen", "battery")
BASE = rule("base", "base set", 100)


def problems(*rules: Rule, **given: Any) -> list[tuple[str, str]]:
    """Code and message of each problem, with a base price for everything."""
    book = rulebook(BASE, *rules, **{"groups": {"loyal": GroupMode.BEST_OF}, **given})
    return [(one.code, one.message) for one in check(book, SHOP)]


def codes(*rules: Rule, **given: Any) -> list[str]:
    """The codes of the problems."""
    return [code for code, _ in problems(*rules, **given)]


@pytest.mark.parametrize(("book", "offer"), [(REVIVA, REVIVA_CATALOGUE), (FIXBULANCE, FIXBULANCE_CATALOGUE)])
def test_sound_rulebooks(book: Rulebook, offer: Any) -> None:
    """The shops' rulebooks have nothing to complain about, and pass."""
    found = check(book, offer)

    assert found == ()
    refuse(found)


def test_tie_names_both_rules_and_places() -> None:
    """Two rules of the same scope in one stage: neither is more specific."""
    first = rule("summer", "season multiply", 2, months={6}, place="rules.toml:12")
    second = rule("june", "season multiply", 3, months={6}, place="rules.toml:40")

    [(code, message)] = problems(first, second)

    assert code == "tie"
    assert message.startswith(
        "rules 'summer' (rules.toml:12) and 'june' (rules.toml:40): the same scope in the same stage"
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"months": {6, 7}}, {"months": {7, 8}}),
        ({"models": {"phone", "tablet"}}, {"models": {"phone"}}),
        ({"year_from": 2010, "year_until": 2021}, {"year_from": 2021, "year_until": 2030}),
        ({"year_from": 2010}, {"year_until": 2021}),
        ({"amount_from": 1, "amount_until": 100}, {"amount_from": 99, "amount_until": 200}),
        ({"hour_from": 22, "hour_until": 6}, {"hour_until": 9}),
        ({"weekdays": {1}}, {"months": {1}}),
        ({"postcode_prefixes": {"60", "606"}}, {"postcode_prefixes": {"606", "7"}}),
        ({"urgencies": {"low", "high"}, "services": {"screen"}}, {"urgencies": {"high"}, "services": {"screen"}}),
    ],
)
def test_overlap(first: dict[str, Any], second: dict[str, Any]) -> None:
    """Equally specific rules whose scopes share some quote are refused, in either order."""
    pair = [rule("a", "season multiply", 2, **first), rule("b", "season multiply", 3, **second)]

    assert codes(*pair) == codes(*reversed(pair)) == ["overlap"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"months": {6}}, {"months": {7}}),
        ({"models": {"tablet"}}, {"models": {"phone"}}),
        ({"year_from": 2010, "year_until": 2020}, {"year_from": 2021, "year_until": 2030}),
        ({"amount_from": 1, "amount_until": 100}, {"amount_from": 100, "amount_until": 200}),
        ({"hour_from": 9, "hour_until": 12}, {"hour_from": 12, "hour_until": 18}),
        ({"postcode_prefixes": {"60"}}, {"postcode_prefixes": {"606"}}),
        ({"category": "phone"}, {"category": "tablet"}),
        ({"category": "phone"}, {"brand": "Acme"}),
        ({}, {"urgencies": {"low"}}),
        ({}, {"stacks": True}),
    ],
)
def test_no_overlap(first: dict[str, Any], second: dict[str, Any]) -> None:
    """Disjoint scopes, a more specific one, and one that stacks live together."""
    assert codes(rule("a", "season multiply", 2, **first), rule("b", "season multiply", 3, **second)) == []


def test_every_meeting_is_found() -> None:
    """A rule that meets two others which do not meet each other is named with both."""
    months = [{6}, {6, 7}, {7}]

    assert codes(*(rule(f"r{i}", "season multiply", 2, months=one) for i, one in enumerate(months))) == ["overlap"] * 2


def test_minimum_and_maximum_are_no_tie_but_must_not_cross() -> None:
    """A floor above the cap is an error that names both."""
    cap = rule("cap", "floor_cap maximum", 5000)

    assert codes(rule("floor", "floor_cap minimum", 5000), cap) == []
    assert problems(cap, rule("floor", "floor_cap minimum", 5001)) == [
        ("crossed_bounds", "rules 'floor' and 'cap': the minimum is above the maximum: 5001 > 5000 minor units")
    ]


def test_deposits_by_service_may_meet_in_one_order() -> None:
    """Both services in one order is worth a warning that says which deposit applies."""
    pair = [rule(name, "deposit set", 100, services={name}) for name in ("screen", "battery")]

    [found] = check(rulebook(BASE, *pair), SHOP)

    assert (found.code, found.severity) == ("order_tie", Severity.WARNING)
    assert "there 'battery' applies" in found.message


BUSY, QUIET = MarketBound("demand", at_least=40), MarketBound("demand", below=40)


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ({"quantity_from": 2, "quantity_until": 4}, {"quantity_from": 5, "quantity_until": 9}, []),
        ({"quantity_from": 2, "quantity_until": 5}, {"quantity_from": 5, "quantity_until": 9}, ["overlap"]),
        ({"first_order": True}, {"first_order": False}, []),
        ({"referred": True}, {"referred": True}, ["tie"]),
        ({"date_from": date(2026, 1, 1)}, {"date_until": date(2025, 12, 31)}, []),
        ({"date_from": date(2026, 1, 1)}, {"date_until": date(2026, 1, 1)}, ["overlap"]),
        ({"market": (BUSY,)}, {"market": (QUIET,)}, []),
        ({"market": (BUSY,)}, {"market": (MarketBound("queue_length", below=5),)}, ["overlap"]),
        ({"grades": {"oem"}}, {"grades": {"premium"}}, []),
        ({"tiers": {"gold"}}, {"tiers": {"silver"}}, []),
        ({"promo_codes": {"A"}}, {"promo_codes": {"B"}}, ["overlap"]),
        ({"valid_until": date(2025, 12, 31)}, {"valid_from": date(2026, 1, 1)}, []),
        ({"group": "loyal"}, {"group": "loyal"}, []),
    ],
)
def test_newer_conditions_meet_or_do_not(one: dict[str, Any], other: dict[str, Any], found: list[str]) -> None:
    """Two rules tie only where some quote is in both: codes may be given together, figures and dates lie apart."""
    rules = [rule(name, "discounts percent", -5, **given) for name, given in (("one", one), ("other", other))]

    assert codes(*rules) == found


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (rule("r", "base set", -1, models={"phone"}), "negative"),
        (rule("r", "season multiply", -1), "negative"),
        (rule("r", "season percent", -101), "negative"),
        (rule("r", "fees add", -1), "negative"),
        (rule("r", "tax percent", -1), "negative"),
        (rule("r", "deposit percent", -1), "negative"),
        (rule("r", "discounts percent", 1), "raising_discount"),
        (rule("r", "discounts multiply", "1.1"), "raising_discount"),
        (rule("r", "deposit percent", 101), "deposit_above_total"),
        (rule("r", "fees add", "0.5"), "part_of_a_minor_unit"),
        (rule("r", "rounding round_to", 0), "round_to_nothing"),
        (rule("r", "base multiply", 2, models={"phone"}), "illegal_action"),
        (rule("r", "tax set", 2), "illegal_action"),
        (rule("r", "deposit set", 2, stacks=True), "illegal_stacking"),
        (rule("r", "fees percent", 2, per=Per.ORDER), "illegal_per"),
        (rule("r", "season add", 2, per=Per.ORDER), "illegal_per"),
        (rule("r", "base set", 2, amount_from=1), "illegal_amount"),
        (rule("r", "season add", 2, year_from=2022, year_until=2021), "window"),
        (rule("r", "season add", 2, amount_from=2, amount_until=2), "window"),
        (rule("r", "season add", 2, hour_from=25), "window"),
        (rule("r", "season add", 2, hour_from=9, hour_until=9), "window"),
        (rule("r", "season add", 2, weekdays={7}), "window"),
        (rule("r", "season add", 2, months={0}), "window"),
        (rule("r", "season add", 2, postcode_prefixes={"sw1 a"}), "window"),
        (rule("r", "season add", 2, year_from=2030), "unreachable"),
        (rule("r", "season add", 2, models={"phone"}, brand="Zeta"), "unreachable"),
        (evolve(BASE), "duplicate_id"),
        (rule("r", "parts set", 2, amount_from=1), "illegal_amount"),
        (rule("r", "discounts match", -101), "negative"),
        (rule("r", "season percent", 5, group="loyal"), "illegal_group"),
        (rule("r", "discounts percent", -5, group="loyal", stacks=True), "illegal_group"),
        (rule("r", "discounts percent", -5, group="loyall"), "unknown_group"),
        (rule("r", "season percent", 5, line_kinds={"parts"}), "illegal_line_kind"),
        (rule("r", "tax percent", 5, line_kinds={"labor"}), "unknown_line_kind"),
        (rule("r", "floor_cap minimum", 5, limit=5), "illegal_limit"),
        (rule("r", "discounts percent", -5, least=5), "illegal_limit"),
        (rule("r", "season percent", 5, limit=-5), "negative"),
        (rule("r", "season percent", 5, least=6, limit=5), "crossed_limits"),
        (rule("r", "fees add", 5, kind="delivery"), "illegal_kind"),
        (rule("r", "fees add", 5, kind="delivry", per=Per.ORDER), "illegal_kind"),
        (rule("r", "season percent", 5, quantity_from=5, quantity_until=2), "window"),
        (rule("r", "season percent", 5, date_from=date(2026, 2, 1), date_until=date(2026, 1, 1)), "window"),
        (rule("r", "season percent", 5, valid_from=date(2026, 2, 1), valid_until=date(2026, 1, 1)), "window"),
        (rule("r", "market percent", 5, market=(MarketBound("demand"),)), "window"),
        (rule("r", "market percent", 5, market=(MarketBound("demand", at_least=5, below=5),)), "window"),
    ],
)
def test_faults_of_one_rule(wrong: Rule, code: str) -> None:
    """Each fault has a stable code."""
    assert code in codes(wrong)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({"models": {"phon"}}, "rule 'r': there is no device 'phon'; did you mean 'phone'?"),
        ({"services": {"screens"}}, "rule 'r': there is no service 'screens'; did you mean 'screen'?"),
        ({"category": "tablets"}, "rule 'r': there is no category 'tablets'; did you mean 'tablet'?"),
        ({"brand": "Acne"}, "rule 'r': there is no brand 'Acne'; did you mean 'Acme'?"),
        ({"urgencies": {"urgnt"}}, "rule 'r': there is no urgency 'urgnt'; did you mean 'urgent'?"),
        ({"conditions": {"xyz"}}, "rule 'r': there is no condition 'xyz'"),
    ],
)
def test_names_that_nobody_knows(condition: dict[str, Any], message: str) -> None:
    """The nearest known name is offered."""
    vocabulary = {"conditions": frozenset({"good", "poor"})}

    assert [text for _, text in problems(rule("r", "season add", 2, **condition), vocabulary=vocabulary)] == [message]


def test_a_service_without_a_base_price() -> None:
    """It can never be quoted, which is worth a warning."""
    found = check(rulebook(rule("screen", "base set", 1, services={"screen"})), SHOP)

    assert [(one.severity, one.message) for one in found] == [
        (Severity.WARNING, "service 'battery' has no base price: it cannot be quoted")
    ]


def test_refusal_lists_everything_at_once() -> None:
    """All errors, one a line; warnings do not stop a rulebook."""
    found = check(
        rulebook(rule("a", "base set", -1), rule("b", "tax set", 1), rule("c", "season add", 1, year_from=3000)), SHOP
    )

    with pytest.raises(RulebookInvalid) as refusal:
        refuse(found)

    assert str(refusal.value).splitlines() == [
        "the rulebook has 2 errors:",
        "- rule 'a': set -1 would be a negative amount",
        "- rule 'b': set is not an action of the tax stage; use percent",
    ]
    refuse([one for one in found if one.severity is Severity.WARNING])


def test_thousands_of_rules_are_checked_quickly() -> None:
    """12,000 prices, then the same given twice: no comparing of every two rules."""
    prices = [
        rule(f"p{model}-{part}", "base set", 100, models={f"m{model}"}, services={f"s{part}"})
        for model in range(1000)
        for part in range(12)
    ]
    devices = [Device(f"m{model}", "Acme", f"M{model}", "phone") for model in range(1000)]
    offer = catalogue(devices, *(f"s{part}" for part in range(12)))
    twice = [*prices, *(evolve(one, id=f"{one.id}-again") for one in prices)]

    started = time.process_time()
    once: tuple[Problem, ...] = check(rulebook(*prices), offer)
    doubled = check(rulebook(*twice), offer)

    assert (len(once), len(doubled)) == (0, 12_000)
    assert time.process_time() - started < 10
