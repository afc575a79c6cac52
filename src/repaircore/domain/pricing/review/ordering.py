"""Whether one rule, or what a contest comes to, surely leaves a price no lower than another would, whatever the price was before."""

from collections.abc import Collection
from fractions import Fraction

from repaircore.domain.pricing.review.units import Outcome
from repaircore.domain.pricing.rules import Action, GroupMode, Rule, Rulebook

_SAME_KIND = (Action.SET, Action.MINIMUM, Action.MAXIMUM)


def surely_not_less(before: Outcome, after: Outcome, rulebook: Rulebook) -> bool:
    """Whether the contest leaves no amount lower when it comes to `after` instead of `before`; amounts decide nothing in it."""
    if before == after:
        return True
    rules = (*before.rules, *after.rules)
    if rules and all(rule.group for rule in rules):
        alone = {name for name, mode in rulebook.groups.items() if mode is GroupMode.EXCLUSIVE}
        one, other = (_in_groups(outcome, alone) for outcome in (before, after))
        return one[0] == other[0] and other[1] <= one[1]
    if not (before.steps or after.steps) or any(len(step) > 1 for step in (*before.steps, *after.steps)):
        return False
    winners, stacking = zip(*(_parted(outcome) for outcome in (before, after)), strict=True)
    return stacking[0] == stacking[1] and surely_not_lower(*winners)


def _in_groups(outcome: Outcome, alone: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Part what is exclusive from the others."""
    ids = frozenset(rule.id for rule in outcome.rules if rule.group in alone)
    return ids, frozenset(rule.id for rule in outcome.rules) - ids


def _parted(outcome: Outcome) -> tuple[Rule | None, list[Rule]]:
    winner = next((rule for rule in outcome.rules if not rule.stacks), None)
    return winner, [rule for rule in outcome.rules if rule.stacks]


def surely_not_lower(before: Rule | None, after: Rule | None) -> bool:
    """Whether `after` instead of `before` never lowers an amount. No rule at all leaves the amount as it was."""
    if before is after:
        return True
    if _is_bounded(before) or _is_bounded(after):
        return False
    for one, other in ((_factor(before), _factor(after)), (_amount(before), _amount(after))):
        if one is not None and other is not None:
            return other >= one
    if before is None or after is None:
        return (before is None and _is(after, Action.MINIMUM)) or (after is None and _is(before, Action.MAXIMUM))
    return before.action is after.action and before.action in _SAME_KIND and after.value >= before.value


def _factor(rule: Rule | None) -> Fraction | None:
    if rule is None:
        return Fraction(1)
    if rule.action is Action.PERCENT:
        return 1 + rule.value / 100
    return rule.value if rule.action is Action.MULTIPLY else None


def _amount(rule: Rule | None) -> Fraction | None:
    if rule is None:
        return Fraction(0)
    return rule.value if rule.action is Action.ADD else None


def _is_bounded(rule: Rule | None) -> bool:
    return rule is not None and (rule.limit, rule.least) != (None, None)


def _is(rule: Rule | None, action: Action) -> bool:
    return rule is not None and rule.action is action
