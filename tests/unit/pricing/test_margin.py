"""What a price leaves the shop, and when it must be asked first."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from repaircore.domain.actors import GUEST, Actor, Role
from repaircore.domain.errors import DomainError, Forbidden, ReasonRequired
from repaircore.domain.money import Money
from repaircore.domain.pricing.margin import (
    Known,
    Margin,
    Margins,
    MarginTooLow,
    NotPricedOnline,
    Verdict,
    guard,
    margin_of,
)
from repaircore.domain.pricing.quote import Line, LineKind, Priced, TaxTotal
from repaircore.domain.pricing.receipt import rulebook_from_json, rulebook_to_json
from tests.unit.pricing.shop import REVIVA

STAFF, ADMIN = Actor(Role.STAFF, "key_1"), Actor(Role.ADMIN, "key_2")
RUNS = settings(max_examples=100, deadline=None, database=None, derandomize=True, report_multiple_bugs=False)


def pounds(amount: int) -> Money:
    """That many pence."""
    return Money(amount, "GBP")


def line(code: str, amount: int, cost: int | None, **made_of: int) -> Line:
    """One line, with what it costs the shop, and perhaps what it is made of."""
    kind = LineKind.REPAIR if amount >= 0 else LineKind.DISCOUNT
    charged = pounds(amount)
    return Line(
        code=code,
        description=code,
        kind=kind,
        quantity=1,
        unit=charged,
        amount=charged,
        cost=None if cost is None else pounds(cost),
        **{name: pounds(amount) for name, amount in made_of.items()},
    )


def of(*lines: Line, vat: int = 0) -> Priced:
    """A price of those lines, with that much tax in it."""
    total = pounds(sum(each.amount.amount for each in lines))
    taxes = (TaxTotal(name="VAT", rate=Fraction(20), inclusive=True, amount=pounds(vat)),) if vat else ()
    return Priced(lines=lines, subtotal=total, taxes=taxes, total=total, deposit=pounds(0))


def test_taxes_are_not_the_shops() -> None:
    """120.00 with 20.00 of VAT leave 100.00, of which parts for 60.00 leave 40 %."""
    margin = margin_of(of(line("screen", 12000, 6000), vat=2000))

    assert (margin.percent, margin.unknown, str(margin)) == (Fraction(40), (), "40.0 %")


def test_unknown_costs_are_not_zero() -> None:
    """A line without a cost says nothing, and is named; the margin is that of the others."""
    margin = margin_of(of(line("screen", 10000, 5000), line("diagnosis", 50000, None)))

    assert (margin.percent, margin.unknown) == (Fraction(50), ("diagnosis",))
    assert Margins().judge(margin_of(of(line("diagnosis", 50000, None)))) is Verdict.UNKNOWN
    assert str(margin_of(of(line("diagnosis", 50000, None)))) == "unknown"


def test_work_costs_as_well() -> None:
    """A part for 20.00 and an hour for 15.00 leave 65 of 100.00."""
    margin = margin_of(of(line("screen", 10000, 2000, labour=6000, parts=4000, labour_cost=1500)))

    assert (margin.percent, margin.unknown, Margins().judge(margin)) == (Fraction(65), (), Verdict.GOOD)


@pytest.mark.parametrize(
    "made_of",
    [
        {"cost": 2000, "labour": 6000, "parts": 4000},
        {"cost": None, "labour": 6000, "parts": 4000, "labour_cost": 2000},
        {"cost": 2000, "labour": 0, "parts": 4000},
    ],
    ids=["work of unknown cost", "a part of unknown cost", "work priced as a whole"],
)
def test_a_cost_that_is_known_in_part(made_of: dict[str, int | None]) -> None:
    """What is left is at most that: it is never called good, and the line is named."""
    margin = margin_of(of(line("screen", 10000, **made_of)))  # type: ignore[arg-type]

    assert (str(margin), margin.unknown) == ("at most 80.0 %", ("screen",))
    assert Margins().judge(margin) is Verdict.UNKNOWN


def test_what_is_known_may_be_too_much_already() -> None:
    """A part for 70.00 leaves less than 40 of 100.00, whatever the work costs."""
    margin = margin_of(of(line("screen", 10000, 7000, labour=2000, parts=8000)))

    assert Margins().judge(margin) is Verdict.REFUSED


def test_an_agreed_price_is_made_of_what_the_rules_say() -> None:
    """Its line does not tell work and parts apart any more; the rules' line does."""
    agreed = of(line("screen", 9000, 2000))
    by_rules = of(line("screen", 10000, 2000, labour=6000, parts=4000))

    assert str(margin_of(agreed, by_rules)) == "at most 77.8 %"


def test_discounts_lower_the_margin() -> None:
    """A discount on the order is shared by its lines."""
    assert margin_of(of(line("screen", 10000, 4000), line("loyal", -2000, None))).percent == 50


def test_agreeing_on_more_raises_the_margin() -> None:
    """What was agreed on top is no service of unknown cost."""
    margin = margin_of(of(line("screen", 10000, 6000), line("override", 2000, None)))

    assert (margin.percent, margin.unknown) == (Fraction(50), ())


def test_selling_for_nothing_is_below_any_margin() -> None:
    """Parts that are given away cost something."""
    given_away = margin_of(of(line("screen", 0, 4000)))

    assert Margins().judge(given_away) is Verdict.REFUSED
    assert str(given_away) == "nothing is paid"
    assert Margins().judge(margin_of(of(line("screen", 0, 0)))) is Verdict.GOOD


@pytest.mark.parametrize(
    ("cost", "verdict"),
    [
        (3500, Verdict.GOOD),
        (3501, Verdict.BELOW_TARGET),
        (5500, Verdict.BELOW_TARGET),
        (5501, Verdict.ALERT),
        (6000, Verdict.ALERT),
        (6001, Verdict.REFUSED),
    ],
)
def test_verdicts(cost: int, verdict: Verdict) -> None:
    """Target 65 %, alert below 45 %, refused below 40 %; a bound itself is still good enough."""
    assert Margins().judge(margin_of(of(line("screen", 10000, cost)))) is verdict


THIN = Margin(net=Fraction(10000), cost=7000, is_known=True, unknown=())


def test_a_low_margin_needs_an_admin() -> None:
    """Nobody sells below the minimum; an admin may, saying why."""
    for actor in (STAFF, ADMIN):
        with pytest.raises(MarginTooLow):
            guard(THIN, Margins(), by=actor, approval=None)
    with pytest.raises(Forbidden, match="ask an admin"):
        guard(THIN, Margins(), by=STAFF, approval="a good customer")
    with pytest.raises(ReasonRequired) as unsaid:
        guard(THIN, Margins(), by=ADMIN, approval=" ")
    assert unsaid.value.pointer == "/margin_approval"

    assert guard(THIN, Margins(), by=ADMIN, approval="a good customer") is Verdict.REFUSED


def test_customers_read_other_words() -> None:
    """What the shop works for, and who may approve less, is not for them."""
    for approval in (None, "please"):
        with pytest.raises(DomainError) as told:
            guard(THIN, Margins(), by=GUEST, approval=approval)
        assert not any(word in str(told.value) for word in ("margin", "below"))

    with pytest.raises(NotPricedOnline, match="contact the shop"):
        guard(THIN, Margins(), by=GUEST, approval=None)


@pytest.mark.parametrize(
    ("lines", "known"),
    [
        ([line("screen", 10000, 4000)], Known.FULL),
        ([line("screen", 10000, 4000), line("diagnosis", 5000, None)], Known.PARTLY),
        ([line("diagnosis", 5000, None)], Known.UNKNOWN),
    ],
)
def test_how_much_is_known(lines: list[Line], known: Known) -> None:
    """All, some or none of what is sold has a known cost."""
    assert margin_of(of(*lines)).known is known


def test_margins_are_part_of_the_rulebook() -> None:
    """Stored and read back exactly; a rulebook that guards none is written as it always was."""
    book = evolve(REVIVA, margins=Margins(target=Fraction(65, 2)))

    assert rulebook_from_json(rulebook_to_json(book)) == book
    assert "margins" not in rulebook_to_json(REVIVA)


COSTS = st.none() | st.integers(0, 50000)
JOBS = st.tuples(st.integers(1, 50000), st.integers(1, 50000), COSTS, COSTS)


def good_is_known(work_out: Callable[[Priced], Margin]) -> None:
    """A margin is good only where all of the cost is known; with more known, it never rises."""

    @RUNS
    @given(JOBS)
    def law(job: tuple[int, int, int | None, int | None]) -> None:
        labour, parts, part_cost, labour_cost = job
        work = {} if labour_cost is None else {"labour_cost": labour_cost}
        told = work_out(of(line("screen", labour + parts, part_cost, labour=labour, parts=parts, **work)))
        known = {"labour_cost": labour_cost or 0}
        whole = work_out(of(line("screen", labour + parts, part_cost or 0, labour=labour, parts=parts, **known)))

        if None in (part_cost, labour_cost):
            assert Margins().judge(told) is not Verdict.GOOD
            assert told.unknown == ("screen",)
        if told.percent is not None and whole.percent is not None:
            assert whole.percent <= told.percent

    law()


def test_good_is_known() -> None:
    """Whatever a line is made of."""
    good_is_known(margin_of)


def test_work_that_costs_nothing_is_noticed() -> None:
    """The law can fail."""

    def naive(priced: Priced) -> Margin:
        lines = tuple(evolve(each, labour_cost=each.labour_cost or pounds(0)) for each in priced.lines)
        return margin_of(evolve(priced, lines=lines))

    with pytest.raises(AssertionError):
        good_is_known(naive)


PARTS = st.lists(st.tuples(st.integers(1, 50000), st.none() | st.integers(0, 50000)), min_size=1, max_size=4)


def margins_fall_with_costs(work_out: Callable[[Priced], Margin]) -> None:
    """Dearer parts never leave more; only where some cost is known there is a margin; those unknown are named."""

    @RUNS
    @given(PARTS)
    def law(parts: list[tuple[int, int | None]]) -> None:
        before = work_out(of(*(line(f"l{n}", amount, cost) for n, (amount, cost) in enumerate(parts))))
        dearer = [(amount, None if cost is None else cost + 1) for amount, cost in parts]
        after = work_out(of(*(line(f"l{n}", amount, cost) for n, (amount, cost) in enumerate(dearer))))

        assert before.unknown == tuple(f"l{n}" for n, (_, cost) in enumerate(parts) if cost is None)
        assert (before.percent is None) == all(cost is None for _, cost in parts)
        if before.percent is not None and after.percent is not None:
            assert after.percent < before.percent <= 100

    law()


def test_margins_fall_with_costs() -> None:
    """Whatever is sold."""
    margins_fall_with_costs(margin_of)


def test_taking_unknown_costs_as_zero_is_noticed() -> None:
    """The law can fail."""

    def naive(priced: Priced) -> Margin:
        lines = tuple(evolve(each, cost=each.cost or pounds(0)) for each in priced.lines)
        return margin_of(evolve(priced, lines=lines))

    with pytest.raises(AssertionError):
        margins_fall_with_costs(naive)
