"""Why this price: every rule considered, whether it fired, and if not, the first condition that failed.

This walks the rules one by one with plain fractions, apart from the compiled programs of `engine.py`; the two must agree.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction

from attrs import evolve, frozen

from repaircore.domain.money import Money
from repaircore.domain.pricing.exact import exact_text
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.matching import Situation, by_prefix_length, fits_postcode, mismatch, specificity
from repaircore.domain.pricing.rules import Action, Per, Rule, Rulebook, Stage
from repaircore.domain.pricing.wording import rounded, says

LINE_STAGES = tuple(stage for stage in Stage if stage not in (Stage.TAX, Stage.DEPOSIT))
_BOUNDS = (Action.MINIMUM, Action.MAXIMUM)


@frozen(kw_only=True)
class Figure:
    """An amount as it was at that moment: exact, in minor units, and rounded to money."""

    exact: str
    money: Money


@frozen(kw_only=True)
class Considered:
    """One rule held against one line (its code), or against the order (an empty `line`).

    In line stages `before` and `after` are the price of one; for taxes, order fees and deposits they are the amount of the
    tax, fee or deposit itself. A rule that did not fire leaves the amount as it was, and `why` is what failed first.
    """

    rule_id: str
    stage: Stage
    line: str
    fired: bool
    before: Figure
    after: Figure
    why: str


@frozen(kw_only=True)
class _Outcome:
    """What a contest came to: the rows, the rules that fired in order, and the amount that goes on."""

    rows: tuple[Considered, ...]
    fired: tuple[Rule, ...]
    amount: Fraction


Effect = Callable[[Rule, Fraction], Fraction]


def explain(rulebook: Rulebook, facts: Facts) -> tuple[Considered, ...]:
    """List every rule in pipeline order: line by line, then the order's fees, the taxes of each line, and the deposit."""
    return tuple(_explained(rulebook, facts))


def _explained(rulebook: Rulebook, facts: Facts) -> Iterator[Considered]:
    services = frozenset(item.service_id for item in facts.items)
    order = Situation(facts=facts, services=services, amount=Fraction(0), currency=rulebook.currency)
    lines: list[tuple[str, Situation]] = []
    for item in facts.items:
        line = evolve(order, services=(item.service_id,))
        rows, unit = _line(rulebook, line, item.service_id)
        yield from rows
        lines.append((item.service_id, evolve(line, amount=unit * item.quantity)))
    subtotal = sum((line.amount for _, line in lines), start=Fraction(0))
    fees = _of(rulebook, Stage.FEES, per=Per.ORDER)
    outcome = _contest(fees, evolve(order, amount=subtotal), "", lambda fee, _: fee.value, running=False)
    yield from outcome.rows
    lines += [(fee.id, evolve(order, amount=fee.value)) for fee in outcome.fired]
    total = sum((line.amount for _, line in lines), start=Fraction(0))
    for code, line in lines:
        taxed = _taxes(rulebook, line, code)
        yield from taxed.rows
        total += taxed.amount
    yield from _deposit(rulebook, evolve(order, amount=total))


def _line(rulebook: Rulebook, situation: Situation, code: str) -> tuple[list[Considered], Fraction]:
    rows: list[Considered] = []
    for stage in LINE_STAGES:
        rules = _of(rulebook, stage)
        for contest in _contests(stage, rules):
            outcome = _contest(contest, situation, code, _applied)
            rows += outcome.rows
            situation = evolve(situation, amount=outcome.amount)
    return rows, Fraction(rounded(situation.amount, situation.currency).amount)


def _taxes(rulebook: Rulebook, line: Situation, code: str) -> _Outcome:
    rules = _of(rulebook, Stage.TAX)
    fired = _contest(rules, line, code, lambda *_: Fraction(0), running=False).fired
    within = 100 + sum((rule.value for rule in fired if rule.inclusive), start=Fraction(0))

    def tax(rule: Rule, _: Fraction) -> Fraction:
        share = line.amount * rule.value / (within if rule.inclusive else 100)
        return Fraction(rounded(share, line.currency).amount)

    outcome = _contest(rules, line, code, tax, running=False)
    exclusive = sum((tax(rule, line.amount) for rule in fired if not rule.inclusive), start=Fraction(0))
    return evolve(outcome, amount=exclusive)


def _deposit(rulebook: Rulebook, order: Situation) -> Iterator[Considered]:
    total = order.amount
    rules = [evolve(rule, stacks=False) for rule in _of(rulebook, Stage.DEPOSIT)]
    asked, lowest, highest = _parted(rules, None), *(_parted(rules, bound) for bound in _BOUNDS)

    def due(rule: Rule, amount: Fraction) -> Fraction:
        if rule.action is Action.PERCENT:
            return min(total, Fraction(rounded(total * rule.value / 100, order.currency).amount))
        return min(total, _applied(rule, amount))

    outcome = _contest(asked, order, "", due, running=False)
    yield from outcome.rows
    deposit = due(outcome.fired[0], Fraction(0)) if outcome.fired else Fraction(0)
    for bounds in (lowest, highest):
        bounded = _contest(bounds, order, "", due, running=False, start=deposit)
        if not outcome.fired:
            yield from (_unfired(rule, Fraction(0), order, "", "there is no deposit to bound") for rule in bounds)
            continue
        yield from bounded.rows
        deposit = due(bounded.fired[0], deposit) if bounded.fired else deposit


def _contest(
    rules: Sequence[Rule],
    situation: Situation,
    line: str,
    effect: Effect,
    *,
    running: bool = True,
    start: Fraction = Fraction(0),
) -> _Outcome:
    """Let the rules compete: the winner first, then those that stack. `running` amounts feed the next rule."""
    refusals = [mismatch(rule.scope, situation) for rule in rules]
    holding = [rule for rule, why in zip(rules, refusals, strict=True) if not why and not rule.stacks]
    winner = min(holding, key=lambda rule: precedence(rule, situation.facts.postcode), default=None)
    amount = situation.amount
    rows, fired, missed = [], [], []
    for rule in ([winner] if winner else []) + [rule for rule in rules if rule.stacks]:
        if why := mismatch(rule.scope, evolve(situation, amount=amount) if rule is not winner else situation):
            missed.append(_unfired(rule, amount if running else start, situation, line, why))
            continue
        before = amount if running else start
        after = effect(rule, before)
        rows.append(_row(rule, before, after, situation, line, fired=True, why=says(rule, situation.currency)))
        fired.append(rule)
        amount = after if running else amount
    for rule, why in zip(rules, refusals, strict=True):
        if rule is not winner and not rule.stacks:
            lost = why or f"a more specific rule applied: {winner.id if winner else ''}"
            missed.append(_unfired(rule, situation.amount if running else start, situation, line, lost))
    return _Outcome(rows=(*rows, *missed), fired=tuple(fired), amount=amount)


def precedence(rule: Rule, postcode: str) -> tuple[tuple[int, ...], str]:
    """Order the rules that hold: the most specific first, the id settles what a check should have refused."""
    scopes = [scope for scope in by_prefix_length(rule.scope) if fits_postcode(scope, postcode)]
    return tuple(-rank for rank in max(map(specificity, scopes))), rule.id


def _applied(rule: Rule, amount: Fraction) -> Fraction:
    value = rule.value
    match rule.action:
        case Action.SET:
            amount = value
        case Action.MULTIPLY:
            amount *= value
        case Action.ADD:
            amount += value
        case Action.PERCENT:
            amount *= 1 + value / 100
        case Action.MINIMUM:
            amount = max(amount, value)
        case Action.MAXIMUM:
            amount = min(amount, value)
        case Action.ROUND_TO:
            amount = (amount / value + Fraction(1, 2)).__floor__() * value
    return max(amount, Fraction(0))


def _of(rulebook: Rulebook, stage: Stage, *, per: Per = Per.LINE) -> list[Rule]:
    return [rule for rule in rulebook.rules if rule.stage is stage and rule.per is per]


def _contests(stage: Stage, rules: list[Rule]) -> Iterable[list[Rule]]:
    if stage is Stage.FLOOR_CAP:
        return [_parted(rules, bound) for bound in _BOUNDS]
    return [rules]


def _parted(rules: list[Rule], bound: Action | None) -> list[Rule]:
    return [rule for rule in rules if (rule.action if rule.action in _BOUNDS else None) is bound]


def _unfired(rule: Rule, amount: Fraction, situation: Situation, line: str, why: str) -> Considered:
    return _row(rule, amount, amount, situation, line, fired=False, why=why)


def _row(
    rule: Rule, before: Fraction, after: Fraction, situation: Situation, line: str, *, fired: bool, why: str
) -> Considered:
    return Considered(
        rule_id=rule.id,
        stage=rule.stage,
        line=line,
        fired=fired,
        before=_figure(before, situation.currency),
        after=_figure(after, situation.currency),
        why=why,
    )


def _figure(amount: Fraction, currency: str) -> Figure:
    return Figure(exact=exact_text(amount), money=rounded(amount, currency))
