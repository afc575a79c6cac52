"""One line explained: each stage's rules held against the price of one, from the first amount to the last rounding."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from attrs import evolve

from repaircore.domain.pricing.considering import (
    Considered,
    Outcome,
    competitor_price,
    contest,
    discounted,
    fired_row,
    row,
    unfired,
)
from repaircore.domain.pricing.effects import effect
from repaircore.domain.pricing.explaining_agreed import agreed
from repaircore.domain.pricing.explaining_choices import BOUNDS, Choice, bounded_by, left_out, rules_of
from repaircore.domain.pricing.explaining_taxes import ToldLine
from repaircore.domain.pricing.lines import COMPONENT_ACTIONS, capped
from repaircore.domain.pricing.matching import Situation
from repaircore.domain.pricing.rules import COMPONENTS, Action, Rule, Rulebook, Stage
from repaircore.domain.pricing.wording import rounded

LINE_STAGES = tuple(stage for stage in Stage if stage not in (Stage.TAX, Stage.DEPOSIT))
MARKET_CAP = "market-cap"  # the row that tells how the whole effect of the market was bounded
_ZERO = Fraction(0)


def explained_line(
    rulebook: Rulebook, situation: Situation, code: str, choice: Choice
) -> tuple[list[Considered], ToldLine]:
    """Explain the price of one, and answer the line as far as the order and the taxes need it."""
    rows: list[Considered] = []
    weights: tuple[Fraction, ...] = ()
    floor, start = _ZERO, situation
    for stage in LINE_STAGES:
        rules = rules_of(rulebook, stage)
        if stage in COMPONENTS:
            told, part = _component(rules, situation, code)
            weights = (*(weights or (situation.amount,)), part)
            outcome = Outcome(rows=told, fired=(), amount=situation.amount + part)
        elif stage is Stage.DISCOUNTS:
            outcome = _line_discounts(rulebook, rules, situation, code, choice)
        else:
            outcome = _in_turn(_contests(stage, rules), situation, code)
        if stage is Stage.MARKET:
            outcome = _capped(rulebook, outcome, situation, code)
        if stage is Stage.FLOOR_CAP:
            floor = max((rule.value for rule in outcome.fired if rule.action is Action.MINIMUM), default=_ZERO)
        rows += outcome.rows
        situation = evolve(situation, amount=outcome.amount)
    instead, unit = agreed(situation, code, Fraction(rounded(situation.amount, situation.currency).amount))
    room = max(0, int(unit) - floor.__ceil__())
    composed = weights if any(weights[1:]) else ()
    return [*rows, *instead], ToldLine(code=code, at=evolve(start, amount=unit), room=room, weights=composed)


def _in_turn(contests: Iterable[Sequence[Rule]], situation: Situation, code: str) -> Outcome:
    rows: list[Considered] = []
    fired: list[Rule] = []
    for rules in contests:
        outcome = contest(rules, situation, code, effect)
        rows += outcome.rows
        fired += outcome.fired
        situation = evolve(situation, amount=outcome.amount)
    return Outcome(rows=tuple(rows), fired=tuple(fired), amount=situation.amount)


def _component(rules: Sequence[Rule], situation: Situation, code: str) -> tuple[tuple[Considered, ...], Fraction]:
    """Price the labour or the parts of one: the rows show them on top of what was there before."""
    rows: tuple[Considered, ...] = ()
    part = _ZERO
    for action in COMPONENT_ACTIONS:
        competing = [rule for rule in rules if rule.action is action]
        outcome = contest(competing, evolve(situation, amount=part), code, effect, offset=situation.amount)
        rows, part = (*rows, *outcome.rows), outcome.amount
    return rows, part


def _line_discounts(rulebook: Rulebook, rules: list[Rule], situation: Situation, code: str, choice: Choice) -> Outcome:
    price = competitor_price(situation)
    rules, others = choice.parted(rules)
    if not others and not any(rule.group for rule in rules):
        return contest(rules, situation, code, lambda rule, amount: effect(rule, amount, price))
    found = discounted(rules, situation, rulebook.groups)
    after = found.taken[-1].after if found.taken else situation.amount
    rows = [fired_row(one.rule, one.before, one.after, situation, code) for one in found.taken]
    rows += [unfired(rule, after, situation, code, why) for rule, why in found.missed]
    rows += left_out(others, after, situation, code, choice)
    return Outcome(rows=tuple(rows), fired=tuple(one.rule for one in found.taken), amount=after)


def _capped(rulebook: Rulebook, outcome: Outcome, situation: Situation, code: str) -> Outcome:
    amount = capped(rulebook, situation.amount, outcome.amount)
    if amount == outcome.amount:
        return outcome
    why = "the market changes a price no further"
    told = row(MARKET_CAP, Stage.MARKET, outcome.amount, amount, situation, code, why)
    return evolve(outcome, rows=(*outcome.rows, told), amount=amount)


def _contests(stage: Stage, rules: list[Rule]) -> Iterable[list[Rule]]:
    if stage is Stage.FLOOR_CAP:
        return [bounded_by(rules, bound) for bound in BOUNDS]
    return [rules]
