"""Which rules make a price: exactly those that the explanation says applied."""

from collections.abc import Callable, Mapping

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from repaircore.domain.pricing.engine import CompiledRulebook, compile_rulebook, price
from repaircore.domain.pricing.explain import explain
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.matching import Situation, refusal
from repaircore.domain.pricing.review.changes import does_the_same
from repaircore.domain.pricing.review.simulation import Given, Simulator
from repaircore.domain.pricing.review.winning import contested, differing, winning
from repaircore.domain.pricing.rules import Rule, Rulebook, Stage
from tests.unit.pricing.shop import NOON, facts, rule, rulebook
from tests.unit.pricing.strategies import every_facts, rulebooks
from tests.unit.pricing.test_laws import FIRST_BREACH, LAWFUL

BASE = rule("base", "base set", 10000)
Naming = Callable[[CompiledRulebook, Facts], Mapping[str, Rule]]


def counted(old: Rulebook, new: Rulebook, asked: Facts) -> dict[str, int]:
    """For each rule, how many quotes it changes."""
    simulator = Simulator(compile_rulebook(new), {"1": old})
    simulator.add(Given(id="qt_1", facts=asked, priced=price(compile_rulebook(old), asked), rulebook_version="1"))
    return {id: sums.count for id, sums in simulator.result().rules.items()}


def test_a_rule_that_matches_and_does_not_win() -> None:
    """A general rule that changed while a more specific one applied changed nothing for the quote."""
    special = rule("special", "season multiply", 2, urgencies={"standard"})
    old = rulebook(BASE, rule("general", "season multiply", 3), special)
    new = rulebook(BASE, rule("general", "season multiply", 4), evolve(special, value=special.value * 2))

    assert counted(old, new, facts()) == {"special": 1}


def test_other_words_change_no_price() -> None:
    """A tax of a later date beside a dearer price is not what made it dearer."""
    vat = rule("vat", "tax percent", 20, label="VAT", source="Standard rate")
    old = rulebook(BASE, vat)
    new = rulebook(evolve(BASE, value=BASE.value * 2), evolve(vat, as_of=NOON.date(), source="As ever", reason="VAT"))

    assert counted(old, new, facts()) == {"base": 1}


def test_a_rule_that_wins_in_the_place_of_another() -> None:
    """Where a rule goes, the one that takes its place is told as well."""
    special = rule("special", "season multiply", 2, urgencies={"standard"})
    general = rule("general", "season multiply", 3)

    assert counted(rulebook(BASE, general, special), rulebook(BASE, general), facts()) == {"special": 1, "general": 1}


def test_a_window_that_another_rule_moves_the_price_into() -> None:
    """A rule that nobody touched applies now, because the amount before it changed."""
    dear = rule("dear", "season multiply", 2, amount_from=15000)

    assert counted(rulebook(BASE, dear), rulebook(evolve(BASE, value=BASE.value * 2), dear), facts()) == {
        "base": 1,
        "dear": 1,
    }


def winners_are_those_that_fired(name: Naming, runs: settings) -> None:
    """The winners are the rules that fired in the explanation, as they stand in the rulebook."""

    @runs
    @given(rulebooks(), every_facts())
    def law(book: Rulebook, asked: Facts) -> None:
        fired = {row.rule_id for row in explain(book, asked) if row.fired}
        expected = {each.id: each for each in book.rules if each.id in fired}
        assert dict(name(compile_rulebook(book), asked)) == expected

    law()


def test_winners_are_those_that_fired() -> None:
    """See the law."""
    winners_are_those_that_fired(winning, LAWFUL)


def matching(compiled: CompiledRulebook, asked: Facts) -> Mapping[str, Rule]:
    """Broken: takes every rule whose conditions hold for a winner."""
    book = compiled.rulebook
    services = [item.service_id for item in asked.items]
    situation = Situation(facts=asked, services=services, amount=book.rules[0].value, currency=book.currency)
    return {each.id: each for each in book.rules if not refusal(each, situation)}


def test_matching_is_not_winning() -> None:
    """The law fails for whoever looks at conditions alone."""
    with pytest.raises(AssertionError):
        winners_are_those_that_fired(matching, FIRST_BREACH)


Narrowing = Callable[[CompiledRulebook, Facts], tuple[Rule, ...]]


def nothing_that_fires_is_left_out(narrow: Narrowing, runs: settings) -> None:
    """By the rules that could apply alone, every row of the explanation is what it was among all."""

    @runs
    @given(rulebooks(), every_facts())
    def law(book: Rulebook, asked: Facts) -> None:
        left = narrow(compile_rulebook(book), asked)
        ids = {each.id for each in left}
        rows = explain(evolve(book, rules=left), asked)
        assert rows == tuple(row for row in explain(book, asked) if row.rule_id in {*ids, "market-cap"})
        assert {row.rule_id for row in explain(book, asked) if row.fired} <= {*ids, "market-cap"}

    law()


def test_nothing_that_fires_is_left_out() -> None:
    """See the law."""
    nothing_that_fires_is_left_out(lambda compiled, asked: compiled.fitting(asked), LAWFUL)


def test_a_rule_left_out_is_noticed() -> None:
    """The law fails for whoever looks at the first item alone."""
    with pytest.raises(AssertionError):
        nothing_that_fires_is_left_out(
            lambda compiled, asked: compiled.fitting(evolve(asked, items=asked.items[:1]))[:2], FIRST_BREACH
        )


Contested = Callable[[Rulebook, Rulebook], frozenset[str]]


def what_differs_is_among_the_contested(among: Contested, runs: settings) -> None:
    """Looking only at contests with a rule that is not the same on both sides misses no rule that applies otherwise."""

    @runs
    @given(rulebooks(), st.sets(st.integers(0, 11)), every_facts())
    def law(new: Rulebook, gone: set[int], asked: Facts) -> None:
        kept = [each for place, each in enumerate(new.rules) if place not in gone or each.stage is Stage.BASE]
        old = evolve(new, rules=tuple(evolve(each, value=each.value * 2) if each.id == "r0" else each for each in kept))
        sides = [compile_rulebook(book) for book in (old, new)]

        before, after = (winning(side, asked) for side in sides)
        expected = {id for id in {**before, **after} if not does_the_same(before.get(id), after.get(id))}
        assert set(differing(sides[0], sides[1], asked, among(old, new))) == expected

    law()


def test_what_differs_is_among_the_contested() -> None:
    """See the law."""
    what_differs_is_among_the_contested(contested, LAWFUL)


def test_looking_at_too_few_contests_is_noticed() -> None:
    """The law fails where a contest is left out in which a rule changed."""
    with pytest.raises(AssertionError):
        what_differs_is_among_the_contested(
            lambda old, new: contested(old, new) - {Stage.SEASON.value, Stage.TAX.value}, FIRST_BREACH
        )
