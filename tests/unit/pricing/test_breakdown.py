"""Prices in sentences: for the customer, in sections, in their language."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from repaircore.adapters.pricing.texts import languages, messages
from repaircore.domain.identity import QuoteId
from repaircore.domain.money import Money
from repaircore.domain.pricing.breakdown import Breakdown, breakdown
from repaircore.domain.pricing.counterfactuals import counterfactuals
from repaircore.domain.pricing.engine import compile_rulebook
from repaircore.domain.pricing.explain import explain
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.messages import Messages
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.quoting import hold
from repaircore.domain.pricing.rules import Per, Rulebook
from tests.unit.pricing.shop import NOON, REVIVA, facts, reviva_quote, rule, rulebook
from tests.unit.pricing.strategies import every_facts, rulebooks
from tests.unit.pricing.test_laws import FIRST_BREACH, LAWFUL

Telling = Callable[[Rulebook, Facts, Messages], Breakdown]

BASE = rule("base", "base set", 10000)


def held(book: Rulebook, asked: Facts) -> Quote:
    """A quote for those facts."""
    return hold(compile_rulebook(book), asked, id=QuoteId("qt_1"), at=NOON, until=NOON)


def tell(book: Rulebook, asked: Facts, texts: Messages) -> Breakdown:
    """Tell the price as the product does."""
    changes = counterfactuals(compile_rulebook(book), asked)
    return breakdown(held(book, asked), book, explain(book, asked), changes, texts)


def told(book: Rulebook, language: str = "en", **given: Any) -> Breakdown:
    """Tell the price of a screen in that language."""
    return tell(book, facts(**given), messages(language))


def test_a_whole_page() -> None:
    """Summary, lines, taxes and deposit, each in a sentence."""
    quote = reviva_quote("iphone-13-pro", "screen", urgency="urgent", fulfilment="pickup")

    page = breakdown(quote, REVIVA, explain(REVIVA, quote.facts), (), messages())

    assert page.summary == (
        "Screen for Apple iPhone 13 Pro: £273.00 in total. VAT of £45.50 is included. "
        "£68.25 of it is due in advance. The price is held until Wednesday 4 March 2026, 14:00."
    )
    assert [line.sentence for line in page.lines] == [
        "Screen: £248.00. It starts at £150.00; £15.00 more (times 1.1), £82.50 more (times 1.5), "
        "£0.50 more (rounded to £1.00).",
        "Pickup and delivery: £25.00, once for the whole order.",
    ]
    assert [tax.sentence for tax in page.taxes] == ["VAT of 20 % is included in the price: £45.50."]
    assert page.deposit.sentence == "£68.25 is due in advance and counts towards the total."


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Screen: £1,200.00. It starts at £1,000.00; £200.00 more (plus 20 %)."),
        ("de", "Screen: 1.200,00 £. Ausgangspreis 1.000,00 £; 200,00 £ mehr (plus 20 %)."),
        ("fr", "Screen : 1 200,00 £. Prix de départ 1 000,00 £ ; 200,00 £ de plus (plus 20 %)."),
        ("de-AT", "Screen: 1.200,00 £. Ausgangspreis 1.000,00 £; 200,00 £ mehr (plus 20 %)."),
    ],
)
def test_a_line_in_each_language(language: str, sentence: str) -> None:
    """Amounts are written as the language writes them."""
    page = told(rulebook(rule("b", "base set", 100000), rule("r", "season percent", 20)), language)

    assert page.lines[0].sentence == sentence


@pytest.mark.parametrize(
    ("row", "scope", "language", "said"),
    [
        ("mar", {"months": frozenset({3})}, "en", "Season: March"),
        ("mar", {"months": frozenset({3})}, "de", "Season: März"),
        ("wed", {"weekdays": frozenset({2})}, "fr", "Season: mercredi"),
        ("mar", {}, "en", "Season: mar"),
    ],
)
def test_rows_by_month_are_told_in_full(row: str, scope: dict[str, Any], language: str, said: str) -> None:
    """The file says `mar`; the customer reads March, in whatever language."""
    by_month = rule(f"season/{row}", "season percent", 20, reason=f"Season: {row}", **scope)

    [step] = told(rulebook(BASE, by_month), language).lines[0].steps[1:]

    assert step.why == said


@pytest.mark.parametrize(
    ("does", "value", "said"),
    [
        ("season multiply", "1.5", "times 1.5"),
        ("season percent", "-12.5", "minus 12.5 %"),
        ("fees add", 500, "plus £5.00"),
        ("discounts add", -500, "minus £5.00"),
        ("floor_cap minimum", 20000, "at least £200.00"),
        ("floor_cap maximum", 5000, "at most £50.00"),
        ("rounding round_to", 30000, "rounded to £300.00"),
    ],
)
def test_what_a_rule_does(does: str, value: int | str, said: str) -> None:
    """A rule without a reason of its own is told by what it does."""
    page = told(rulebook(BASE, rule("r", does, value)))

    assert page.lines[0].steps[-1].why == said


def test_the_plain_price() -> None:
    """Nothing added, nothing taken off: that is said too."""
    page = told(rulebook(BASE))

    assert page.lines[0].sentence == ("Screen: £100.00. It is the plain price, with nothing added or taken off.")
    assert page.deposit.sentence == "Nothing is due in advance."


def test_several_of_one() -> None:
    """The unit price and the sum."""
    page = tell(rulebook(BASE), facts(("screen", 3)), messages())

    assert page.lines[0].sentence.startswith("Screen: 3 times £100.00, £300.00 together.")


def test_taxes_on_top() -> None:
    """Exclusive taxes are added, and exactly told."""
    page = told(rulebook(BASE, rule("t", "tax percent", "9.25", label="Sales tax")), "de")

    assert page.taxes[0].sentence == "Sales tax von 9,25 % kommt hinzu: 9,25 £."


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("The customer accounts for it", "VAT, reverse charge: no tax is charged. The customer accounts for it."),
        ("", "VAT, reverse charge: no tax is charged."),
    ],
)
def test_a_customer_who_owes_no_tax(reason: str, sentence: str) -> None:
    """Nothing is said to be included where nothing is, and the reason is told."""
    free = rule("t", "tax percent", 0, label="VAT, reverse charge", tax_statuses={"reverse_charge"}, reason=reason)

    page = tell(rulebook(BASE, evolve(free, inclusive=True)), facts(tax_status="reverse_charge"), messages("en"))

    assert page.taxes[0].sentence == sentence
    assert "VAT" not in page.summary


def test_a_deposit_that_is_kept() -> None:
    """One that is not paid back says so before it is paid."""
    page = told(rulebook(BASE, rule("d", "deposit set", 5500, refundable=False)))

    assert page.deposit.sentence == "£55.00 is due in advance and counts towards the total; it is not paid back."


def test_a_discount_on_the_order() -> None:
    """It has a line of its own."""
    page = told(rulebook(BASE, rule("d", "discounts percent", -10, per=Per.ORDER, label="Spring")))

    assert page.lines[-1].sentence == "Spring: £10.00 less, once for the whole order."


def test_two_items_of_one_service() -> None:
    """Each is told by its own rules."""
    book = rulebook(BASE, rule("oem", "device_factor multiply", "1.3", grades={"oem"}, reason="Original parts"))
    plain, asked = facts(), facts("screen", "screen")
    asked = evolve(asked, items=(plain.items[0], evolve(plain.items[0], grade="oem")))

    lines = tell(book, asked, messages()).lines

    assert [[step.rule_id for step in line.steps] for line in lines] == [["base"], ["base", "oem"]]


def test_a_moment_is_told_on_the_shops_clock() -> None:
    """The validity ends at the shop's time of day, in summer too."""
    quote = reviva_quote("iphone-13-pro", "screen", at=datetime(2026, 7, 1, 9, 30, tzinfo=UTC))

    page = breakdown(quote, REVIVA, explain(REVIVA, quote.facts), (), messages("fr"))

    assert page.summary.endswith("Ce prix est valable jusqu'au jeudi 2 juillet 2026, 10:30.")


def test_changes_in_sentences() -> None:
    """What would change the price, with both totals."""
    book = rulebook(
        BASE,
        rule("pickup", "fees add", 500, fulfilments={"pickup"}),
        rule("student", "discounts percent", -10, customer_types={"student"}),
        rule("friday", "season multiply", "0.8", weekdays={4}),
        timezone="Europe/London",
    )

    sentences = [one.sentence for one in told(book).counterfactuals]

    assert sentences == [
        "With 2 of Screen, it would be £200.00: £100.00 more.",
        "For a customer of type student, it would be £90.00: £10.00 less.",
        "Handed over by pickup and delivery, it would be £105.00: £5.00 more.",
        "With an appointment on Friday 6 March 2026, 12:00, it would be £80.00: £20.00 less.",
    ]


def steps_add_up(telling: Telling, runs: settings) -> None:
    """In every language, each item's steps start from nothing and come to the price of one; every sentence is filled in."""

    @runs
    @given(rulebooks(), every_facts(), st.sampled_from(languages()))
    def law(book: Rulebook, asked: Facts, language: str) -> None:
        page = telling(book, asked, messages(language))
        for line in page.lines[: len(asked.items)]:
            assert Money.total([step.change for step in line.steps], book.currency) == line.line.unit
        told = [page.summary, *(line.sentence for line in page.lines), *(tax.sentence for tax in page.taxes)]
        told += [page.deposit.sentence, *(one.sentence for one in page.not_applied)]
        told += [one.sentence for one in page.counterfactuals]
        assert all(told)
        assert not any("{" in sentence for sentence in told)

    law()


def test_steps() -> None:
    """See the law."""
    steps_add_up(tell, LAWFUL)


def without_the_last_step(book: Rulebook, asked: Facts, texts: Messages) -> Breakdown:
    """Broken: leaves out what the rounding did."""
    page = tell(book, asked, texts)
    return evolve(page, lines=tuple(evolve(line, steps=line.steps[:-1]) for line in page.lines))


def test_a_breach_is_noticed() -> None:
    """The law fails when a step is missing."""
    with pytest.raises(AssertionError):
        steps_add_up(without_the_last_step, FIRST_BREACH)
