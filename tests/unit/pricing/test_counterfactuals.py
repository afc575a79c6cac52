"""What would have changed the price: each change can be asked for, and comes to what it says."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve, fields
from hypothesis import given, settings

from repaircore.domain.catalog.catalogue import Device, Service
from repaircore.domain.pricing.changes import By
from repaircore.domain.pricing.counterfactuals import MOST, Counterfactual, Direction, counterfactuals
from repaircore.domain.pricing.engine import CompiledRulebook, compile_rulebook, price
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.margin import Margins
from repaircore.domain.pricing.promotions import Promotion
from repaircore.domain.pricing.rules import Rulebook
from tests.unit.pricing.shop import NOON, REVIVA, catalogue, facts, quote, reviva_quote, rule, rulebook
from tests.unit.pricing.strategies import every_facts, rulebooks
from tests.unit.pricing.test_laws import FIRST_BREACH, LAWFUL

Finding = Callable[[CompiledRulebook, Facts], Sequence[Counterfactual]]

BASE = rule("base", "base set", 10000)


def found(book: Rulebook, asked: Facts, **given: Any) -> dict[tuple[str, str], int]:
    """The total of each change, by input and value."""
    changes = counterfactuals(compile_rulebook(book), asked, **given)
    return {(one.change.input, one.change.value): one.total.amount for one in changes}


def test_the_nearest_comes_first() -> None:
    """One step of urgency before two; of equally near ones, the greater effect first."""
    urgent = reviva_quote("iphone-13-pro", "screen", urgency="urgent").facts

    changes = counterfactuals(compile_rulebook(REVIVA), urgent, most={"screen": 1})

    assert [(one.change.input, one.change.value, one.total.amount) for one in changes] == [
        ("urgency", "emergency", 330_00),
        ("urgency", "high", 198_00),
        ("fulfilment", "pickup", 273_00),
        ("urgency", "standard", 165_00),
        ("urgency", "low", 149_00),
    ]


def test_direction_and_difference() -> None:
    """What saves money has a difference below zero."""
    urgent = reviva_quote("iphone-13-pro", "screen", urgency="urgent").facts

    told = {
        one.change.value: (one.difference.amount, one.direction)
        for one in counterfactuals(compile_rulebook(REVIVA), urgent)
    }

    assert told["emergency"] == (82_00, Direction.HIGHER)
    assert told["standard"] == (-83_00, Direction.LOWER)


def test_what_changes_nothing_is_not_told() -> None:
    """A business that prices by nothing but the service has only quantities to offer."""
    assert found(rulebook(BASE), facts()) == {("quantity", "2"): 20000}


def test_words_come_from_the_vocabulary() -> None:
    """Only what a request may say is tried."""
    book = rulebook(
        BASE,
        rule("poor", "condition multiply", 2, conditions={"poor"}),
        vocabulary={"conditions": frozenset({"poor", "good"})},
    )

    assert found(book, facts(condition="good"), most={"screen": 1}) == {("condition", "poor"): 20000}


def test_who_can_change_it() -> None:
    """Customers ask otherwise; what the device or the customer is, staff find out."""
    book = rulebook(
        BASE,
        rule("student", "discounts percent", -10, customer_types={"student"}),
        rule("pickup", "fees add", 500, fulfilments={"pickup"}),
    )

    by = {one.change.input: one.change.by for one in counterfactuals(compile_rulebook(book), facts())}

    assert by == {"fulfilment": By.CUSTOMER, "quantity": By.CUSTOMER, "customer_type": By.STAFF}


def test_a_claim_can_be_given_up() -> None:
    """A student who turns out not to be one pays the ordinary price."""
    book = rulebook(BASE, rule("student", "discounts percent", -10, customer_types={"student"}))

    assert found(book, facts(customer_type="student"))["customer_type", ""] == 10000


def test_quantities_near_by_and_where_a_rule_begins() -> None:
    """One more and one fewer; and more of it for less money, where a bulk discount makes that so."""
    book = rulebook(BASE, rule("bulk", "discounts percent", -50, quantity_from=5))

    assert found(book, facts(("screen", 4)), most={"screen": 9}) == {
        ("quantity", "3"): 30000,
        ("quantity", "5"): 25000,
    }
    assert found(book, facts(("screen", 3)), most={"screen": 9})["quantity", "5"] == 25000


def test_quantities_stay_within_what_can_be_booked() -> None:
    """Two lines of one service share its limit."""
    asked = facts(("screen", 1), ("screen", 2))

    assert found(rulebook(BASE), asked, most={"screen": 3}) == {("quantity", "1"): 20000}


def test_the_next_cheaper_slot() -> None:
    """Of all later slots the nearest in each direction, at an hour when people are about, in the shop's zone."""
    book = rulebook(
        BASE,
        rule("weekend", "market multiply", "1.5", weekdays={5, 6}),
        rule("evening", "season multiply", "0.8", hour_from=18),
        timezone="Europe/London",
    )

    slots = {value: total for (input, value), total in found(book, facts()).items() if input == "slot_start"}

    assert slots == {"2026-03-04T18:00:00+00:00": 8000, "2026-03-07T12:00:00+00:00": 15000}


def test_who_asks_at_night() -> None:
    """Is told of slots by day."""
    book = rulebook(BASE, rule("weekend", "market multiply", "1.5", weekdays={5, 6}), timezone="Europe/London")

    slots = [value for input, value in found(book, facts(local_time=NOON.replace(hour=23))) if input == "slot_start"]

    assert slots == ["2026-03-07T12:00:00+00:00"]


def test_seasons() -> None:
    """Waiting for a cheaper month is a change, if a distant one; summer time is minded."""
    book = rulebook(BASE, rule("june", "season multiply", "0.7", months={6}), timezone="Europe/London")

    assert found(book, facts())["slot_start", "2026-06-04T12:00:00+01:00"] == 7000


def test_grades_and_warranties() -> None:
    """Other parts, another warranty: of one line."""
    book = rulebook(
        BASE,
        rule("oem", "device_factor multiply", "1.3", grades={"oem"}),
        rule("long", "fees add", 2000, warranties={"extended"}),
    )

    assert {(key[0], key[1]): total for key, total in found(book, facts(), most={"screen": 1}).items()} == {
        ("grade", "oem"): 13000,
        ("warranty", "extended"): 12000,
    }


def test_a_long_quote_is_answered_shortly() -> None:
    """However long the quote and its vocabulary, no more is told than a person reads."""
    words = frozenset(f"word-{number}" for number in range(200))
    rules = [rule(word, "condition percent", index + 1, conditions={word}) for index, word in enumerate(sorted(words))]

    changes = counterfactuals(compile_rulebook(rulebook(BASE, *rules)), facts(*["screen"] * 20))

    assert 0 < len(changes) <= MOST


@pytest.mark.parametrize("urgency", ["low", "standard", "urgent"])
def test_each_change_can_be_asked_for(urgency: str) -> None:
    """A new request with the change is quoted at exactly the total that was told."""
    book = evolve(
        REVIVA,
        rules=(*REVIVA.rules, rule("sunday", "season multiply", "1.25", weekdays={6})),
        vocabulary={"urgencies": frozenset({"low", "standard", "high", "urgent", "emergency"})},
    )
    offer = catalogue([Device("phone", "Acme", "Phone", "iphone", 2022)], Service("screen", "Screen", max_quantity=3))
    first = quote(book, offer, "phone", "screen", urgency=urgency)

    changes = counterfactuals(compile_rulebook(book), first.facts, most={"screen": 3})

    assert {one.change.input for one in changes} == {"urgency", "fulfilment", "quantity", "slot_start"}
    for one in changes:
        assert asked_again(book, offer, urgency, one) == one.total


def asked_again(book: Rulebook, offer: Any, urgency: str, one: Counterfactual) -> Any:
    """Ask with the change as a client would read it."""
    asked: dict[str, Any] = {"urgency": urgency}
    services = ["screen"] * (int(one.change.value) if one.change.input == "quantity" else 1)
    if one.change.input == "slot_start":
        asked["slot_start"] = datetime.fromisoformat(one.change.value)
    elif one.change.input != "quantity":
        asked[one.change.input] = one.change.value
    return quote(book, offer, "phone", *services, at=NOON, **asked).priced.total


def single_true_changes(finding: Finding, runs: settings) -> None:
    """Each counterfactual changes one input, comes to another total by the same engine, and the nearest come first."""

    @runs
    @given(rulebooks(), every_facts())
    def law(book: Rulebook, asked: Facts) -> None:
        compiled = compile_rulebook(book)
        changes = finding(compiled, asked)
        present = price(compiled, asked).total
        for one in changes:
            names = [field.name for field in fields(Facts) if field.name != "devices"]  # these follow from the items
            other = [name for name in names if getattr(one.change.facts, name) != getattr(asked, name)]
            assert len(other) == 1
            assert one.total == price(compile_rulebook(book), one.change.facts).total != present
            assert one.difference == one.total - present
        assert [one.change.distance for one in changes] == sorted(one.change.distance for one in changes)

    law()


def honest(compiled: CompiledRulebook, asked: Facts) -> Sequence[Counterfactual]:
    """Find them as the product does."""
    return counterfactuals(compiled, asked)


def test_changes_are_single_and_true() -> None:
    """See the law."""
    single_true_changes(honest, LAWFUL)


def two_at_once(compiled: CompiledRulebook, asked: Facts) -> Sequence[Counterfactual]:
    """Broken: changes the urgency along with everything else."""
    return [
        evolve(one, change=evolve(one.change, facts=evolve(one.change.facts, urgency="other")))
        for one in counterfactuals(compiled, asked)
    ]


def twice_the_total(compiled: CompiledRulebook, asked: Facts) -> Sequence[Counterfactual]:
    """Broken: tells twice the total."""
    return [evolve(one, total=one.total * 2) for one in counterfactuals(compiled, asked)]


def by_the_effect(compiled: CompiledRulebook, asked: Facts) -> Sequence[Counterfactual]:
    """Broken: the greatest effect first, however far away."""
    return sorted(counterfactuals(compiled, asked), key=lambda one: -abs(one.difference.amount))


@pytest.mark.parametrize("broken", [two_at_once, twice_the_total, by_the_effect])
def test_breaches_are_noticed(broken: Finding) -> None:
    """The law fails for what breaks it."""
    with pytest.raises(AssertionError):
        single_true_changes(broken, FIRST_BREACH)


def test_promotion_codes_are_for_staff() -> None:
    """Staff see what a code would do; customers are told of no code they did not name, and nobody of one that is over."""
    over = Promotion(code="WINTER", ends=NOON)
    book = rulebook(
        BASE,
        rule("spring", "discounts percent", -15, promo_codes={"SPRING"}),
        rule("winter", "discounts percent", -25, promo_codes={"WINTER"}),
        promotions=(Promotion(code="SPRING"), over),
    )

    assert found(book, facts(), most={"screen": 1}) == {}
    assert found(book, facts(), most={"screen": 1}, codes=True) == {("promo_codes", "SPRING"): 8500}


def test_codes_count_when_they_are_given() -> None:
    """A code holds at the moment of asking, as a quote has it, and not on the day of the repair."""
    soon, over = (
        Promotion(code="SOON", starts=NOON + timedelta(days=1)),
        Promotion(code="OVER", ends=NOON + timedelta(days=1)),
    )
    book = rulebook(
        BASE,
        rule("soon", "discounts percent", -15, promo_codes={"SOON"}),
        rule("over", "discounts percent", -25, promo_codes={"OVER"}),
        promotions=(soon, over),
    )
    asked = facts(local_time=NOON + timedelta(days=7))

    assert found(book, asked, most={"screen": 1}, codes=True, at=NOON) == {("promo_codes", "OVER"): 7500}


def test_what_would_be_refused_is_not_promised() -> None:
    """Below the least margin nobody gets the price, so nobody is told of it."""
    book = rulebook(
        rule("work", "labour set", 10000, cost=Fraction(5000)),
        rule("student", "discounts percent", -15, customer_types={"student"}),
        rule("senior", "discounts percent", -10, customer_types={"senior"}),
        rule("member", "discounts percent", -5, tiers={"gold"}),
        margins=Margins(minimum=Fraction(45)),
    )

    assert found(book, facts(), most={"screen": 1}) == {("tier", "gold"): 9500}
    approved = facts(customer_type="student")
    assert found(book, approved, most={"screen": 1}) == {
        ("customer_type", ""): 10000,
        ("customer_type", "senior"): 9000,
    }
