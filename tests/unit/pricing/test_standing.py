"""What a customer's record is worth: tiers, a first order, and who was sent."""

from collections.abc import Callable, Sequence

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from repaircore.domain.booking.lifecycle import ENDED_UNDONE, Status
from repaircore.domain.pricing.expressions import Expression
from repaircore.domain.pricing.loyalty import CustomerRecord, PastOrders, Threshold, customer_key
from repaircore.domain.pricing.receipt import rulebook_from_json, rulebook_to_json
from repaircore.domain.pricing.standing import customer_mark, looks_at_record, standing_of
from tests.unit.pricing.shop import REVIVA, rule, rulebook, scope

RUNS = settings(max_examples=100, deadline=None, database=None, derandomize=True, report_multiple_bugs=False)
LOYALTY = (Threshold(tier="bronze", orders=2), Threshold(tier="gold", orders=5, spent=50000))


def tier(record: CustomerRecord) -> str:
    """The tier that the record earns."""
    return standing_of(record, LOYALTY, customer="", sent=False).tier


@pytest.mark.parametrize(
    ("completed", "spent", "earned"),
    [(1, 49999, ""), (2, 0, "bronze"), (4, 49999, "bronze"), (5, 0, "gold"), (0, 50000, "gold"), (1, 50000, "gold")],
)
def test_tiers_are_earned(completed: int, spent: int, earned: str) -> None:
    """By orders or by what was spent, from exactly there on; of those reached the last counts."""
    assert tier(CustomerRecord(orders=9, completed=completed, spent=spent)) == earned


def test_a_first_order_and_a_referral() -> None:
    """Who has ordered before is no new customer, and is not sent a second time."""
    new, known = [standing_of(CustomerRecord(orders=n), (), customer="", sent=True) for n in (0, 1)]

    assert (new.first_order, new.referred) == (True, True)
    assert (known.first_order, known.referred) == (False, False)
    assert not standing_of(CustomerRecord(), (), customer="", sent=False).referred


@pytest.mark.parametrize(
    ("given", "looks"),
    [
        ({}, False),
        ({"customer_types": {"student"}}, False),
        ({"tiers": {"gold"}}, True),
        ({"first_order": True}, True),
        ({"first_order": False}, True),
        ({"referred": True}, True),
        ({"expression": Expression("tier == 'gold'", ("eq", ("fact", "tier"), ("value", "gold")))}, True),
        ({"expression": Expression("hour == 9", ("eq", ("fact", "hour"), ("value", 9)))}, False),
    ],
)
def test_which_rulebooks_ask(given: dict[str, object], looks: bool) -> None:
    """Only a rule that looks at the record is worth a read."""
    book = rulebook(evolve(rule("one", "discounts percent", -5), scope=scope(**given)))

    assert looks_at_record(book) is looks


def test_capitals_do_not_make_another_customer() -> None:
    """Addresses are compared without them; the phone counts too."""
    assert customer_key("Ann.Smith@Example.com") == "ann.smith@example.com"
    assert customer_mark("ANN@example.com", "+44") == customer_mark("ann@example.com", "+44")
    assert customer_mark("ann@example.com", "+44") != customer_mark("ann@example.com", "+45")


def test_loyalty_is_part_of_the_rulebook() -> None:
    """Stored and read back exactly; a rulebook without tiers is written as it always was."""
    book = evolve(REVIVA, loyalty=LOYALTY)

    assert rulebook_from_json(rulebook_to_json(book)) == book
    assert "loyalty" not in rulebook_to_json(REVIVA)


PAST = st.lists(
    st.builds(
        PastOrders,
        status=st.sampled_from(Status),
        currency=st.sampled_from(("GBP", "USD")),
        count=st.integers(1, 3),
        spent=st.integers(0, 60000),
        is_same=st.booleans(),
    ),
    max_size=6,
)


def others_earn_nothing(add_up: Callable[[Sequence[PastOrders], str], CustomerRecord]) -> None:
    """Only completed orders of the very customer earn a tier; anybody's that may be theirs end the first order."""

    @RUNS
    @given(PAST)
    def law(past: list[PastOrders]) -> None:
        record = add_up(past, "GBP")
        own = [each for each in past if each.is_same and each.status is Status.COMPLETED]

        assert record == evolve(add_up(own, "GBP"), orders=record.orders)
        assert (record.orders == 0) == all(each.status in ENDED_UNDONE for each in past)
        assert record.completed <= record.orders

    law()


def test_others_earn_nothing() -> None:
    """Whatever is stored."""
    others_earn_nothing(CustomerRecord.of)


def test_taking_others_for_the_customer_is_noticed() -> None:
    """The law can fail."""

    def naive(past: Sequence[PastOrders], currency: str) -> CustomerRecord:
        return CustomerRecord.of([evolve(each, is_same=True) for each in past], currency)

    with pytest.raises(AssertionError):
        others_earn_nothing(naive)
