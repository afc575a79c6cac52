"""Rules held against an amount one by one, each with what it did or why it did nothing."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import lru_cache

from attrs import evolve, frozen

from repaircore.domain.money import Money
from repaircore.domain.pricing.effects import effect
from repaircore.domain.pricing.exact import exact_text
from repaircore.domain.pricing.matching import Situation, refusal
from repaircore.domain.pricing.rules import GroupMode, Rule, Stage
from repaircore.domain.pricing.scoping import by_prefix_length, fits_postcode, specificity
from repaircore.domain.pricing.stacking import Modes, Taken, exclusive, grouped
from repaircore.domain.pricing.wording import rounded, says


@frozen(kw_only=True)
class Figure:
    """An amount as it was at that moment: exact, in minor units, and rounded to money."""

    exact: str
    money: Money


@frozen(kw_only=True)
class Considered:
    """One rule held against one line (its code), or against the order (an empty `line`).

    In line stages `before` and `after` are the price of one; for discounts on the order they are the sum of the items; for
    taxes, order fees and deposits they are the amount of the tax, fee or deposit itself. A rule that did not fire leaves the
    amount as it was, and `why` is what failed first.
    """

    rule_id: str
    stage: Stage
    line: str
    fired: bool
    before: Figure
    after: Figure
    why: str


@frozen(kw_only=True)
class Outcome:
    """What a contest came to: the rows, the rules that fired in order, and the amount that goes on."""

    rows: tuple[Considered, ...]
    fired: tuple[Rule, ...]
    amount: Fraction


Effect = Callable[[Rule, Fraction], Fraction]


def contest(
    rules: Sequence[Rule],
    situation: Situation,
    line: str,
    does: Effect,
    *,
    running: bool = True,
    start: Fraction = Fraction(0),
    offset: Fraction = Fraction(0),
) -> Outcome:
    """Let the rules compete: the winner first, then those that stack. `running` amounts feed the next rule; `offset` is what
    the amount is added to."""
    refusals = [refusal(rule, situation) for rule in rules]
    holding = [rule for rule, why in zip(rules, refusals, strict=True) if not why and not rule.stacks]
    winner = min(holding, key=lambda rule: precedence(rule, situation.facts.postcode), default=None)
    amount = situation.amount
    rows, fired, missed = [], [], []
    for rule in ([winner] if winner else []) + [rule for rule in rules if rule.stacks]:
        if why := refusal(rule, evolve(situation, amount=amount) if rule is not winner else situation):
            missed.append(unfired(rule, offset + (amount if running else start), situation, line, why))
            continue
        before = amount if running else start
        after = does(rule, before)
        rows.append(fired_row(rule, offset + before, offset + after, situation, line))
        fired.append(rule)
        amount = after if running else amount
    for rule, why in zip(rules, refusals, strict=True):
        if rule is not winner and not rule.stacks:
            lost = why or f"a more specific rule applied: {winner.id if winner else ''}"
            missed.append(unfired(rule, offset + (situation.amount if running else start), situation, line, lost))
    return Outcome(rows=(*rows, *missed), fired=tuple(fired), amount=amount)


def precedence(rule: Rule, postcode: str) -> tuple[tuple[int, ...], str]:
    """Order the rules that hold: the most specific first, the id settles what a check should have refused."""
    scopes = [scope for scope in by_prefix_length(rule.scope) if fits_postcode(scope, postcode)]
    return tuple(-rank for rank in max(map(specificity, scopes))), rule.id


@frozen(kw_only=True)
class Discounted:
    """The discounts that were taken one after another, and why each of the others was not."""

    taken: tuple[Taken, ...]
    missed: tuple[tuple[Rule, str], ...]


def discounted(rules: Sequence[Rule], situation: Situation, modes: Modes) -> Discounted:
    """Stack the discounts: an exclusive one shuts out all others; else those without a group, then the groups."""
    members, plain = [rule for rule in rules if rule.group], [rule for rule in rules if not rule.group]
    price = competitor_price(situation)

    def at(rule: Rule, amount: Fraction) -> Fraction | None:
        return None if refusal(rule, evolve(situation, amount=amount)) else effect(rule, amount, price)

    alone = exclusive(members, modes, situation.amount, at)
    if alone:
        why = f"not together with {alone.rule.id}, which leaves no room for other discounts"
        return Discounted(taken=(alone,), missed=_missed(rules, [alone], situation, why))
    taken, amount = [], situation.amount
    for rule in contest(plain, situation, "", lambda rule, before: effect(rule, before, price)).fired:
        taken.append(Taken(rule, amount, effect(rule, amount, price)))
        amount = taken[-1].after
    others = [rule for rule in members if modes[rule.group] is not GroupMode.EXCLUSIVE]
    taken += grouped(others, modes, amount, at)
    why = "another discount lowers the price more, or is more specific"
    return Discounted(taken=tuple(taken), missed=_missed(rules, taken, situation, why))


def _missed(
    rules: Sequence[Rule], taken: Iterable[Taken], situation: Situation, otherwise: str
) -> tuple[tuple[Rule, str], ...]:
    applied = {one.rule.id for one in taken}
    return tuple((rule, refusal(rule, situation) or otherwise) for rule in rules if rule.id not in applied)


def competitor_price(situation: Situation) -> int | None:
    """Answer what another shop asks for the line's item."""
    return situation.items[0].competitor_price if situation.items else None


def unfired(rule: Rule, amount: Fraction, situation: Situation, line: str, why: str) -> Considered:
    """Answer the row of a rule that did nothing."""
    return row(rule.id, rule.stage, amount, amount, situation, line, why, fired=False)


def fired_row(rule: Rule, before: Fraction, after: Fraction, situation: Situation, line: str) -> Considered:
    """Answer the row of a rule that applied."""
    return row(rule.id, rule.stage, before, after, situation, line, says(rule, situation.currency))


def row(
    rule_id: str,
    stage: Stage,
    before: Fraction,
    after: Fraction,
    situation: Situation,
    line: str,
    why: str,
    *,
    fired: bool = True,
) -> Considered:
    """Answer a row of the explanation."""
    return Considered(
        rule_id=rule_id,
        stage=stage,
        line=line,
        fired=fired,
        before=_figure(before, situation.currency),
        after=_figure(after, situation.currency),
        why=why,
    )


@lru_cache(maxsize=1024)  # most rules leave the amount as it is: many rows, few figures
def _figure(amount: Fraction, currency: str) -> Figure:
    return Figure(exact=exact_text(amount), money=rounded(amount, currency))
