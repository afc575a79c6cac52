"""Why this price: every rule considered, whether it fired, and if not, the first condition that failed.

This walks the rules one by one with plain fractions, apart from the compiled programs of `engine.py`; the two must agree.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from attrs import evolve, frozen

from repaircore.domain.money import Money
from repaircore.domain.pricing.considering import (
    Considered,
    Figure,
    Outcome,
    competitor_price,
    contest,
    discounted,
    fired_row,
    precedence,
    row,
    unfired,
)
from repaircore.domain.pricing.effects import effect
from repaircore.domain.pricing.explaining_taxes import ToldLine, ToldTaxes
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.lines import COMPONENT_ACTIONS, capped
from repaircore.domain.pricing.matching import Situation, refusal
from repaircore.domain.pricing.overrides import CODE as AGREED
from repaircore.domain.pricing.program import allocated
from repaircore.domain.pricing.rules import COMPONENTS, Action, Per, Rule, Rulebook, Stage
from repaircore.domain.pricing.ways import Way, Ways, ways
from repaircore.domain.pricing.wording import rounded

__all__ = ["LINE_STAGES", "Considered", "Figure", "explain", "precedence"]

LINE_STAGES = tuple(stage for stage in Stage if stage not in (Stage.TAX, Stage.DEPOSIT))
MARKET_CAP = "market-cap"  # the row that tells how the whole effect of the market was bounded
_BOUNDS = (Action.MINIMUM, Action.MAXIMUM)
_ZERO = Fraction(0)


def explain(rulebook: Rulebook, facts: Facts) -> tuple[Considered, ...]:
    """List every rule in pipeline order: line by line, then the order's fees and discounts, the taxes, and the deposit."""
    return tuple(_walked(rulebook, facts, _choice(rulebook, facts)).rows)


@frozen
class _Choice:
    """The discounts that may be taken, where not all may, and why the others are not."""

    way: Way | None = None
    why: str = ""

    def parted(self, rules: list[Rule]) -> tuple[list[Rule], list[Rule]]:
        """Part the rules: those that may apply, and the others."""
        if self.way is None:
            return rules, []
        return [rule for rule in rules if self.way.allows(rule)], [rule for rule in rules if not self.way.allows(rule)]


@frozen
class _Walk:
    """All rules held against the quote, and the total that it came to."""

    rows: list[Considered]
    total: Fraction

    @property
    def discounts(self) -> str:
        """The ids of the discounts that applied."""
        fired = (row.rule_id for row in self.rows if row.fired and row.stage is Stage.DISCOUNTS)
        return " and ".join(dict.fromkeys(fired))


def _choice(rulebook: Rulebook, facts: Facts) -> _Choice:
    known = ways(rulebook)
    return _choice_of(known, rulebook, facts) if known else _Choice()


def _choice_of(known: Ways, rulebook: Rulebook, facts: Facts) -> _Choice:
    """Walk all ways, and take the one that the engine takes."""
    bare, *walks = [_walked(rulebook, facts, _Choice(way)) for way in (known.bare, *known.alone)]
    total, place = min((walk.total, place) for place, walk in enumerate(walks))
    if total < bare.total:
        why = f"not together with {walks[place].discounts}, which leaves no room for other discounts"
        return _Choice(known.alone[place], why)
    return _Choice(known.usual, "alone on the quote it would take nothing off")


def _walked(rulebook: Rulebook, facts: Facts, choice: _Choice) -> _Walk:
    rows: list[Considered] = []
    services = frozenset(item.service_id for item in facts.items)
    order = Situation(facts=facts, services=services, amount=_ZERO, currency=rulebook.currency)
    lines = []
    for item in facts.items:
        own = evolve(order, services=(item.service_id,), items=(item,))
        told, line = _line(rulebook, own, item.service_id, choice)
        rows += told
        lines.append(
            evolve(line, at=evolve(line.at, amount=line.at.amount * item.quantity), room=line.room * item.quantity)
        )
    subtotal = sum((line.at.amount for line in lines), start=_ZERO)
    fees = _of(rulebook, Stage.FEES, per=Per.ORDER)
    outcome = contest(fees, evolve(order, amount=subtotal), "", lambda fee, _: fee.value, running=False)
    rows += outcome.rows
    room = sum(line.room for line in lines)
    told, reduced = _order_discounts(rulebook, evolve(order, amount=subtotal), room, choice)
    rows += told
    shares = allocated(reduced, [line.room for line in lines], rulebook.currency)
    lines = [
        evolve(line, at=evolve(line.at, amount=line.at.amount - off)) for line, off in zip(lines, shares, strict=True)
    ]
    for fee in outcome.fired:
        told, amount = _agreed(order, fee.id, fee.value)
        rows += told
        lines.append(ToldLine(code=fee.id, at=evolve(order, amount=amount, kind=fee.kind or "fee")))
    told, lines = _settled(order, lines)
    taxed = ToldTaxes(rulebook, lines)
    total = sum((line.at.amount for line in lines), start=_ZERO) + taxed.on_top
    return _Walk([*rows, *told, *taxed.rows, *_deposit(rulebook, evolve(order, amount=total))], total)


def _line(rulebook: Rulebook, situation: Situation, code: str, choice: _Choice) -> tuple[list[Considered], ToldLine]:
    rows: list[Considered] = []
    weights: tuple[Fraction, ...] = ()
    floor, start = _ZERO, situation
    for stage in LINE_STAGES:
        rules = _of(rulebook, stage)
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
    agreed, unit = _agreed(situation, code, Fraction(rounded(situation.amount, situation.currency).amount))
    room = max(0, int(unit) - floor.__ceil__())
    composed = weights if any(weights[1:]) else ()
    return [*rows, *agreed], ToldLine(code=code, at=evolve(start, amount=unit), room=room, weights=composed)


def _agreed(situation: Situation, code: str, amount: Fraction) -> tuple[list[Considered], Fraction]:
    """Put the price that staff agreed on in the place of the rules' own: the last word on a line or a fee."""
    override = situation.facts.override
    for price in override.prices if override else ():
        if override and price.line == code:
            agreed = Fraction(price.amount)
            return [row(AGREED, Stage.ROUNDING, amount, agreed, situation, code, override.reason)], agreed
    return [], amount


def _settled(order: Situation, lines: list[ToldLine]) -> tuple[list[Considered], list[ToldLine]]:
    """Bring the order to the subtotal that staff agreed on: every line bears its share, as the taxes see it."""
    override, subtotal = order.facts.override, sum((line.at.amount for line in lines), start=_ZERO)
    if override is None or override.order is None or override.order == subtotal:
        return [], lines
    weights = [int(line.at.amount) for line in lines]
    shares = Money(override.order, order.currency).allocate(weights if any(weights) else [1] * len(lines))
    told = row(AGREED, Stage.ROUNDING, subtotal, Fraction(override.order), order, "", override.reason)
    settled = [
        evolve(line, at=evolve(line.at, amount=Fraction(share.amount)))
        for line, share in zip(lines, shares, strict=True)
    ]
    return [told], settled


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


def _line_discounts(rulebook: Rulebook, rules: list[Rule], situation: Situation, code: str, choice: _Choice) -> Outcome:
    price = competitor_price(situation)
    rules, others = choice.parted(rules)
    if not others and not any(rule.group for rule in rules):
        return contest(rules, situation, code, lambda rule, amount: effect(rule, amount, price))
    found = discounted(rules, situation, rulebook.groups)
    after = found.taken[-1].after if found.taken else situation.amount
    rows = [fired_row(one.rule, one.before, one.after, situation, code) for one in found.taken]
    rows += [unfired(rule, after, situation, code, why) for rule, why in found.missed]
    rows += _left_out(others, after, situation, code, choice)
    return Outcome(rows=tuple(rows), fired=tuple(one.rule for one in found.taken), amount=after)


def _left_out(
    rules: Iterable[Rule], amount: Fraction, situation: Situation, code: str, choice: _Choice
) -> list[Considered]:
    return [unfired(rule, amount, situation, code, refusal(rule, situation) or choice.why) for rule in rules]


def _capped(rulebook: Rulebook, outcome: Outcome, situation: Situation, code: str) -> Outcome:
    amount = capped(rulebook, situation.amount, outcome.amount)
    if amount == outcome.amount:
        return outcome
    why = "the market changes a price no further"
    told = row(MARKET_CAP, Stage.MARKET, outcome.amount, amount, situation, code, why)
    return evolve(outcome, rows=(*outcome.rows, told), amount=amount)


def _order_discounts(rulebook: Rulebook, order: Situation, room: int, choice: _Choice) -> tuple[list[Considered], int]:
    """Explain the discounts on the sum of the items, and answer by how much they lower it, in whole minor units."""
    rules, others = choice.parted(_of(rulebook, Stage.DISCOUNTS, per=Per.ORDER))
    found = discounted(rules, order, rulebook.groups)
    rows, before = [], order.amount
    for one in found.taken:
        after = max(Fraction(rounded(one.after, order.currency).amount), order.amount - room)
        if after < before:
            rows.append(fired_row(one.rule, before, after, order, ""))
            before = after
        else:
            rows.append(unfired(one.rule, before, order, "", "nothing is left that it could lower"))
    rows += [unfired(rule, before, order, "", why) for rule, why in found.missed]
    rows += _left_out(others, before, order, "", choice)
    return rows, int(order.amount - before)


def _deposit(rulebook: Rulebook, order: Situation) -> Iterator[Considered]:
    total = order.amount
    rules = [evolve(rule, stacks=False) for rule in _of(rulebook, Stage.DEPOSIT)]
    asked, lowest, highest = _parted(rules, None), *(_parted(rules, bound) for bound in _BOUNDS)

    def due(rule: Rule, amount: Fraction) -> Fraction:
        if rule.action is Action.PERCENT:
            return min(total, Fraction(rounded(total * rule.value / 100, order.currency).amount))
        return min(total, effect(rule, amount))

    outcome = contest(asked, order, "", due, running=False)
    yield from outcome.rows
    deposit = due(outcome.fired[0], _ZERO) if outcome.fired else _ZERO
    for bounds in (lowest, highest):
        bounded = contest(bounds, order, "", due, running=False, start=deposit)
        if not outcome.fired:
            yield from (unfired(rule, _ZERO, order, "", "there is no deposit to bound") for rule in bounds)
            continue
        yield from bounded.rows
        deposit = due(bounded.fired[0], deposit) if bounded.fired else deposit


def _of(rulebook: Rulebook, stage: Stage, *, per: Per = Per.LINE) -> list[Rule]:
    return [rule for rule in rulebook.rules if rule.stage is stage and rule.per is per]


def _contests(stage: Stage, rules: list[Rule]) -> Iterable[list[Rule]]:
    if stage is Stage.FLOOR_CAP:
        return [_parted(rules, bound) for bound in _BOUNDS]
    return [rules]


def _parted(rules: list[Rule], bound: Action | None) -> list[Rule]:
    return [rule for rule in rules if (rule.action if rule.action in _BOUNDS else None) is bound]
