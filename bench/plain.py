"""The plainest program that computes the same prices: for each step a loop over its rules, the most specific first, until one fits.

It knows what the repair shop's rulebook needs and nothing else: no explanation, no receipt, no currency, one promotion code,
no discount on the order. A rulebook that asks for more is refused rather than priced wrongly.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from attrs import evolve, frozen

from repaircore.domain.pricing.facts import Facts, Item
from repaircore.domain.pricing.rules import Action, Per, Rule, Rulebook, Scope, Stage, TaxRounding
from repaircore.domain.pricing.scoping import specificity

LINE_STEPS = (
    *("base", "device_factor", "complexity", "condition", "urgency", "season"),
    *("discounts", "floor_cap minimum", "floor_cap maximum", "rounding"),
)
FEE, TAX, DEPOSIT = "fees per order", "tax", "deposit"
STEPS = (*LINE_STEPS, FEE, TAX, DEPOSIT)

Job = dict[str, str | int]  # the facts that rules look at, of one line
Effect = Sequence[str | int]  # an action, and its value as numerator and denominator
Condition = tuple[str, Collection[str | int]]  # a fact, and what it may be
Found = Mapping[str, Effect | None]  # by step, what the rule that fits does

# Scope field, and the fact of the job that it is held against.
FIELDS = (
    ("models", "model"),
    ("brand", "brand"),
    ("category", "category"),
    ("services", "service"),
    ("urgencies", "urgency"),
    ("fulfilments", "fulfilment"),
    ("conditions", "condition"),
    ("complexities", "complexity"),
    ("months", "month"),
    ("promo_codes", "promo_code"),
)
_LAST_YEAR = 9999


class Untranslatable(Exception):
    """A rule asks for what the plain program does not know."""


class Bill(NamedTuple):
    """What a job comes to, in minor units: its lines, the fee, the tax inside, the total, the deposit."""

    lines: tuple[int, ...]
    fee: int
    tax: int
    total: int
    deposit: int


@frozen(eq=False)
class Row:
    """A rule: the facts that it asks for with what they may be, and what it does."""

    id: str
    conditions: tuple[Condition, ...]
    effect: Effect


Steps = Mapping[str, Sequence[Row]]


def steps_of(rulebook: Rulebook) -> Steps:
    """Translate the rulebook: by step, its rules, the most specific first. Raises Untranslatable."""
    if rulebook.tax_rounding is not TaxRounding.LINE or rulebook.groups or rulebook.market_most is not None:
        raise Untranslatable("taxes per document, groups of discounts, bounds of the market")
    steps: dict[str, list[Row]] = {step: [] for step in STEPS}
    for rule in sorted(rulebook.rules, key=lambda rule: specificity(rule.scope), reverse=True):
        if rule.contest not in steps:
            raise Untranslatable(f"{rule.id}: a step {rule.contest!r}")
        steps[rule.contest].append(Row(rule.id, _conditions(rule), _effect(rule)))
    return steps


def plain(rulebook: Rulebook) -> Callable[[Facts], Bill]:
    """Make the program."""
    return looping(steps_of(rulebook))


def looping(steps: Steps) -> Callable[[Facts], Bill]:
    """Make the program for steps that are translated already."""

    def price(facts: Facts) -> Bill:
        return billed([{step: _first(rows, job) for step, rows in steps.items()} for job in jobs_of(facts)])

    return price


def jobs_of(facts: Facts) -> list[Job]:
    """Answer what rules look at, line by line."""
    return [_job(facts, item) for item in facts.items]


def billed(found: Sequence[Found]) -> Bill:
    """Compute the bill from what was found for each line; what is for the order stands in the first."""
    order = found[0]
    lines = tuple([_amount(each) for each in found])
    fee = _value(order[FEE])
    tax, share = order[TAX], order[DEPOSIT]
    total = sum(lines) + fee
    due = 0 if tax is None else sum([_part(amount, tax, inclusive=True) for amount in (*lines, fee)])
    return Bill(lines, fee, due, total, 0 if share is None else min(total, _part(total, share)))


def _first(rows: Sequence[Row], job: Job) -> Effect | None:
    for row in rows:
        for name, allowed in row.conditions:
            if job[name] not in allowed:
                break
        else:
            return row.effect
    return None


def _amount(found: Found) -> int:
    num, den = 0, 1
    for step in LINE_STEPS:
        effect = found[step]
        if effect is None:
            continue
        action, n, d = effect
        assert isinstance(n, int)
        assert isinstance(d, int)
        if action == "multiply":
            num, den = num * n, den * d
        elif action == "round_to":
            num, den = (2 * num + den * n) // (2 * den * n) * n, 1
        elif action == "set" or (num * d < n * den if action == "minimum" else num * d > n * den):
            num, den = n, d
    return (2 * num + den) // (2 * den)


def _value(effect: Effect | None) -> int:
    return 0 if effect is None else int(effect[1])


def _part(amount: int, percent: Effect, *, inclusive: bool = False) -> int:
    num, den = int(percent[1]), 100 * int(percent[2])
    if inclusive:
        den += num
    return (2 * amount * num + den) // (2 * den)


def _job(facts: Facts, item: Item) -> Job:
    device = facts.device
    (code,) = facts.promo_codes or ("",)
    return {
        "model": device.id,
        "brand": device.brand,
        "category": device.category,
        "year": device.year or 0,
        "service": item.service_id,
        "urgency": facts.urgency,
        "fulfilment": facts.fulfilment,
        "condition": facts.condition,
        "complexity": facts.complexity,
        "month": facts.local_time.month,
        "promo_code": code,
    }


def _conditions(rule: Rule) -> tuple[Condition, ...]:
    scope = rule.scope
    known = {field: getattr(Scope(), field) for field, _ in FIELDS}
    if evolve(scope, **known, year_from=None, year_until=None) != Scope():
        raise Untranslatable(f"{rule.id}: a condition on something else")
    asked: list[Condition] = [
        (fact, _allowed(getattr(scope, field))) for field, fact in FIELDS if getattr(scope, field)
    ]
    if scope.year_from is not None or scope.year_until is not None:
        asked.append(("year", range(scope.year_from or 1, (scope.year_until or _LAST_YEAR) + 1)))
    return tuple(asked)


def _allowed(asked: str | Iterable[str | int]) -> frozenset[str | int]:
    return frozenset({asked} if isinstance(asked, str) else asked)


def _effect(rule: Rule) -> Effect:
    action, value = rule.action, rule.value
    if rule.limit is not None or rule.least is not None or rule.group or rule.valid_from or rule.valid_until:
        raise Untranslatable(f"{rule.id}: a limit, a group or dates")
    if (rule.per is Per.LINE and action is Action.ADD) or (rule.stage is Stage.TAX and not rule.inclusive):
        raise Untranslatable(f"{rule.id}: {action} in {rule.stage}")
    if rule.stacks != bool(rule.scope.promo_codes):
        raise Untranslatable(f"{rule.id}: of what stacks, only promotion codes, of which a job has one")
    if action is Action.PERCENT and rule.stage not in (Stage.TAX, Stage.DEPOSIT):
        action, value = Action.MULTIPLY, 1 + Fraction(value) / 100
    return (action.value, value.numerator, value.denominator)
