"""Quotes of every engine explain themselves: the rules come to the stored result, and the sentences to the rules."""

import pytest

from repaircore.adapters.pricing.texts import languages, messages
from repaircore.domain.identity import QuoteId
from repaircore.domain.money import Money
from repaircore.domain.pricing.breakdown import breakdown
from repaircore.domain.pricing.counterfactuals import counterfactuals
from repaircore.domain.pricing.engine import compile_rulebook
from repaircore.domain.pricing.explain import explain
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.receipt import priced_from_json
from repaircore.domain.pricing.rules import Stage
from tests.golden.sets import GoldenQuote, GoldenSet, all_sets

every_set = pytest.mark.parametrize("golden", all_sets(), ids=str)


def stored(golden: GoldenQuote) -> Quote:
    """The quote as it was stored."""
    return Quote(
        id=QuoteId("qt_golden"),
        facts=golden.asked,
        priced=priced_from_json(golden.priced),
        rulebook_version=golden.rulebook_version,
        engine_version=golden.engine_version,
        receipt_hash=golden.receipt_hash,
        created_at=golden.asked.local_time,
        valid_until=golden.asked.local_time,
    )


@every_set
def test_rules_come_to_the_stored_result(golden: GoldenSet) -> None:
    """Taxes and deposit of the explanation are those that were given out."""
    rulebook = golden.rulebook
    for one in golden.quotes:
        priced, rows = priced_from_json(one.priced), explain(rulebook, one.asked)
        taxes = [row.after.money for row in rows if row.fired and row.stage is Stage.TAX]
        assert Money.total(taxes, rulebook.currency) == Money.total(
            [tax.amount for tax in priced.taxes], rulebook.currency
        )
        deposits = [row.after.money for row in rows if row.fired and row.stage is Stage.DEPOSIT]
        assert (deposits or [Money.zero(rulebook.currency)])[-1] == priced.deposit


@every_set
def test_sentences_come_to_the_stored_prices(golden: GoldenSet) -> None:
    """In every language, the steps of each item add up to the price of one, and every change has its sentence."""
    compiled = compile_rulebook(golden.rulebook)
    for number, one in enumerate(golden.quotes):
        quote = stored(one)
        changes = counterfactuals(compiled, quote.facts)
        texts = messages(languages()[number % len(languages())])
        page = breakdown(quote, compiled.rulebook, explain(compiled.rulebook, quote.facts), changes, texts)
        for line in page.lines[: len(quote.facts.items)]:
            assert Money.total([step.change for step in line.steps], compiled.rulebook.currency) == line.line.unit
        assert all(told.sentence for told in page.counterfactuals)
        assert len(page.counterfactuals) == len(changes) > 0
