"""Exact arithmetic for the hot path: an amount is a numerator and a denominator, and a program is a tuple of plain steps."""

from collections.abc import Iterable
from enum import IntEnum
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from repaircore.domain.errors import InvalidValue
from repaircore.domain.money import Money
from repaircore.domain.pricing.effects import bounded
from repaircore.domain.pricing.rules import Action, Rule


class Op(IntEnum):
    """What a choice does to the amount. A percentage is compiled to a factor."""

    SET = 0
    FACTOR = 1
    ADD = 2
    MINIMUM = 3
    MAXIMUM = 4
    ROUND_TO = 5


_OPS = {
    Action.SET: Op.SET,
    Action.MULTIPLY: Op.FACTOR,
    Action.ADD: Op.ADD,
    Action.PERCENT: Op.FACTOR,
    Action.MINIMUM: Op.MINIMUM,
    Action.MAXIMUM: Op.MAXIMUM,
    Action.ROUND_TO: Op.ROUND_TO,
    Action.MATCH: Op.MAXIMUM,
}


_PERCENTAGES = (Action.PERCENT, Action.MATCH)


class Choice(NamedTuple):
    """One rule ready to run: an amount window (minor units, the end excluded), an operation, its exact value, and the bounds
    of the change that it makes."""

    amount_from: int | None
    amount_until: int | None
    op: int
    num: int
    den: int
    rule: Rule | None = None
    bounds: tuple[int | None, int | None] | None = None


Step = tuple[Choice, ...]  # the first choice whose amount window holds is applied

WHOLE_MINOR_UNIT = Choice(None, None, int(Op.ROUND_TO), 1, 1)


def choice(rule: Rule) -> Choice:
    """Compile one rule's action, without its conditions. To match a competitor still needs that one's price."""
    value = 1 + rule.value / 100 if rule.action in _PERCENTAGES else rule.value
    return Choice(
        rule.scope.amount_from,
        rule.scope.amount_until,
        int(_OPS[rule.action]),
        value.numerator,
        value.denominator,
        rule,
        None if rule.limit is None and rule.least is None else (rule.limit, rule.least),
    )


def chosen(step: Step, num: int, den: int = 1) -> Choice | None:
    """Answer the first choice whose amount window holds the amount."""
    for option in step:
        low, high = option.amount_from, option.amount_until
        if (low is None or num >= low * den) and (high is None or num < high * den):
            return option
    return None


def run(steps: Iterable[Step], num: int = 0, den: int = 1) -> tuple[int, int]:
    """Run steps on an amount, from nothing unless another is given. An amount never falls below zero on the way."""
    for step in steps:
        for low, high, op, n, d, _, bounds in step:
            if (low is not None and num < low * den) or (high is not None and num >= high * den):
                continue
            before = (num, den) if bounds else None
            if op == 1:
                num *= n
                den *= d
            elif op == 0:
                num, den = n, d
            elif op == 5:
                num = round_half_up(num, den * n) * n
                den = 1
            elif op == 2:
                num = num * d + n * den
                den *= d
            elif op == 3:
                if num * d < n * den:
                    num, den = n, d
            elif num * d > n * den:
                num, den = n, d
            if bounds and before:
                num, den = _within(bounds, before, Fraction(num, den))
            if num < 0:
                num = 0
            break
    return num, den


def _within(bounds: tuple[int | None, int | None], before: tuple[int, int], after: Fraction) -> tuple[int, int]:
    start = Fraction(*before)
    amount = start + bounded(after - start, *bounds)
    return amount.numerator, amount.denominator


def round_half_up(num: int, den: int) -> int:
    """Round a fraction that is not negative to a whole number, halves up."""
    return (2 * num + den) // (2 * den)


@lru_cache(maxsize=65_536)
def money(amount: int, currency: str) -> Money:
    """Answer the money value; equal amounts share one."""
    return Money(amount, currency)


def exact_text(value: Fraction) -> str:
    """Write a fraction exactly: `165`, `247.5`, or `100/3` where no decimal is exact."""
    twos_and_fives = value.denominator
    for prime in (2, 5):
        while twos_and_fives % prime == 0:
            twos_and_fives //= prime
    if twos_and_fives != 1:
        return f"{value.numerator}/{value.denominator}"
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def whole(value: Fraction) -> int:
    """Answer the value as a whole number. Raises InvalidValue when it is not one."""
    if value.denominator != 1:
        raise InvalidValue(f"{exact_text(value)} is not a whole number of minor units")
    return value.numerator
