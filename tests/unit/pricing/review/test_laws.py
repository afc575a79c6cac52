"""Laws of the review, over every rulebook; and proof that each law would notice a breach."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from repaircore.domain.catalog.catalogue import Catalogue, Device
from repaircore.domain.pricing.engine import compile_rulebook, price
from repaircore.domain.pricing.explain import explain
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.overlaps import contenders, meeting
from repaircore.domain.pricing.publications import Publication, by_effect, in_force
from repaircore.domain.pricing.review import situations
from repaircore.domain.pricing.review.boxes import Universe, is_plain
from repaircore.domain.pricing.review.coverage import Coverage
from repaircore.domain.pricing.review.difference import Difference, difference
from repaircore.domain.pricing.review.pairs import Pairs
from repaircore.domain.pricing.review.simulation import Given, Simulation, Simulator
from repaircore.domain.pricing.rules import Action, Rule, Rulebook, Stage
from tests.unit.pricing.shop import NEW_YEAR, catalogue
from tests.unit.pricing.strategies import FACTORS, every_facts, rulebooks, scopes

LAWFUL = settings(
    max_examples=100,
    deadline=None,
    database=None,
    derandomize=True,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
FIRST_BREACH = settings(LAWFUL, max_examples=5000, phases=[Phase.generate])

VOCABULARY = {
    "customer_types": frozenset({"student"}),
    "urgencies": frozenset({"standard", "urgent"}),
    "fulfilments": frozenset({"in_store", "pickup"}),
    "conditions": frozenset({"poor"}),
    "complexities": frozenset({"hard"}),
    "tiers": frozenset({"gold"}),
    "tax_statuses": frozenset({"exempt", "reverse_charge"}),
    "places": frozenset({"GB", "US-IL"}),
    "grades": frozenset({"oem"}),
    "warranties": frozenset({"extended"}),
}


def offer_of(facts: Facts) -> Catalogue:
    """A catalogue with the device of these facts."""
    device = facts.device
    return catalogue([Device(device.id, device.brand, device.name, device.category, device.year)], "screen", "battery")


def plain(book: Rulebook) -> Rulebook:
    """Only the rules that situations tell everything about."""
    rules = tuple(each for each in book.rules if is_plain(each) and not each.scope.line_kinds)
    return evolve(book, rules=rules, vocabulary=VOCABULARY)


@st.composite
def hurry(draw: st.DrawFn) -> Rule:
    """A rule for urgent work, dearer or cheaper, perhaps for some devices or conditions only."""
    scope = evolve(draw(scopes(most=1)), urgencies=frozenset({"urgent"}))
    return Rule(id="hurry", stage=Stage.URGENCY, action=Action.MULTIPLY, value=draw(FACTORS), scope=scope)


Finding = Callable[[Rulebook, Catalogue], Sequence[str]]


def idle(book: Rulebook, offer: Catalogue) -> Sequence[str]:
    """The rules that the product says never apply."""
    coverage = Coverage(book, Universe.of(book))
    for pair in Pairs.of(book, offer):
        coverage.look_at(pair)
    return [each.rules[0] for each in coverage.problems() if each.code in ("shadowed", "unreachable")]


def idle_at_a_glance(book: Rulebook, offer: Catalogue) -> Sequence[str]:
    """Takes a rule for shadowed as soon as a more specific one meets it somewhere."""
    rules = [evolve(each, stacks=False) for each in book.rules]
    groups = contenders(rules)
    return [
        less.rule.id
        for (contest, rank), group in groups.items()
        for (other, higher), rivals in groups.items()
        if other == contest and higher > rank
        for less, more in product(group, rivals)
        if any(meeting([less, more]))
    ]


def idle_rules_never_fire(find: Finding, runs: settings) -> None:
    """A rule that is said to be shadowed or unreachable fires for no quote."""

    @runs
    @given(rulebooks(), st.lists(every_facts(), min_size=3, max_size=3))
    def law(book: Rulebook, asked: list[Facts]) -> None:
        book = evolve(book, vocabulary=VOCABULARY)
        for facts in asked:
            said = set(find(book, offer_of(facts)))
            assert not {row.rule_id for row in explain(book, facts) if row.fired} & said

    law()


def test_idle_rules_never_fire() -> None:
    """Exactly: over dates, codes, groups and whatever else rules ask for."""
    idle_rules_never_fire(idle, LAWFUL)


def test_a_glance_is_not_enough() -> None:
    """Meeting is not covering, and the law knows."""
    with pytest.raises(AssertionError):
        idle_rules_never_fire(idle_at_a_glance, FIRST_BREACH)


Comparing = Callable[[Rulebook, Rulebook, Catalogue], Difference]


def only_usually(old: Rulebook, new: Rulebook, offer: Catalogue) -> Difference:
    """Compares in the usual situation only."""
    found = difference(old, new, offer)
    return evolve(found, prices=tuple(each for each in found.prices if not each.when))


def what_is_not_told_stays(compare: Comparing, runs: settings) -> None:
    """Where no price is said to change, none does, in any situation."""

    @runs
    @given(rulebooks(most=3), rulebooks(most=3), hurry(), every_facts())
    def law(old: Rulebook, new: Rulebook, urgent: Rule, asked: Facts) -> None:
        rules = (*old.rules[:2], *new.rules[2:], urgent)
        old, new = plain(old), plain(evolve(new, currency=old.currency, rules=rules))
        new = evolve(new, market_most=old.market_most, market_least=old.market_least, tax_rounding=old.tax_rounding)
        assume(not compare(old, new, offer_of(asked)).prices)
        at = {"urgencies": asked.urgency, "conditions": asked.condition, "fulfilments": asked.fulfilment}
        facts = situations.situated(asked.device, "screen", "Screen", {**at, "months": asked.local_time.month})
        assert price(compile_rulebook(old), facts).total == price(compile_rulebook(new), facts).total

    law()


def test_what_is_not_told_stays() -> None:
    """Every situation that a changed rule tells apart is compared."""
    what_is_not_told_stays(difference, LAWFUL)


def test_the_usual_situation_is_not_enough() -> None:
    """Whoever looks at the usual situation alone is caught."""
    with pytest.raises(AssertionError):
        what_is_not_told_stays(only_usually, FIRST_BREACH)


class _Generous(Simulator):
    """Counts those who pay the same among those who pay more."""

    def result(self) -> Simulation:
        found = super().result()
        found.total.more += found.total.count - found.total.more - found.total.less
        return found


def sums_are_kept(simulator: type[Simulator], runs: settings) -> None:
    """Totals are the sums of prices; every segment and the histogram hold every quote once."""

    @runs
    @given(rulebooks(), rulebooks(), st.lists(every_facts(), min_size=1, max_size=5))
    def law(old: Rulebook, new: Rulebook, asked: list[Facts]) -> None:
        new = evolve(new, currency=old.currency)
        before, after = ([price(compile_rulebook(book), facts) for facts in asked] for book in (old, new))
        simulation = simulator(compile_rulebook(new), {"old": old})
        for number, (facts, priced) in enumerate(zip(asked, before, strict=True)):
            simulation.add(Given(id=f"qt_{number}", facts=facts, priced=priced, rulebook_version="old"))
        found = simulation.result()
        pairs = [(one.total.amount, other.total.amount) for one, other in zip(before, after, strict=True)]
        assert (found.total.before, found.total.after) == tuple(map(sum, zip(*pairs, strict=True)))
        assert found.total.more == sum(b > a for a, b in pairs)
        assert found.total.less == sum(b < a for a, b in pairs)
        assert sum(found.histogram.values()) == len(asked)
        for kind in ("category", "urgency", "customer_type"):
            sums = found.segments[kind].values()
            assert (sum(each.count for each in sums), sum(each.after for each in sums)) == (
                len(asked),
                found.total.after,
            )
        assert len(found.dearest) == min(10, found.total.more)

    law()


def test_sums_are_kept() -> None:
    """Nobody is lost, nobody is counted twice."""
    sums_are_kept(Simulator, LAWFUL)


def test_a_generous_count_is_caught() -> None:
    """Whoever pays the same does not pay more."""
    with pytest.raises(AssertionError):
        sums_are_kept(_Generous, FIRST_BREACH)


DAYS = st.integers(min_value=0, max_value=20).map(lambda days: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days))
CHOOSING = Callable[[Sequence[Publication], dict[str, Rulebook], datetime], Publication]


def last_published(publications: Sequence[Publication], books: dict[str, Rulebook], at: datetime) -> Publication:
    """Takes whatever was published last, even if it is for later."""
    return publications[-1]


def the_future_changes_nothing_now(choose: CHOOSING, runs: settings) -> None:
    """What comes into force later is not in force before, and what was in force at a moment stays so for that moment."""

    @runs
    @given(st.lists(DAYS, min_size=1, max_size=6), DAYS)
    def law(moments: list[datetime], at: datetime) -> None:
        book = Rulebook(version="", currency="GBP", rules=(), effective_from=NEW_YEAR)
        books = {str(number): evolve(book, version=str(number)) for number in range(9)}
        published = [
            Publication(number=number, version=str(number), effective_from=moment, published_at=NEW_YEAR)
            for number, moment in enumerate([NEW_YEAR, *moments])
        ]
        chosen = choose(published, books, at)
        later = Publication(number=8, version="8", effective_from=at + timedelta(days=1), published_at=NEW_YEAR)
        assert chosen.effective_from <= at
        assert choose([*published, later], books, at) == chosen
        assert choose([*published, evolve(later, effective_from=at)], books, at).version == "8"
        assert chosen in by_effect(published)

    law()


def test_the_future_changes_nothing_now() -> None:
    """Publications are chosen by when they come into force."""
    the_future_changes_nothing_now(in_force, LAWFUL)


def test_whoever_takes_the_last_is_caught() -> None:
    """Published last is not in force."""
    with pytest.raises(AssertionError):
        the_future_changes_nothing_now(last_published, FIRST_BREACH)
