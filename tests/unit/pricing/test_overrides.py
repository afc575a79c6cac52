"""Prices agreed by staff: what becomes of lines, taxes and deposit, and who may agree on how much."""

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repaircore.domain.actors import GUEST, Actor, Role
from repaircore.domain.errors import Forbidden, InvalidValue, ReasonRequired
from repaircore.domain.identity import QuoteId
from repaircore.domain.money import Money
from repaircore.domain.pricing.agreeing import agree
from repaircore.domain.pricing.explain import explain
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.overrides import AgreedPrice, Override, OverrideLimits
from repaircore.domain.pricing.quote import LineKind, Priced
from repaircore.domain.pricing.receipt import facts_from_json, facts_to_json, rulebook_from_json, rulebook_to_json
from repaircore.domain.pricing.rules import Per, Rulebook, Stage
from tests.unit.pricing.shop import NOON, facts, priced, rule, rulebook
from tests.unit.pricing.strategies import every_facts, rulebooks

TECHNICIAN, STAFF, ADMIN = (Actor(role, "key_1") for role in (Role.TECHNICIAN, Role.STAFF, Role.ADMIN))
SHOP = rulebook(
    rule("screen", "base set", 15000, services={"screen"}),
    rule("battery", "base set", 8000, services={"battery"}),
    rule("pickup", "fees add", 2500, fulfilments={"pickup"}, per=Per.ORDER, label="Pickup"),
    rule("vat", "tax percent", 20, label="VAT", inclusive=True),
    rule("city", "tax percent", 2, label="City tax", stacks=True),
    rule("deposit", "deposit percent", 25),
)
BOTH = facts("screen", ("battery", 2), fulfilment="pickup")


def override(
    *prices: tuple[str, int], by: Actor = STAFF, reason: str = "Promised on the phone", **more: Any
) -> Override:
    """Agreed prices of lines, or of the order (an empty code)."""
    given = {"at": NOON, "expires_at": NOON + timedelta(days=1), "replaces": QuoteId("qt_0"), **more}
    return Override(
        prices=tuple(AgreedPrice(line=line, amount=amount) for line, amount in prices), reason=reason, by=by, **given
    )


def agreed(*prices: tuple[str, int], asked: Facts = BOTH) -> Priced:
    """Price with agreed prices."""
    return priced(SHOP, evolve(asked, override=override(*prices)))


def amounts(result: Priced) -> list[tuple[str, int]]:
    """Each line's code and amount."""
    return [(line.code, line.amount.amount) for line in result.lines]


def test_a_line_has_its_agreed_price() -> None:
    """The price of one is agreed, and stands for each of them; other lines stay."""
    result = agreed(("battery", 7000))

    assert amounts(result) == [("screen", 15000), ("battery", 14000), ("pickup", 2500)]
    assert result.deposit.amount == 8033  # a quarter of 315.00 and 2 % city tax on top


def test_a_fee_can_be_waived() -> None:
    """What is charged once is a line like any other."""
    assert amounts(agreed(("pickup", 0)))[-1] == ("pickup", 0)


@pytest.mark.parametrize(
    ("subtotal", "kind", "taxes"), [(30000, LineKind.DISCOUNT, [5000, 601]), (40000, LineKind.FEE, [6667, 800])]
)
def test_the_order_has_its_agreed_subtotal(subtotal: int, kind: LineKind, taxes: list[int]) -> None:
    """One more line, with the reason, brings the lines to the subtotal; taxes are due on what is paid."""
    result = agreed(("", subtotal))

    assert (result.lines[-1].kind, result.lines[-1].description) == (kind, "Promised on the phone")
    assert result.subtotal.amount == subtotal
    assert [tax.amount.amount for tax in result.taxes] == taxes


def test_agreeing_on_the_same_price_changes_nothing() -> None:
    """Nobody sees a line that is about nothing."""
    assert agreed(("", 33500), ("screen", 15000)) == priced(SHOP, BOTH)


def test_an_override_is_part_of_the_facts() -> None:
    """It is written into the receipt, and read back exactly."""
    asked = evolve(BOTH, override=override(("screen", 14000), ("", 30000)))

    assert facts_from_json(facts_to_json(asked)) == asked
    assert '"override"' not in facts_to_json(BOTH)


def test_limits_are_part_of_the_rulebook() -> None:
    """Stored and read back exactly; a rulebook without them is written as it always was."""
    book = evolve(SHOP, overrides=OverrideLimits(staff=Fraction(25, 2), technician=None, held=3600))

    assert rulebook_from_json(rulebook_to_json(book)) == book
    assert "overrides" not in rulebook_to_json(SHOP)


REFUSALS: list[tuple[Override, type[Exception], str]] = [
    (
        override(("screen", 13499), by=TECHNICIAN),
        Forbidden,
        "10 %, and screen would change by 10.01 %: ask a member of staff or an admin",
    ),
    (override(("", 20000)), Forbidden, "20 %, and the order would change by 40.3 %: ask an admin"),
    (override(("screen", 99999)), Forbidden, "ask an admin"),
    (override(("screen", 15000), by=GUEST), Forbidden, "a guest may not change a price"),
    (override(("screen", 15000), reason="  "), ReasonRequired, "say why"),
    (override(("scren", 15000)), InvalidValue, "no line 'scren' with a price; it has screen, battery, pickup"),
    (override(("screen", -1), by=ADMIN), InvalidValue, "not below zero"),
    (override(("screen", 15000), ("screen", 14000)), InvalidValue, "one price for each line"),
    (override(), InvalidValue, "one price for each line"),
    (override(("screen", 15000), expires_at=NOON), InvalidValue, "must not have expired"),
    (override(("screen", 15000), expires_at=NOON + timedelta(days=31)), InvalidValue, "up to 30 days"),
]


@pytest.mark.parametrize(("asked", "error", "said"), REFUSALS)
def test_what_may_not_be_agreed(asked: Override, error: type[Exception], said: str) -> None:
    """A refusal says what is wrong, and who may."""
    with pytest.raises(error) as refused:
        agree(asked, OverrideLimits(), priced(SHOP, BOTH), by=asked.by)

    assert said in str(refused.value)


@pytest.mark.parametrize(
    "asked",
    [override(("screen", 13500), by=TECHNICIAN), override(("", 40200)), override(("screen", 0), ("", 0), by=ADMIN)],
)
def test_a_limit_itself_is_still_allowed(asked: Override) -> None:
    """Up to and with the limit; an admin has none."""
    agree(asked, OverrideLimits(), priced(SHOP, BOTH), by=asked.by)


def test_nobody_may_when_all_are_limited() -> None:
    """Then the refusal does not send anybody anywhere."""
    limits = OverrideLimits(admin=Fraction(50))

    with pytest.raises(Forbidden, match="nobody may do that"):
        agree(override(("screen", 1)), limits, priced(SHOP, BOTH), by=STAFF)


AMOUNTS = st.integers(min_value=0, max_value=60000)
SERVICES = st.lists(st.tuples(st.sampled_from(["screen", "battery"]), st.integers(1, 5)), min_size=1, max_size=3)
Pricing = Callable[[Rulebook, Facts], Priced]


def on_the_old_price(book: Rulebook, asked: Facts) -> Priced:
    """A breach: the agreed price is charged, and the tax is still that of the old one."""
    return evolve(priced(book, asked), taxes=priced(book, evolve(asked, override=None)).taxes)


def agreed_prices_are_charged(pricing: Pricing, runs: settings) -> None:
    """What was agreed is what is paid; taxes and deposit follow from it; the lines add up."""

    @runs
    @given(SERVICES, AMOUNTS, st.booleans())
    def law(services: list[tuple[str, int]], amount: int, pickup: bool) -> None:
        asked = facts(*services, fulfilment="pickup" if pickup else "in_store")
        result = pricing(SHOP, evolve(asked, override=override(("screen", 12000), ("", amount))))
        vat, city = (tax.amount.amount for tax in result.taxes)
        assert result.subtotal.amount == amount == sum(line.amount.amount for line in result.lines)
        assert result.total.amount == amount + city
        assert abs(vat - Fraction(amount, 6)) <= len(result.lines)
        assert all(line.unit.amount == 12000 for line in result.lines if line.code == "screen")
        assert 0 <= result.deposit.amount <= result.total.amount

    law()


RUNS = settings(max_examples=100, deadline=None, database=None, derandomize=True)


def test_agreed_prices_are_charged() -> None:
    """Whatever was asked for, and whatever was agreed."""
    agreed_prices_are_charged(priced, RUNS)


def test_a_tax_on_the_old_price_is_noticed() -> None:
    """The law can fail."""
    with pytest.raises(AssertionError):
        agreed_prices_are_charged(on_the_old_price, RUNS)


@RUNS
@given(SERVICES, AMOUNTS, st.none() | AMOUNTS, st.booleans())
def test_the_explanation_agrees(services: list[tuple[str, int]], unit: int, order: int | None, pickup: bool) -> None:
    """Each agreed price has a row with its reason; the taxes and the deposit that are told are those of the quote."""
    prices = [("screen", unit), ("pickup", 0), *([("", order)] if order is not None else [])]
    asked = evolve(
        facts(*services, fulfilment="pickup" if pickup else "in_store"), override=override(*prices, by=ADMIN)
    )
    result, rows = priced(SHOP, asked), explain(SHOP, asked)

    told = [row for row in rows if row.rule_id == "override"]
    assert all(row.fired and row.why == "Promised on the phone" for row in told)
    assert [row.after.money.amount for row in told if row.line == "screen"] == [
        unit for code, _ in services if code == "screen"
    ]
    for stage, amounts in ((Stage.TAX, [tax.amount for tax in result.taxes]), (Stage.DEPOSIT, [result.deposit])):
        fired = [row.after.money for row in rows if row.fired and row.stage is stage]
        assert Money.total(fired, "GBP") == Money.total(amounts, "GBP")


@settings(RUNS, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(rulebooks(), every_facts(), AMOUNTS, st.none() | AMOUNTS)
def test_whatever_the_rules(book: Rulebook, asked: Facts, unit: int, order: int | None) -> None:
    """Under any rulebook the lines add up to what was agreed, and the explanation ends where the quote does."""
    agreed_on = override(("screen", unit), *([("", order)] if order is not None else []), by=ADMIN)
    asked = evolve(asked, override=agreed_on)
    result, rows = priced(book, asked), explain(book, asked)

    on_top = [tax.amount for tax in result.taxes if not tax.inclusive]
    before_relief = [line.amount.amount for line in result.lines if line.kind is not LineKind.RELIEF]
    assert Money.total([line.amount for line in result.lines], book.currency) == result.subtotal
    assert Money.total([result.subtotal, *on_top], book.currency) == result.total
    assert order is None or sum(before_relief) == order
    deposits = [row.after.money for row in rows if row.fired and row.stage is Stage.DEPOSIT]
    assert (deposits or [Money.zero(book.currency)])[-1] == result.deposit <= result.total
    assert facts_from_json(facts_to_json(asked)) == asked
