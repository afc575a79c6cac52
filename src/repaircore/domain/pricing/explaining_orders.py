"""The order explained: the discounts on the sum of its items, and what is due in advance."""

from collections.abc import Iterator
from fractions import Fraction

from attrs import evolve

from repaircore.domain.pricing.considering import Considered, contest, discounted, fired_row, unfired
from repaircore.domain.pricing.effects import effect
from repaircore.domain.pricing.explaining_choices import BOUNDS, Choice, bounded_by, left_out, rules_of
from repaircore.domain.pricing.matching import Situation
from repaircore.domain.pricing.rules import Action, Per, Rule, Rulebook, Stage
from repaircore.domain.pricing.wording import rounded

_ZERO = Fraction(0)


def order_discounts(rulebook: Rulebook, order: Situation, room: int, choice: Choice) -> tuple[list[Considered], int]:
    """Explain the discounts on the sum of the items, and answer by how much they lower it, in whole minor units."""
    rules, others = choice.parted(rules_of(rulebook, Stage.DISCOUNTS, per=Per.ORDER))
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
    rows += left_out(others, before, order, "", choice)
    return rows, int(order.amount - before)


def explained_deposit(rulebook: Rulebook, order: Situation) -> Iterator[Considered]:
    """Explain what is due in advance, and its bounds. The order's amount is the total."""
    total = order.amount
    rules = [evolve(rule, stacks=False) for rule in rules_of(rulebook, Stage.DEPOSIT)]
    asked, lowest, highest = bounded_by(rules, None), *(bounded_by(rules, bound) for bound in BOUNDS)

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
