"""What one rule does to an amount, exactly."""

from fractions import Fraction

from repaircore.domain.pricing.rules import Action, Rule

_NOTHING = Fraction(0)


def effect(rule: Rule, amount: Fraction, competitor_price: int | None = None) -> Fraction:
    """Answer the amount after the rule: never below zero, and changed by no more than its `limit` and no less than its `least`."""
    changed = _changed(rule, amount, competitor_price)
    if rule.limit is not None or rule.least is not None:
        changed = amount + bounded(changed - amount, rule.limit, rule.least)
    return max(changed, _NOTHING)


def bounded(change: Fraction, limit: int | None, least: int | None) -> Fraction:
    """Keep a change, up or down, within the largest and the smallest that a rule allows, in minor units. No change stays none."""
    size = abs(change)
    if size and least is not None:
        size = max(size, Fraction(least))
    if limit is not None:
        size = min(size, Fraction(limit))
    return -size if change < 0 else size


def _changed(rule: Rule, amount: Fraction, competitor_price: int | None) -> Fraction:
    value = rule.value
    match rule.action:
        case Action.SET:
            return value
        case Action.MULTIPLY:
            return amount * value
        case Action.ADD:
            return amount + value
        case Action.PERCENT:
            return amount * (1 + value / 100)
        case Action.MINIMUM:
            return max(amount, value)
        case Action.MAXIMUM:
            return min(amount, value)
        case Action.ROUND_TO:
            return (amount / value + Fraction(1, 2)).__floor__() * value
        case Action.MATCH:
            return amount if competitor_price is None else min(amount, competitor_price * (1 + value / 100))
