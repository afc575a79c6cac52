"""Laws of pricing that hold for every rulebook and every quote; and proof that each law would notice a breach."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from repaircore.domain.money import Money
from repaircore.domain.pricing.engine import compile_rulebook, price
from repaircore.domain.pricing.explain import MARKET_CAP, Considered, explain
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.matching import Situation, mismatch
from repaircore.domain.pricing.overlaps import contenders, meeting
from repaircore.domain.pricing.quote import LineKind, Priced
from repaircore.domain.pricing.receipt import (
    content_hash,
    facts_from_json,
    facts_to_json,
    priced_to_json,
    rulebook_from_json,
    rulebook_to_json,
)
from repaircore.domain.pricing.rules import Action, Per, Rule, Rulebook, Scope, Stage
from repaircore.domain.pricing.scoping import by_prefix_length, specificity
from tests.unit.pricing.strategies import SEEDS, every_facts, rulebooks, scopes, seasonal_rulebooks

Pricing = Callable[[Rulebook, Facts], Priced]

LAWFUL = settings(
    max_examples=100,
    deadline=None,
    database=None,
    derandomize=True,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

FIRST_BREACH = settings(LAWFUL, max_examples=3000, phases=[Phase.generate])  # no looking for a smaller example

Law = Callable[[Pricing, settings], None]


def honest(book: Rulebook, asked: Facts) -> Priced:
    """Price as the product does."""
    return price(compile_rulebook(book), asked)


def totals_add_up(pricing: Pricing, runs: settings) -> None:
    """Lines add up to the subtotal, taxes on top to the total, in every currency; the deposit is a part of it."""

    @runs
    @given(rulebooks(), every_facts())
    def law(book: Rulebook, asked: Facts) -> None:
        result = pricing(book, asked)
        on_top = [tax.amount for tax in result.taxes if not tax.inclusive]
        assert all(line.amount == line.unit * line.quantity for line in result.lines)
        assert all((line.amount.amount < 0) is (line.kind in LOWERING) or not line.amount for line in result.lines)
        assert Money.total([line.amount for line in result.lines], book.currency) == result.subtotal
        assert result.subtotal + Money.total(on_top, book.currency) == result.total
        assert Money.zero(book.currency) <= result.deposit <= result.total

    law()


def explanation_agrees(pricing: Pricing, runs: settings) -> None:
    """The explanation's last amounts are the quote's: each line's price, each fee, all taxes, the deposit."""

    @runs
    @given(rulebooks(), every_facts())
    def law(book: Rulebook, asked: Facts) -> None:
        result = pricing(book, asked)
        rows = explain(book, asked)
        assert _told(rows) == _expected(book, result)
        assert all(row.before == row.after for row in rows if not row.fired)
        for line in result.lines[: len(asked.items)]:
            assert _unit(rows, line.code) == line.unit
        fees = [
            (row.rule_id, row.after.money) for row in rows if row.fired and row.line == "" and row.stage is Stage.FEES
        ]
        assert fees == [(line.code, line.amount) for line in result.lines if line.kind in CHARGING]
        off = [row for row in rows if row.fired and row.line == "" and row.stage is Stage.DISCOUNTS]
        assert [(row.rule_id, row.after.money - row.before.money) for row in off] == [
            (line.code, line.amount) for line in result.lines if line.kind is LineKind.DISCOUNT
        ]
        assert _taxed(book, rows) == Money.total([tax.amount for tax in result.taxes], book.currency).amount
        deposits = [row.after.money for row in rows if row.fired and row.stage is Stage.DEPOSIT]
        assert (deposits or [Money.zero(book.currency)])[-1] == result.deposit

    law()


LOWERING = (LineKind.DISCOUNT, LineKind.RELIEF)
CHARGING = (LineKind.FEE, LineKind.DELIVERY)


def _taxed(book: Rulebook, rows: Sequence[Considered]) -> int:
    """Add up the taxes of the rows, by tax, rounded as the rulebook says."""
    rules = {rule.id: rule for rule in book.rules}
    sums: dict[object, Fraction] = defaultdict(Fraction)
    for row in rows:
        if row.fired and row.stage is Stage.TAX:
            rule = rules[row.rule_id]
            sums[rule.value, rule.inclusive, rule.label or rule.id] += Fraction(row.after.exact)
    return sum((amount + Fraction(1, 2)).__floor__() for amount in sums.values())


def _unit(rows: Sequence[Considered], code: str) -> Money:
    stages = (Stage.TAX, Stage.DEPOSIT)
    return [row.after.money for row in rows if row.fired and row.line == code and row.stage not in stages][-1]


def _told(rows: Sequence[Considered]) -> set[tuple[str, str]]:
    return {(row.rule_id, row.line) for row in rows if row.rule_id != MARKET_CAP}


def _expected(book: Rulebook, result: Priced) -> set[tuple[str, str]]:
    """Every rule once for each line it is held against: none is passed over."""
    items = {line.code for line in result.lines if line.kind is LineKind.REPAIR}
    lines = items | {line.code for line in result.lines if line.kind in CHARGING}
    told = set()
    for rule in book.rules:
        once = rule.stage is Stage.DEPOSIT or rule.per is Per.ORDER
        against = {""} if once else lines if rule.stage is Stage.TAX else items
        told |= {(rule.id, line) for line in against}
    return told


def stored_quotes_recompute(pricing: Pricing, runs: settings) -> None:
    """From the stored facts and the stored rulebook comes the same result, byte for byte."""

    @runs
    @given(rulebooks(), every_facts())
    def law(book: Rulebook, asked: Facts) -> None:
        stored_book, stored_facts = rulebook_to_json(book), facts_to_json(asked)
        again = rulebook_from_json(stored_book)
        assert (again, content_hash(again)) == (book, content_hash(book))
        assert facts_to_json(facts_from_json(stored_facts)) == stored_facts
        assert priced_to_json(pricing(again, facts_from_json(stored_facts))) == priced_to_json(honest(book, asked))

    law()


def file_order_does_not_matter(pricing: Pricing, runs: settings) -> None:
    """Where nothing stacks, the price does not depend on how the rules are sorted in the file."""

    @runs
    @given(rulebooks(stacking=False, most=25), every_facts(), SEEDS)
    def law(book: Rulebook, asked: Facts, seed: int) -> None:
        # Fees per order are listed by the winner alone, so nothing of the result may differ.
        shuffled = list(book.rules)
        Random(seed).shuffle(shuffled)
        assert pricing(evolve(book, rules=tuple(shuffled)), asked) == pricing(book, asked)

    law()


def memory_does_not_matter(pricing: Pricing, runs: settings) -> None:
    """A compiled rulebook that has priced other quotes gives the same as a fresh one."""

    @runs
    @given(rulebooks(), st.lists(every_facts(), min_size=2, max_size=6))
    def law(book: Rulebook, all_asked: list[Facts]) -> None:
        kept = compile_rulebook(book)
        for asked in (*all_asked, *all_asked):
            assert price(kept, asked) == pricing(book, asked)

    law()


def test_totals() -> None:
    """See the law."""
    totals_add_up(honest, LAWFUL)


def test_explanation() -> None:
    """See the law."""
    explanation_agrees(honest, LAWFUL)


def test_recomputing() -> None:
    """See the law."""
    stored_quotes_recompute(honest, LAWFUL)


def test_file_order() -> None:
    """See the law."""
    file_order_does_not_matter(honest, LAWFUL)


def test_memory() -> None:
    """See the law."""
    memory_does_not_matter(honest, LAWFUL)


def inclusive_tax_on_top(book: Rulebook, asked: Facts) -> Priced:
    """Broken: charges the tax that was already inside."""
    result = honest(book, asked)
    return evolve(result, total=result.total + Money.total([tax.amount for tax in result.taxes], book.currency))


def deposit_on_top(book: Rulebook, asked: Facts) -> Priced:
    """Broken: a flat deposit however small the total."""
    result = honest(book, asked)
    flat = [rule.value for rule in book.rules if rule.stage is Stage.DEPOSIT and rule.action == "set"]
    return evolve(result, deposit=Money(int(flat[0]), book.currency)) if flat else result


def rounded_at_every_stage(book: Rulebook, asked: Facts) -> Priced:
    """Broken: factors are cut to a tenth, as if amounts were rounded on the way."""
    return honest(evolve(book, rules=tuple(evolve(one, value=round(one.value, 1)) for one in book.rules)), asked)


def nothing_stacks(book: Rulebook, asked: Facts) -> Priced:
    """Broken: a rule that stacks competes like any other."""
    return honest(evolve(book, rules=tuple(evolve(one, stacks=False) for one in book.rules)), asked)


def values_are_floats(book: Rulebook, asked: Facts) -> Priced:
    """Broken: figures went through binary floating point."""
    noisy = [
        evolve(one, value=Fraction(float(one.value) + 1e-4)) if one.action in (Action.MULTIPLY, Action.PERCENT) else one
        for one in book.rules
    ]
    return honest(evolve(book, rules=tuple(noisy)), asked)


def last_in_the_file_wins(book: Rulebook, asked: Facts) -> Priced:
    """Broken: a later rule beats an earlier one, however specific."""
    latest: dict[str, Rule] = {}
    for one in book.rules:
        latest[one.contest] = one
    kept = [one for one in book.rules if one.stage is Stage.BASE or latest[one.contest] is one]
    return honest(evolve(book, rules=tuple(kept)), asked)


def forgets_the_urgency(book: Rulebook, asked: Facts) -> Priced:
    """Broken: answers what it remembers of another context."""
    return honest(book, evolve(asked, urgency="standard"))


@pytest.mark.parametrize(
    ("law", "broken"),
    [
        (totals_add_up, inclusive_tax_on_top),
        (totals_add_up, deposit_on_top),
        (explanation_agrees, rounded_at_every_stage),
        (explanation_agrees, nothing_stacks),
        (stored_quotes_recompute, values_are_floats),
        (file_order_does_not_matter, last_in_the_file_wins),
        (memory_does_not_matter, forgets_the_urgency),
    ],
)
def test_breaches_are_noticed(law: Law, broken: Pricing) -> None:
    """Each law fails for an engine that breaks it."""
    with pytest.raises(AssertionError):
        law(broken, FIRST_BREACH)


Meeting = Callable[[Rulebook], bool]


def has_ties(book: Rulebook) -> bool:
    """Whether the check finds two rules that could both win."""
    return any(any(True for _ in meeting(group)) for group in contenders(book.rules).values())


def sees_only_equal_scopes(book: Rulebook) -> bool:
    """Broken: takes only the very same scope for a tie."""
    groups = contenders(book.rules).values()
    return any(len({one.scope for one in group}) < len(group) for group in groups)


def one_winner(ties: Meeting, runs: settings) -> None:
    """Where the check finds no tie, no quote has two most specific rules in one contest."""

    @runs
    @given(seasonal_rulebooks(), st.lists(every_facts(), min_size=8, max_size=8), st.sampled_from([0, 4500, 9000]))
    def law(book: Rulebook, all_asked: list[Facts], amount: int) -> None:
        if ties(book):
            return
        for asked, group in product(all_asked, contenders(book.rules).values()):
            services = [asked.items[0].service_id]
            situation = Situation(facts=asked, services=services, amount=Fraction(amount), currency=book.currency)
            assert sum(not mismatch(one.scope, situation) for one in group) <= 1

    law()


def test_one_winner() -> None:
    """See the law."""
    one_winner(has_ties, LAWFUL)


def test_missed_ties_are_noticed() -> None:
    """The law fails for a check that sees only equal scopes."""
    with pytest.raises(AssertionError):
        one_winner(sees_only_equal_scopes, FIRST_BREACH)


NARROWER = [
    (Scope(urgencies=frozenset({"urgent"})), "urgencies"),
    (Scope(services=frozenset({"screen"})), "services"),
    (Scope(postcode_prefixes=frozenset({"60"})), "postcode_prefixes"),
    (Scope(months=frozenset({1})), "months"),
    (Scope(models=frozenset({"a"})), "models"),
    (Scope(year_from=2020), "year_from"),
    (Scope(amount_from=5), "amount_from"),
]


@LAWFUL
@given(scopes(most=5), st.sampled_from(NARROWER))
def test_a_further_condition_is_more_specific(scope: Scope, narrower: tuple[Scope, str]) -> None:
    """Whatever else a scope asks, one more condition makes it win over the same scope without it."""
    condition, name = narrower
    without: dict[str, Any] = {name: getattr(Scope(), name)}
    with_it: dict[str, Any] = {name: getattr(condition, name)}

    assert specificity(evolve(scope, **with_it)) > specificity(evolve(scope, **without))


@LAWFUL
@given(scopes(most=5))
def test_prefix_parts_cover_the_scope(scope: Scope) -> None:
    """Parting a scope by the length of its prefixes loses none of them, and nothing else changes."""
    parts = list(by_prefix_length(scope))

    assert frozenset().union(*(part.postcode_prefixes for part in parts)) == scope.postcode_prefixes
    assert {evolve(part, postcode_prefixes=frozenset()) for part in parts} == {
        evolve(scope, postcode_prefixes=frozenset())
    }
