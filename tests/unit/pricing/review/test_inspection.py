"""What is worth a look before a rulebook is published, each with the rules' places."""

import time
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve

from repaircore.domain.catalog.catalogue import Device, Service
from repaircore.domain.pricing.problems import Problem
from repaircore.domain.pricing.review.difference import difference
from repaircore.domain.pricing.review.inspection import inspect
from repaircore.domain.pricing.rules import Per, Rule
from tests.unit.pricing.shop import (
    FIXBULANCE,
    FIXBULANCE_CATALOGUE,
    REVIVA,
    REVIVA_CATALOGUE,
    catalogue,
    rule,
    rulebook,
)

PHONES = [Device("phone", "Acme", "Phone", "phone", 2022), Device("old-phone", "Acme", "Old phone", "phone", 2015)]
SHOP = catalogue([*PHONES, Device("tablet", "Zeta", "Tablet", "tablet", 2020)], "screen", "battery")
BASE = rule("base", "base set", 10000)
URGENCY = {"urgencies": frozenset({"standard", "urgent"})}


def found(*rules: Rule, code: str = "", **given: Any) -> list[Problem]:
    """The problems of a rulebook of these rules."""
    book = rulebook(*rules, **given)
    return [each for each in inspect(book, SHOP) if code in ("", each.code)]


def test_sound_rulebooks() -> None:
    """The shops' rulebooks have nothing to complain about."""
    assert inspect(REVIVA, REVIVA_CATALOGUE) == ()
    assert inspect(FIXBULANCE, FIXBULANCE_CATALOGUE) == ()


def test_a_gap_names_service_and_devices() -> None:
    """A service that is offered for a device and has no price for it."""
    phones = rule("phones", "base set", 1, services={"screen"}, category="phone")

    [gap] = found(phones, rule("battery", "base set", 1, services={"battery"}), code="no_price")

    assert gap.message == (
        "service 'screen' is offered for tablet but has no price for one device: tablet; "
        "for other devices it has one by 'phones'"
    )


def test_a_gap_names_the_places_of_what_is_nearest() -> None:
    """The service's line, and the rule that covers the other situations, or other devices of its kind before any others."""
    urgent = rule("urgent", "base set", 1, urgencies={"urgent"}, services={"screen"}, place="prices.csv:7")
    tablets = rule("tablets", "base set", 1, services={"battery"}, category="tablet", place="rules.toml:3")
    own = rule("own", "base set", 1, services={"battery"}, models={"old-phone"}, place="rules.toml:5")
    book = rulebook(urgent, own, tablets, vocabulary=URGENCY)

    found = inspect(book, SHOP, places={"screen": "catalog/services.csv:2", "battery": "catalog/services.csv:3"})

    gap, battery = (next(each for each in found if each.code == code) for code in ("gap", "no_price"))
    assert gap.message.startswith("service 'screen' (catalog/services.csv:2) is offered for")
    assert gap.message.endswith("; in other situations it has one by 'urgent' (prices.csv:7)")
    assert gap.places == ("catalog/services.csv:2", "prices.csv:7")
    assert (battery.rules, battery.places) == (("tablets",), ("catalog/services.csv:3", "rules.toml:3"))


def test_a_service_that_nothing_prices_is_named_with_its_line() -> None:
    """There is no rule to point at, and still a place."""
    screen = rule("screen", "base set", 1, services={"screen"})

    (found,) = (
        each
        for each in inspect(rulebook(screen), SHOP, places={"battery": "services.csv:3"})
        if each.code == "no_base_price"
    )

    assert found.message == "service 'battery' (services.csv:3) has no base price: it cannot be quoted"
    assert found.places == ("services.csv:3",)


def test_no_gap_where_a_price_is_needed() -> None:
    """A service that is only offered with a price of its own leaves no gap where it has none."""
    offer = catalogue(PHONES, Service("screen", "Screen", needs_price=True))
    own = rule("own", "base set", 1, models={"phone"}, services={"screen"})

    assert inspect(rulebook(own), offer) == ()


def test_a_gap_in_some_situations() -> None:
    """A price that holds only when urgent leaves a gap otherwise, and the gap says when."""
    urgent = rule("urgent", "base set", 1, urgencies={"urgent"})

    gaps = found(urgent, code="gap", vocabulary=URGENCY)

    assert len(gaps) == 4
    assert "has no price when standard for 2 devices: phone, old-phone" in gaps[0].message


def test_a_shadowed_rule_names_what_is_in_its_way() -> None:
    """One rule for all urgencies, and one for each of them: the first never applies."""
    general = rule("general", "urgency multiply", 1, place="rules.toml:3")
    each = [
        rule(word, "urgency multiply", 2, urgencies={word}, place="rules.toml:9") for word in ("standard", "urgent")
    ]

    [shadowed] = found(BASE, general, *each, code="shadowed", vocabulary=URGENCY)

    assert shadowed.message.startswith(
        "rules 'general' (rules.toml:3) and 'standard' (rules.toml:9) and 'urgent' (rules.toml:9)"
    )


@pytest.mark.parametrize(
    "rescue",
    [
        {"urgencies": {"urgent"}},
        {"urgencies": {"standard", "urgent"}, "amount_from": 100},
        {"urgencies": {"standard", "urgent"}, "months": {1, 2, 3}},
        {"urgencies": {"standard", "urgent"}, "promo_codes": {"SAVE15"}},
        {"urgencies": {"standard", "urgent"}, "year_from": 2020},
        {"urgencies": {"standard", "urgent"}, "services": {"screen"}},
    ],
)
def test_what_leaves_room_shadows_nothing(rescue: dict[str, object]) -> None:
    """As long as one situation is left, however rare, the general rule applies in it."""
    general, special = rule("general", "urgency multiply", 1), rule("special", "urgency multiply", 2, **rescue)

    assert found(BASE, general, special, code="shadowed", vocabulary=URGENCY) == []


def test_hours_and_prefixes_shadow_together() -> None:
    """Two windows that leave no hour; a shorter prefix behind a longer one is not in its way."""
    day, night = (
        rule("day", "season multiply", 2, hour_from=6, hour_until=22),
        rule("night", "season multiply", 2, hour_from=22, hour_until=6),
    )
    city, quarter = (
        rule("city", "tax percent", 9, postcode_prefixes={"60"}),
        rule("quarter", "tax percent", 10, postcode_prefixes={"606"}),
    )

    shadowed = found(BASE, rule("always", "season multiply", 1), day, night, city, quarter, code="shadowed")

    assert [each.rules[0] for each in shadowed] == ["always"]


def test_a_rule_for_what_is_not_offered() -> None:
    """Its device and its service both exist, and never meet."""
    offer = catalogue(
        PHONES, Service("screen", "Screen", categories=("phone",)), Service("lid", "Lid", categories=("x",))
    )
    book = rulebook(BASE, rule("lid", "season multiply", 2, services={"lid"}))

    assert [(each.code, each.rules) for each in inspect(book, offer)] == [("unreachable", ("lid",))]


def test_urgent_cheaper_than_standard() -> None:
    """The step is told with both rules, an example and its amounts."""
    urgent = rule("urgent", "urgency multiply", "0.5", urgencies={"urgent"}, place="rules.toml:7")

    [falling] = found(BASE, urgent, code="falling_step", vocabulary=URGENCY)

    assert falling.message == (
        "rule 'urgent' (rules.toml:7): from urgency standard to urgent the total falls from GBP 100.00 to GBP 50.00, "
        "such as Screen for Acme Phone"
    )


def test_a_falling_step_far_away() -> None:
    """Urgent is only cheaper in December, for a poor device: it is found, and said when."""
    urgent = rule("urgent", "urgency multiply", 2, urgencies={"urgent"})
    december = rule("december", "urgency multiply", "0.9", urgencies={"urgent"}, conditions={"poor"}, months={12})

    [falling] = found(BASE, urgent, december, code="falling_step", vocabulary=URGENCY)

    assert falling.message.endswith("such as Screen for Acme Phone in poor condition, in December")


def test_a_rule_that_is_made_good_elsewhere() -> None:
    """A cheaper urgency that a surcharge more than makes up for is no fault of the price."""
    urgent = rule("urgent", "urgency multiply", "0.9", urgencies={"urgent"})
    surcharge = rule("surcharge", "market add", 5000, urgencies={"urgent"})

    assert found(BASE, urgent, surcharge, code="falling_step", vocabulary=URGENCY) == []


def test_worse_condition_cheaper() -> None:
    """A device in a poor state that costs less than one in a good state."""
    good, poor = (
        rule(word, "condition multiply", value, conditions={word}) for word, value in (("good", "1.2"), ("poor", "1.1"))
    )

    [falling] = found(BASE, good, poor, code="falling_step")

    assert falling.rules == ("good", "poor")
    assert "from condition good to poor the total falls from GBP 120.00 to GBP 110.00" in falling.message


def test_more_of_it_cheaper_in_total() -> None:
    """An order fee that falls away costs more than the item that is added."""
    fee = rule("fee", "fees add", 20000, per=Per.ORDER, amount_until=20000)

    [falling] = found(BASE, fee, code="falling_step")

    assert "from quantity 1 to 2 the total falls from GBP 300.00 to GBP 200.00" in falling.message


def test_how_many_situations_are_left_is_told() -> None:
    """A comparison says how much of what changes it did not look at; what it did is priced."""
    months = [rule(f"m{month}", "season multiply", month, months={month}) for month in range(1, 13)]
    old, new = rulebook(BASE, *months), rulebook(BASE, *(evolve(each, value=each.value * 2) for each in months))
    offer = catalogue(PHONES[:1], "screen")

    some, all_of_it = difference(old, new, offer, enough=5), difference(old, new, offer)

    assert (len(some.prices), some.left, some.complete) == (5, 7, False)
    assert (len(all_of_it.prices), all_of_it.left, all_of_it.complete) == (12, 0, True)


def test_errors_come_first_and_alone() -> None:
    """A rulebook that cannot be used is not looked into any further."""
    assert [each.code for each in found(BASE, rule("again", "base set", 2))] == ["tie"]


def test_progress_is_told() -> None:
    """Whoever waits is told how many devices of how many are done."""
    told: list[tuple[int, int]] = []

    inspect(REVIVA, REVIVA_CATALOGUE, lambda done, of: told.append((done, of)))

    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_many_thousand_rules() -> None:
    """Twelve thousand prices for a thousand devices take seconds, not minutes."""
    devices = [Device(f"d{number}", "Acme", f"Device {number}", "iphone", 2022) for number in range(1000)]
    services = [f"s{number}" for number in range(12)]
    prices = [
        rule(f"{device.id}-{service}", "base set", 5000 + index, models={device.id}, services={service})
        for index, device in enumerate(devices)
        for service in services
    ]
    others = [each for each in REVIVA.rules if each.id not in ("screen", "battery")]
    book = evolve(REVIVA, rules=(*prices, *others, rule("zero", "season multiply", Fraction(1))))

    started = time.process_time()
    inspect(book, catalogue(devices, *services))

    assert time.process_time() - started < 10
