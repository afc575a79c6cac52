"""What a rule does, in a shop's words."""

from fractions import Fraction
from typing import assert_never

from repaircore.domain.money import Money
from repaircore.domain.pricing.exact import exact_text, round_half_up
from repaircore.domain.pricing.rules import Action, Rule, Stage


def says(rule: Rule, currency: str) -> str:
    """Answer the rule's own reason, or what it does: `times 1.5`, `plus GBP 25.00`, `VAT 20 %, included`."""
    if rule.reason:
        return rule.reason
    if rule.stage is Stage.TAX:
        return f"{rule.label or rule.id} {exact_text(rule.value)} %{', included' if rule.inclusive else ''}"
    if rule.stage is Stage.DEPOSIT and rule.action is Action.PERCENT:
        return f"{exact_text(rule.value)} % of the total"
    return _does(rule, currency)


def _does(rule: Rule, currency: str) -> str:
    amount = rounded(rule.value, currency)
    match rule.action:
        case Action.SET:
            return f"is {amount}"
        case Action.MULTIPLY:
            return f"times {exact_text(rule.value)}"
        case Action.ADD:
            return f"plus {amount}" if rule.value >= 0 else f"minus {-amount}"
        case Action.PERCENT:
            return f"{'plus' if rule.value >= 0 else 'minus'} {exact_text(abs(rule.value))} %"
        case Action.MINIMUM:
            return f"at least {amount}"
        case Action.MAXIMUM:
            return f"at most {amount}"
        case Action.ROUND_TO:
            return f"rounded half up to {amount}"
        case Action.MATCH:
            change = f"{exact_text(abs(rule.value))} % {'above' if rule.value > 0 else 'below'} " if rule.value else ""
            return f"at most {change}a competitor's price"
        case never:
            assert_never(never)


def rounded(value: Fraction, currency: str) -> Money:
    """Answer an exact amount as money, halves away from zero."""
    amount = round_half_up(abs(value.numerator), value.denominator)
    return Money(-amount if value < 0 else amount, currency)
