"""Prices that staff agreed on explain themselves, and the explanation agrees with the price."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from repaircore.domain.actors import Actor, Role
from repaircore.domain.identity import QuoteId
from repaircore.domain.money import Money
from repaircore.domain.pricing.engine import compile_rulebook, price
from repaircore.domain.pricing.explain import Considered, explain
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.overrides import AgreedPrice, Override
from repaircore.domain.pricing.quote import LineKind
from repaircore.domain.pricing.rules import Per, Rulebook, Stage
from tests.unit.pricing.shop import NOON, facts, rule, rulebook
from tests.unit.pricing.strategies import every_facts, rulebooks
from tests.unit.pricing.test_laws import FIRST_BREACH, LAWFUL

Explaining = Callable[[Rulebook, Facts], Sequence[Considered]]


def agreed(*prices: AgreedPrice) -> Override:
    """An agreement by staff."""
    return Override(
        prices=prices,
        reason="A regular customer",
        by=Actor(Role.STAFF, "key_1"),
        at=NOON,
        expires_at=NOON + timedelta(days=1),
        replaces=QuoteId("qt_0"),
    )


AGREEMENTS = st.builds(
    lambda screen, order: agreed(
        *([AgreedPrice(amount=screen, line="screen")] if screen is not None else []),
        *([AgreedPrice(amount=order)] if order is not None else []),
    ),
    st.none() | st.integers(min_value=0, max_value=90_000),
    st.none() | st.integers(min_value=0, max_value=90_000),
)
BOOK = rulebook(
    rule("screen", "base set", 10000),
    rule("pickup", "fees add", 500, per=Per.ORDER),
    rule("vat", "tax percent", 20, label="VAT"),
)


def touched(asked: Facts) -> list[tuple[str, str, int, int]]:
    """The rows of what staff agreed on: line, reason, before and after."""
    rows = explain(BOOK, asked)
    return [(row.line, row.why, row.before.money.amount, row.after.money.amount) for row in rows if is_agreed(row)]


def is_agreed(row: Considered) -> bool:
    """Whether staff set it, and no rule."""
    return row.rule_id == "override"


def test_the_price_of_a_line() -> None:
    """It stands last among the line's rules, with the reason; taxes are on the agreed price."""
    asked = facts(override=agreed(AgreedPrice(amount=9000, line="screen")))

    assert touched(asked) == [("screen", "A regular customer", 10000, 9000)]
    assert [row.after.money.amount for row in explain(BOOK, asked) if row.stage is Stage.TAX] == [1800, 100]


def test_the_price_of_a_fee() -> None:
    """A fee may be agreed on too."""
    asked = facts(override=agreed(AgreedPrice(amount=0, line="pickup")))

    assert touched(asked) == [("pickup", "A regular customer", 500, 0)]


def test_the_price_of_the_order() -> None:
    """The lines and fees bear their shares of it, as their taxes show."""
    asked = facts(override=agreed(AgreedPrice(amount=8400)))

    assert touched(asked) == [("", "A regular customer", 10500, 8400)]
    assert [row.after.money.amount for row in explain(BOOK, asked) if row.stage is Stage.TAX] == [1600, 80]


def agreement_is_explained(explaining: Explaining, runs: settings) -> None:
    """With whatever staff agreed on, the lines, the subtotal and the deposit of the explanation are the quote's."""

    @runs
    @given(rulebooks(), every_facts(), AGREEMENTS)
    def law(book: Rulebook, plain: Facts, override: Override) -> None:
        asked = evolve(plain, override=override)
        result = price(compile_rulebook(book), asked)
        rows = explaining(book, asked)
        for line in result.lines[: len(asked.items)]:
            assert unit(rows, line.code) == line.unit
        settled = [row.after.money - row.before.money for row in rows if is_agreed(row) and not row.line]
        assert settled == [line.amount for line in result.lines if line.code == "override"]
        deposits = [row.after.money for row in rows if row.fired and row.stage is Stage.DEPOSIT]
        assert (deposits or [Money.zero(book.currency)])[-1] == result.deposit

    law()


def unit(rows: Sequence[Considered], code: str) -> Money:
    """What the price of one came to in the end."""
    stages = (Stage.TAX, Stage.DEPOSIT)
    return [row.after.money for row in rows if row.fired and row.line == code and row.stage not in stages][-1]


def test_agreements_are_explained() -> None:
    """See the law."""
    agreement_is_explained(explain, LAWFUL)


def forgets_the_agreement(book: Rulebook, asked: Facts) -> Sequence[Considered]:
    """Broken: explains what the rules alone give."""
    return explain(book, evolve(asked, override=None))


def test_a_breach_is_noticed() -> None:
    """The law fails for an explanation of another price."""
    with pytest.raises(AssertionError):
        agreement_is_explained(forgets_the_agreement, FIRST_BREACH)


def test_an_agreed_line_is_a_discount_or_a_fee() -> None:
    """So that a page can show it among the others."""
    lower = price(compile_rulebook(BOOK), facts(override=agreed(AgreedPrice(amount=8400))))

    assert lower.lines[-1].kind is LineKind.DISCOUNT
