"""How discounts stack: in groups and without, for a line and for the order; and the laws that hold whatever a shop writes."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from repaircore.domain.errors import InvalidValue
from repaircore.domain.pricing.engine import compile_rulebook
from repaircore.domain.pricing.explain import explain
from repaircore.domain.pricing.facts import Facts, Item
from repaircore.domain.pricing.quote import LineKind, Priced
from repaircore.domain.pricing.receipt import rulebook_to_json
from repaircore.domain.pricing.rules import Action, GroupMode, Per, Reach, Rule, Rulebook, Stage
from tests.unit.pricing.shop import facts, priced, rule, rulebook, unit
from tests.unit.pricing.strategies import GROUPS, SEEDS, every_facts, scopes
from tests.unit.pricing.test_laws import FIRST_BREACH, LAWFUL, Law, Pricing, honest

BASE = rule("base", "base set", 10000)


def discounts(*rules: Rule, **given: Any) -> Rulebook:
    """A rulebook of one price and these discounts, in the usual groups."""
    return rulebook(BASE, *rules, groups=GROUPS, **given)


def percent(id: str, off: int, **given: Any) -> Rule:
    """A discount of that many percent."""
    return rule(id, "discounts percent", -off, **given)


STUDENT, SENIOR = {"customer_types": {"student"}}, {"customer_types": {"senior"}}


@pytest.mark.parametrize(
    ("condition", "holds", "fails"),
    [
        (STUDENT, {"customer_type": "student"}, {"customer_type": "senior"}),
        (SENIOR, {"customer_type": "senior"}, {"customer_type": ""}),
        ({"tiers": {"gold"}}, {"tier": "gold"}, {"tier": "silver"}),
        ({"first_order": True}, {"first_order": True}, {"first_order": False}),
        ({"referred": True}, {"referred": True}, {}),
        ({"promo_codes": {"SAVE15"}}, {"promo_codes": ("WELCOME20", "SAVE15")}, {"promo_codes": ("WELCOME20",)}),
        ({"quantity_from": 2, "quantity_until": 4}, {"items": ("screen", 4)}, {"items": ("screen", 5)}),
        ({"quantity_from": 2, "quantity_until": 4}, {"items": ("screen", 2)}, {"items": ("screen", 1)}),
    ],
)
def test_a_discount_is_for_those_who_fulfil_its_condition(
    condition: dict[str, Any], holds: dict[str, Any], fails: dict[str, Any]
) -> None:
    """Nobody else gets it; and the explanation says so."""
    book = discounts(percent("deal", 15, **condition))

    def asked(given: dict[str, Any]) -> Facts:
        given = dict(given)
        return facts(given.pop("items", "screen"), **given)

    assert unit(book, asked(holds)) == 8500
    assert unit(book, asked(fails)) == 10000
    [row] = [row for row in explain(book, asked(fails)) if row.rule_id == "deal"]
    assert (row.fired, row.why != "") == (False, True)


def test_the_best_of_a_group() -> None:
    """A student who is also a gold customer gets the better of the two, not both."""
    book = discounts(
        percent("student", 15, group="loyal", **STUDENT), percent("gold", 10, group="loyal", tiers={"gold"})
    )

    assert unit(book, facts(customer_type="student", tier="gold")) == 8500
    assert unit(book, facts(tier="gold")) == 9000


def test_one_after_another() -> None:
    """In a sequential group all apply: factors first, then amounts."""
    five_off = rule("five", "discounts add", -500, group="many")
    book = discounts(five_off, percent("ten", 10, group="many"), percent("twenty", 20, group="many"))

    assert unit(book) == 10000 * 9 // 10 * 8 // 10 - 500


@pytest.mark.parametrize(("order", "left"), [((), 7100), (("loyal", "many"), 7100), (("many", "loyal"), 7600)])
def test_groups_follow_one_another(order: tuple[str, ...], left: int) -> None:
    """As the rulebook says; where it says nothing, by name."""
    book = discounts(
        percent("ten", 10, group="loyal", amount_from=9000),
        rule("ten-off", "discounts add", -1000, group="many"),
        percent("ten-more", 10, group="many"),
        percent("twelve", 5, group="loyal"),
        group_order=order,
    )

    assert unit(book) == left


def test_alone() -> None:
    """Where an exclusive discount applies, nothing outside its group does; of two, the better one."""
    book = discounts(
        percent("staff", 5, group="alone", tiers={"staff"}),
        percent("trade", 7, group="alone", tiers={"staff"}),
        percent("gold", 10, group="loyal"),
        percent("plain", 20),
    )

    assert unit(book, facts(tier="staff")) == 9300
    assert unit(book) == 10000 * 8 // 10 * 9 // 10
    [row] = [row for row in explain(book, facts(tier="staff")) if row.rule_id == "gold"]
    assert row.why == "not together with trade, which leaves no room for other discounts"


ON_ORDER = percent("code", 15, per=Per.ORDER)


def test_alone_on_the_quote() -> None:
    """An exclusive discount on a line leaves no room for one on the order, nor for one on another line; one on the order neither."""
    trade = percent("trade", 12, group="alone", services={"screen"})
    book = discounts(trade, ON_ORDER, percent("plain", 5), exclusive_reach=Reach.QUOTE)

    assert priced(book, facts("screen", "battery")).total.amount == 8800 + 10000
    assert priced(book, facts("battery")).total.amount == round(9500 * 0.85)
    why = {row.rule_id: row.why for row in explain(book, facts("screen")) if row.rule_id in ("code", "plain")}
    assert set(why.values()) == {"not together with trade, which leaves no room for other discounts"}


def test_of_two_that_shut_out_each_other_the_better_one() -> None:
    """By the total of the quote, whatever their order in the file: 12 % of one screen, or 7 % of everything."""
    trade = percent("trade", 12, group="alone", services={"screen"})
    club = percent("club", 7, group="loyal", per=Per.ORDER)
    modes = {"alone": GroupMode.EXCLUSIVE, "loyal": GroupMode.EXCLUSIVE}

    for rules in ((trade, club), (club, trade)):
        book = rulebook(BASE, *rules, groups=modes, exclusive_reach=Reach.QUOTE)
        assert priced(book, facts("screen")).total.amount == 8800
        assert priced(book, facts("screen", "battery")).total.amount == 18600


def test_an_exclusive_one_that_takes_nothing_off() -> None:
    """Where the line is at its minimum it shuts out nobody, and the explanation says why it did not apply."""
    trade = percent("trade", 12, group="alone", services={"screen"})
    least = rule("least", "floor_cap minimum", 10000, services={"screen"})
    book = discounts(trade, ON_ORDER, least, exclusive_reach=Reach.QUOTE)

    assert priced(book, facts("screen", ("battery", 2))).total.amount == 30000 - 4500
    [row] = [
        row for row in explain(book, facts("screen", ("battery", 2))) if row.rule_id == "trade" and row.line == "screen"
    ]
    assert row.why == "alone on the quote it would take nothing off"


def test_a_rulebook_from_before() -> None:
    """What says nothing of the reach prices as it did: each line and the order for itself, and its content is the same."""
    book = discounts(percent("trade", 12, group="alone"), ON_ORDER)

    assert priced(book).total.amount == 8800 - 1320
    assert "exclusive_reach" not in rulebook_to_json(book)


def test_a_limited_discount() -> None:
    """Ten percent off, but no more than £5."""
    assert unit(discounts(percent("ten", 10, limit=500))) == 9500
    assert unit(discounts(percent("ten", 10, limit=5000))) == 9000


@pytest.mark.parametrize(("theirs", "ours"), [(9000, 8550), (20000, 10000), (None, 10000)])
def test_price_match(theirs: int | None, ours: int) -> None:
    """Five percent under what another shop asks, on our staff's word; never more than our own price."""
    book = discounts(rule("match", "discounts match", -5))
    item = Item(service_id="screen", name="Screen", competitor_price=theirs)

    assert unit(book, facts(items=(item,)) if theirs else facts()) == ours


def test_a_discount_on_the_order() -> None:
    """It is a line of its own, shared by the lines in proportion, so that each is taxed on what is paid for it."""
    book = rulebook(
        rule("screen", "base set", 10000, services={"screen"}),
        rule("battery", "base set", 5001, services={"battery"}),
        rule("pickup", "fees add", 1000, per=Per.ORDER),
        percent("bulk", 10, per=Per.ORDER, label="Two repairs"),
        rule("tax", "tax percent", 10, label="Tax"),
    )

    result = priced(book, facts("screen", "battery"))

    assert [(line.code, line.kind, line.amount.amount) for line in result.lines[2:]] == [
        ("pickup", LineKind.FEE, 1000),
        ("bulk", LineKind.DISCOUNT, -1500),
    ]
    assert result.lines[-1].description == "Two repairs"
    assert [tax.amount.amount for tax in result.taxes] == [900 + 450 + 100]
    assert result.total.amount == 15001 - 1500 + 1000 + 1450


def test_no_order_below_its_floor() -> None:
    """A discount on the order stops where every line is at its minimum."""
    book = discounts(percent("half", 50, per=Per.ORDER), rule("least", "floor_cap minimum", 9000))

    result = priced(book, facts(("screen", 2)))

    assert result.total.amount == 18000


def test_an_unknown_group() -> None:
    """A rulebook that names a group nobody declared is not compiled."""
    with pytest.raises(InvalidValue, match="there is no group 'loyall'"):
        compile_rulebook(discounts(percent("ten", 10, group="loyall")))


@st.composite
def discounted_books(
    draw: st.DrawFn, *, reaches: Sequence[Reach] = tuple(Reach), modes: Mapping[str, GroupMode] = GROUPS
) -> Rulebook:
    """A price, a minimum, and discounts of all kinds."""
    rules = [rule("base", "base set", draw(st.integers(0, 30000))), rule("floor", "floor_cap minimum", FLOOR)]
    for number in range(draw(st.integers(1, 6))):
        action = draw(st.sampled_from([Action.PERCENT, Action.MULTIPLY, Action.ADD, Action.MATCH]))
        value = {
            Action.PERCENT: st.fractions(-100, 0, max_denominator=8),
            Action.MULTIPLY: st.fractions(0, 1, max_denominator=8),
            Action.ADD: st.integers(-9000, 0).map(Fraction),
            Action.MATCH: st.integers(-20, 20).map(Fraction),
        }[action]
        rules.append(
            Rule(
                id=f"d{number}",
                stage=Stage.DISCOUNTS,
                action=action,
                value=draw(value),
                scope=draw(scopes(most=1)),
                group=draw(st.sampled_from(["", *modes])),
                per=draw(st.sampled_from(Per)) if action is not Action.MATCH else Per.LINE,
                limit=draw(st.none() | st.integers(0, 3000)),
            )
        )
    order = draw(st.permutations(sorted(modes)))
    return rulebook(*rules, groups=modes, group_order=tuple(order), exclusive_reach=draw(st.sampled_from(reaches)))


FLOOR = 2500


def items_of(result: Priced) -> int:
    """What the items cost, discounts taken off."""
    return sum(line.amount.amount for line in result.lines)


def discounts_never_raise(pricing: Pricing, runs: settings) -> None:
    """With its discounts an order costs no more than without any."""

    @runs
    @given(discounted_books(), every_facts())
    def law(book: Rulebook, asked: Facts) -> None:
        without = evolve(book, rules=tuple(one for one in book.rules if one.stage is not Stage.DISCOUNTS))
        assert items_of(pricing(book, asked)) <= items_of(honest(without, asked))

    law()


def floors_hold(pricing: Pricing, runs: settings) -> None:
    """No discount, however many stack, takes an order below the least that its items cost."""

    @runs
    @given(discounted_books(), every_facts())
    def law(book: Rulebook, asked: Facts) -> None:
        assert items_of(pricing(book, asked)) >= FLOOR * sum(item.quantity for item in asked.items)

    law()


def order_in_a_group_does_not_matter(pricing: Pricing, runs: settings) -> None:
    """The same discounts in another order in the file give the same price."""

    @runs
    @given(discounted_books(), every_facts(), SEEDS)
    def law(book: Rulebook, asked: Facts, seed: int) -> None:
        shuffled = list(book.rules)
        Random(seed).shuffle(shuffled)
        assert pricing(evolve(book, rules=tuple(shuffled)), asked) == pricing(book, asked)

    law()


def an_exclusive_one_is_alone(pricing: Pricing, runs: settings) -> None:
    """Where it reaches no further, of one line an exclusive discount is the only one that applied; and the price says the same."""

    @runs
    @given(discounted_books(reaches=[Reach.EACH]), every_facts())
    def law(book: Rulebook, asked: Facts) -> None:
        asked = evolve(asked, items=asked.items[:1])
        exclusive = {one.id for one in book.rules if one.group == "alone" and one.per is Per.LINE}
        fired = [row for row in explain(book, asked) if row.fired and row.stage is Stage.DISCOUNTS and row.line]
        alone = [row for row in fired if row.rule_id in exclusive]
        if alone:
            assert len(fired) == 1
            kept = [one for one in book.rules if one.stage is not Stage.DISCOUNTS or one.id == alone[0].rule_id]
            only = honest(evolve(book, rules=tuple(kept)), asked)
            assert pricing(book, asked).lines[0] == only.lines[0]

    law()


TWO_ALONE = {"loyal": GroupMode.BEST_OF, "alone": GroupMode.EXCLUSIVE, "apart": GroupMode.EXCLUSIVE}


def an_exclusive_one_is_alone_on_the_quote(pricing: Pricing, runs: settings) -> None:
    """Where it reaches all of the quote, only discounts of one exclusive group applied, to lines or to the order: those that came
    to the least. Where none lowers the total, all others applied. Total and explanation say the same."""

    @runs
    @given(discounted_books(reaches=[Reach.QUOTE], modes=TWO_ALONE), every_facts())
    def law(book: Rulebook, asked: Facts) -> None:
        def total(*taken: Rule) -> int:
            others = [one for one in book.rules if one.stage is not Stage.DISCOUNTS]
            return honest(evolve(book, rules=(*others, *taken), exclusive_reach=Reach.EACH), asked).total.amount

        discounts = [one for one in book.rules if one.stage is Stage.DISCOUNTS]
        parts = [(group, per) for group in ("alone", "apart") for per in Per]
        alone = [[one for one in discounts if (one.group, one.per) == part] for part in parts]
        usual = [one for one in discounts if (one.group, one.per) not in parts]
        least = min(total(*part) for part in alone)
        assert pricing(book, asked).total.amount == (least if least < total() else total(*usual))
        fired = {row.rule_id for row in explain(book, asked) if row.fired and row.stage is Stage.DISCOUNTS}
        assert (least < total()) is bool(fired & {one.id for part in alone for one in part})
        assert len({(one.group, one.per) for one in discounts if one.id in fired}) == 1 or least == total()

    law()


STACKING = {"loyal": GroupMode.BEST_OF, "many": GroupMode.SEQUENTIAL}


def groups_keep_their_order(pricing: Pricing, runs: settings) -> None:
    """What a group leaves is what the next one in the rulebook's order starts from: as if there were no other groups."""

    @runs
    @given(discounted_books(modes=STACKING), every_facts())
    def law(book: Rulebook, asked: Facts) -> None:
        asked = evolve(asked, items=asked.items[:1])
        fired = [row for row in explain(book, asked) if row.fired and row.stage is Stage.DISCOUNTS and row.line]
        groups = {one.id: one.group for one in book.rules}
        turns = [book.group_order.index(groups[row.rule_id]) for row in fired if groups[row.rule_id]]
        assert turns == sorted(turns)
        assert pricing(book, asked) == honest(book, asked)

    law()


def _every(change: Callable[[Rule], Rule]) -> Pricing:
    return lambda book, asked: honest(
        evolve(book, rules=tuple(change(one) if one.stage is Stage.DISCOUNTS else one for one in book.rules)), asked
    )


def _raised(one: Rule) -> Rule:
    return evolve(one, value=-one.value) if one.action in (Action.ADD, Action.PERCENT) and not one.group else one


def _stacked(one: Rule) -> Rule:
    return evolve(one, group="", stacks=True)


def without_floor(book: Rulebook, asked: Facts) -> Priced:
    """Broken: no line has a least price."""
    return honest(evolve(book, rules=tuple(one for one in book.rules if one.stage is not Stage.FLOOR_CAP)), asked)


def nothing_is_exclusive(book: Rulebook, asked: Facts) -> Priced:
    """Broken: an exclusive group is like any other."""
    return honest(evolve(book, groups={**GROUPS, "alone": GroupMode.BEST_OF}), asked)


def each_for_itself(book: Rulebook, asked: Facts) -> Priced:
    """Broken: an exclusive discount shuts out only those on the same line, or on the order."""
    return honest(evolve(book, exclusive_reach=Reach.EACH), asked)


def first_one_wins(book: Rulebook, asked: Facts) -> Priced:
    """Broken: of two that shut out each other the one that is named first applies, whatever it comes to."""
    first = [one for one in book.rules if one.group != "apart"]
    return honest(evolve(book, rules=tuple(first)), asked)


def by_name(book: Rulebook, asked: Facts) -> Priced:
    """Broken: groups follow one another by name, whatever the rulebook says."""
    return honest(evolve(book, group_order=()), asked)


LAWS = [
    groups_keep_their_order,
    discounts_never_raise,
    floors_hold,
    order_in_a_group_does_not_matter,
    an_exclusive_one_is_alone,
    an_exclusive_one_is_alone_on_the_quote,
]


@pytest.mark.parametrize("law", LAWS)
def test_law(law: Law) -> None:
    """See the law."""
    law(honest, settings(LAWFUL, max_examples=200))


@pytest.mark.parametrize(
    ("law", "broken"),
    [
        (discounts_never_raise, _every(_raised)),
        (floors_hold, without_floor),
        (order_in_a_group_does_not_matter, _every(_stacked)),
        (an_exclusive_one_is_alone, nothing_is_exclusive),
        (an_exclusive_one_is_alone_on_the_quote, each_for_itself),
        (an_exclusive_one_is_alone_on_the_quote, first_one_wins),
        (groups_keep_their_order, by_name),
    ],
)
def test_breaches_are_noticed(law: Law, broken: Pricing) -> None:
    """Each law fails for an engine that breaks it."""
    with pytest.raises(AssertionError):
        law(broken, settings(FIRST_BREACH, max_examples=1000))
