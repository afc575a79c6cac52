"""A compiled rulebook finds exactly the rules that fit, and what it remembers changes no price and stays bounded."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repaircore.domain.pricing.engine import CompiledRulebook, compile_rulebook, price
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.projecting import NOWHERE, Contest, Projection, Table
from repaircore.domain.pricing.quote import Priced
from repaircore.domain.pricing.rules import Rule, Rulebook
from repaircore.domain.pricing.scoping import fits_device
from tests.unit.pricing.shop import device, facts, rule, rulebook
from tests.unit.pricing.strategies import every_facts, rulebooks
from tests.unit.pricing.test_laws import FIRST_BREACH, LAWFUL

Finding = Callable[[CompiledRulebook, Facts], tuple[Rule, ...]]
Asking = Callable[[CompiledRulebook, Facts], Priced]


def what_fits_is_found(find: Finding, runs: settings) -> None:
    """The rules found for a job are those of its device and of one of its services, no more and no less, in the rulebook's order."""

    @runs
    @given(rulebooks(), every_facts())
    def law(book: Rulebook, asked: Facts) -> None:
        wanted = {item.service_id for item in asked.items}
        fitting = [
            each
            for each in book.rules
            if fits_device(each.scope, asked.device) and (not each.scope.services or each.scope.services & wanted)
        ]
        assert list(find(compile_rulebook(book), asked)) == fitting

    law()


def of_one_service(compiled: CompiledRulebook, asked: Facts) -> tuple[Rule, ...]:
    """Broken: looks up the rules of the first service alone, for all of the order."""
    (table, *_) = [table for table, _, _ in compiled.cases(asked)]
    places = {one.position for contest in table.values() for one in contest}
    return tuple(compiled.rulebook.rules[place] for place in sorted(places))


def test_what_fits_is_found() -> None:
    """See the law."""
    what_fits_is_found(CompiledRulebook.fitting, LAWFUL)


def test_what_is_not_found_is_noticed() -> None:
    """The law fails for whoever looks for less."""
    with pytest.raises(AssertionError):
        what_fits_is_found(of_one_service, FIRST_BREACH)


def forgetting_changes_nothing(ask: Asking, runs: settings) -> None:
    """A price is the same whether all, the answers alone, or nothing is forgotten of the jobs before."""

    @runs
    @given(rulebooks(most=25), st.lists(every_facts(), min_size=2, max_size=5))
    def law(book: Rulebook, all_asked: list[Facts]) -> None:
        kept = compile_rulebook(book)
        ways: list[Callable[[], None]] = [
            lambda: None,
            lambda: kept.forget(answers_alone=True),
            kept.forget,
            lambda: kept.forget_beyond(2),
        ]
        for forget in ways:
            for asked in all_asked:
                forget()
                assert ask(kept, asked) == price(compile_rulebook(book), asked)

    law()


def seeing_nothing(compiled: CompiledRulebook, asked: Facts) -> Priced:
    """Broken: takes all cases for one, as if no rule looked at anything."""
    compiled.plans.clear()
    for table in compiled.shared.values():
        object.__setattr__(table, "projection", NOWHERE)
    return price(compiled, asked)


def test_forgetting_changes_nothing() -> None:
    """See the law."""
    forgetting_changes_nothing(price, LAWFUL)


def test_cases_mixed_up_are_noticed() -> None:
    """The law fails for a memory that does not tell cases apart."""
    with pytest.raises(AssertionError):
        forgetting_changes_nothing(seeing_nothing, FIRST_BREACH)


BOOK = rulebook(
    rule("base", "base set", 10000),
    rule("dear", "urgency multiply", 2, urgencies={"urgent"}),
    *(rule(f"far-{number}", "season add", number, postcode_prefixes={f"{number:03}"}) for number in range(300)),
)


def test_jobs_that_differ_in_nothing_that_rules_look_at_share_a_price() -> None:
    """A place that no rule asks about makes no new program of the line."""
    compiled = compile_rulebook(BOOK)

    for channel in ("web", "phone", "shop"):
        price(compiled, facts(channel=channel))

    assert (len(compiled.plans), len(compiled.lines), len(compiled.orders)) == (3, 1, 1)


def test_what_is_forgotten_is_gone() -> None:
    """Nothing of the jobs before is left, in no memory."""
    compiled = compile_rulebook(BOOK)
    price(compiled, facts())

    compiled.forget()

    assert not any((compiled.plans, compiled.lines, compiled.orders, compiled.tables, compiled.shared, compiled.merged))


def test_memory_is_bounded() -> None:
    """However many jobs there are, no more is kept of them than was asked for."""
    compiled = compile_rulebook(BOOK)

    for number in range(300):
        price(compiled, facts(postcode=f"{number:03}"))
        compiled.forget_beyond(50)

    kept = [len(compiled.plans), len(compiled.lines), len(compiled.orders), len(compiled.tables), len(compiled.shared)]
    assert max(kept) <= 50


def test_devices_without_rules_of_their_own_share_a_table() -> None:
    """What decides the line of one decides that of all devices that the rules do not tell apart; and so it is with the order."""
    compiled = compile_rulebook(BOOK)

    for id in ("phone", "tablet", "laptop"):
        price(compiled, facts(device=device(id)))

    assert (len(compiled.tables), len(compiled.shared), len(compiled.lines)) == (6, 2, 1)


def test_a_contest_that_looks_at_nothing_is_decided_once() -> None:
    """What is so in every case is part of the rulebook, not of what is remembered of jobs."""
    contest = next(iter(compile_rulebook(BOOK).cases(facts())))[0]["base"]
    case = next(iter(compile_rulebook(BOOK).cases(facts())))[1]
    decided = contest.decided(case)

    contest.forget()

    assert contest.projection is NOWHERE
    assert contest.decided(case) is decided


def test_a_union_looks_at_what_its_parts_look_at() -> None:
    """A table of nothing looks nowhere; one of two contests at the places of both."""
    urgent, dated = (Projection(frozenset({place}), at_items=False, at_kinds=False) for place in (1, 11))

    assert Table({"base": Contest()}).projection is NOWHERE
    assert Projection.union([urgent, NOWHERE, dated]).places == {1, 11}
