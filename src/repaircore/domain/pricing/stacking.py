"""How discounts in groups stack. No order of rules matters here, in a file or in a group; that of the groups does."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

from attrs import frozen

from repaircore.domain.pricing.rules import Action, GroupMode, Rule

Effect = Callable[[Rule, Fraction], Fraction | None]  # None: not at this amount
Modes = Mapping[str, GroupMode]  # in the order in which the groups apply


@frozen
class Taken:
    """A discount that applied."""

    rule: Rule
    before: Fraction
    after: Fraction


def exclusive(rules: Iterable[Rule], modes: Modes, amount: Fraction, effect: Effect) -> Taken | None:
    """Answer the discount that shuts out all others: of the exclusive groups, the one that lowers the most."""
    return best([rule for rule in rules if modes[rule.group] is GroupMode.EXCLUSIVE], amount, effect)


def grouped(rules: Sequence[Rule], modes: Modes, amount: Fraction, effect: Effect) -> list[Taken]:
    """Apply the groups that are not exclusive, one after another."""
    taken: list[Taken] = []
    for name in modes:
        members = [rule for rule in rules if rule.group == name]
        if modes[name] is GroupMode.BEST_OF:
            found = best(members, amount, effect)
            taken += [found] if found else []
        elif modes[name] is GroupMode.SEQUENTIAL:
            taken += sequential(members, amount, effect)
        amount = taken[-1].after if taken else amount
    return taken


def best(rules: Iterable[Rule], amount: Fraction, effect: Effect) -> Taken | None:
    """Answer the discount that lowers the amount the most; of equal ones, the first by id. None when none lowers it."""
    offers = [
        (after, rule.id, rule) for rule in rules if (after := effect(rule, amount)) is not None and after < amount
    ]
    if not offers:
        return None
    after, _, rule = min(offers, key=lambda offer: offer[:2])
    return Taken(rule, amount, after)


def sequential(rules: Iterable[Rule], amount: Fraction, effect: Effect) -> list[Taken]:
    """Apply all that lower the amount: factors first, then amounts, the larger figure first, whatever the file's order."""
    taken = []
    for rule in sorted(rules, key=_turn):
        after = effect(rule, amount)
        if after is not None and after < amount:
            taken.append(Taken(rule, amount, after))
            amount = after
    return taken


def _turn(rule: Rule) -> tuple[bool, bool, Fraction, int, int, str]:
    absolute = rule.action is Action.ADD
    factor = rule.value if rule.action is Action.MULTIPLY else 1 + rule.value / 100
    limit = -1 if rule.limit is None else rule.limit
    amount_from = rule.scope.amount_from or 0
    return absolute, rule.action is Action.MATCH, rule.value if absolute else factor, limit, amount_from, rule.id
