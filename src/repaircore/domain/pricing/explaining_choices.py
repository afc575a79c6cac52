"""Which of a rulebook's rules are held against a line or an order, and which discounts among them may be taken."""

from collections.abc import Iterable
from fractions import Fraction

from attrs import frozen

from repaircore.domain.pricing.considering import Considered, unfired
from repaircore.domain.pricing.matching import Situation, refusal
from repaircore.domain.pricing.rules import Action, Per, Rule, Rulebook, Stage
from repaircore.domain.pricing.ways import Way

BOUNDS = (Action.MINIMUM, Action.MAXIMUM)


@frozen
class Choice:
    """The discounts that may be taken, where not all may, and why the others are not."""

    way: Way | None = None
    why: str = ""

    def parted(self, rules: list[Rule]) -> tuple[list[Rule], list[Rule]]:
        """Part the rules: those that may apply, and the others."""
        if self.way is None:
            return rules, []
        return [rule for rule in rules if self.way.allows(rule)], [rule for rule in rules if not self.way.allows(rule)]


def rules_of(rulebook: Rulebook, stage: Stage, *, per: Per = Per.LINE) -> list[Rule]:
    """Answer the rules of a stage, for lines or for the order."""
    return [rule for rule in rulebook.rules if rule.stage is stage and rule.per is per]


def bounded_by(rules: list[Rule], bound: Action | None) -> list[Rule]:
    """Answer those of the rules that are that bound, or none."""
    return [rule for rule in rules if (rule.action if rule.action in BOUNDS else None) is bound]


def left_out(
    rules: Iterable[Rule], amount: Fraction, situation: Situation, code: str, choice: Choice
) -> list[Considered]:
    """Tell why discounts that may not be taken are not: their own conditions come first."""
    return [unfired(rule, amount, situation, code, refusal(rule, situation) or choice.why) for rule in rules]
