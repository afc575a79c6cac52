"""Whether one rule surely leaves a price no lower than another would, whatever the price was before."""

from fractions import Fraction

from repaircore.domain.pricing.rules import Action, Rule

_SAME_KIND = (Action.SET, Action.MINIMUM, Action.MAXIMUM)


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
