"""From the rules that fit a device and service to the price of one: stage by stage, exactly, rounded once at the end."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from repaircore.domain.errors import NotOffered
from repaircore.domain.pricing.conditions import Case, competitor_price
from repaircore.domain.pricing.contests import Candidate, choices, open_ended, resolved, winners
from repaircore.domain.pricing.effects import effect
from repaircore.domain.pricing.exact import WHOLE_MINOR_UNIT, Step, chosen, run
from repaircore.domain.pricing.facts import DeviceFacts
from repaircore.domain.pricing.program import LABOUR, PARTS, REPAIR, Components, LineProgram
from repaircore.domain.pricing.projecting import Contest, Contests
from repaircore.domain.pricing.rules import COMPONENTS, Action, GroupMode, Rule, Rulebook, Stage
from repaircore.domain.pricing.stacking import exclusive, grouped
from repaircore.domain.pricing.taxing import Taxes

Ratio = tuple[int, int]

_BASE, _ROUNDING, _TAX, _DISCOUNTS = (stage.value for stage in (Stage.BASE, Stage.ROUNDING, Stage.TAX, Stage.DISCOUNTS))
_IN_GROUPS = f"{_DISCOUNTS} in groups"
_MINIMUM, _MAXIMUM = (f"{Stage.FLOOR_CAP} {bound}" for bound in (Action.MINIMUM, Action.MAXIMUM))
_EARLY = (Stage.DEVICE_FACTOR, Stage.COMPLEXITY, Stage.CONDITION, Stage.URGENCY)
_LATE = (Stage.SEASON, Stage.FEES)
COMPONENT_ACTIONS = (Action.SET, Action.MULTIPLY, Action.PERCENT, Action.ADD)
_COMPONENT = {stage: tuple(f"{stage} {action}" for action in COMPONENT_ACTIONS) for stage in COMPONENTS}
OFFERING = (_BASE, *(contests[0] for contests in _COMPONENT.values()))


def line_program(
    rulebook: Rulebook,
    contests: Contests,
    case: Case,
    device: DeviceFacts,
    service: str,
    *,
    pointer: str,
    at_kinds: bool,
) -> LineProgram:
    """Price one of a service; `at_kinds` tells labour and parts apart for its taxes.

    Raises NotOffered where nothing says what the work or the parts cost.
    """
    if not any(winners(contests.get(contest, ()), case) for contest in OFFERING):
        raise NotOffered(f"{service} is not offered for {device.name}", pointer=pointer)
    _refuse_missing_parts(contests.get(OFFERING[-1], ()), case, f"{service} for {device.name}", pointer)
    components, amount = None, _run(contests, (_BASE,), case, (0, 1))
    if any(contest in contests for names in _COMPONENT.values() for contest in names):
        components, amount = _composed(contests, case, amount)
    amount = _run(contests, _EARLY, case, amount)
    amount = _market(rulebook, contests, case, amount)
    amount = _run(contests, _LATE, case, amount)
    amount = _discounted(rulebook, contests, case, amount)
    amount, floor = _floored(contests, case, amount)
    amount = _run(contests, (_MAXIMUM, _ROUNDING), case, amount)
    last = winners(contests.get(_ROUNDING, ()), case)
    unit, _ = amount if last and open_ended(last[-1]) else run((_WHOLE,), *amount)
    due = contests.get(_TAX) or Contest()
    return LineProgram(unit, floor, due.taxes(case), components, _by_kind(due, case) if components and at_kinds else ())


def _refuse_missing_parts(parts: Sequence[Candidate], case: Case, job: str, pointer: str) -> None:
    """Refuse a grade that no part is to be had in: without their cost, the price would be for labour alone."""
    if any(one.rule.scope.grades for one in parts) and not winners(parts, case):
        raise NotOffered(
            f"{job} is not offered with parts of that grade", pointer=pointer.replace("service_id", "grade")
        )


_WHOLE: Step = (WHOLE_MINOR_UNIT,)


def _run(contests: Contests, names: Sequence[str], case: Case, amount: Ratio) -> Ratio:
    for name in names:
        if candidates := contests.get(name):
            amount = run(candidates.steps(case), *amount)
    return amount


def _composed(contests: Contests, case: Case, base: Ratio) -> tuple[Components | None, Ratio]:
    """Add labour and parts to the base price, and remember what is what. A line without either is no composed one."""
    labour, parts = (_run(contests, _COMPONENT[stage], case, (0, 1)) for stage in COMPONENTS)
    amounts = [Fraction(*part) for part in (base, labour, parts)]
    if not any(amounts[1:]):
        return None, base
    scale = lcm(*(amount.denominator for amount in amounts))
    weights = tuple(int(amount * scale) for amount in amounts)
    total = sum(amounts, start=Fraction(0))
    composed = Components((weights[0], weights[1], weights[2]), _cost(contests, case), _labour_cost(contests, case))
    return composed, (total.numerator, total.denominator)


def _cost(contests: Contests, case: Case) -> int | None:
    """Answer what the parts cost before the mark-up, to the minor unit; None where nothing says so."""
    bought = _COMPONENT[Stage.PARTS][:2]
    if not winners(contests.get(bought[0], ()), case):
        return None
    cost, _ = run((_WHOLE,), *_run(contests, bought, case, (0, 1)))
    return cost


def _labour_cost(contests: Contests, case: Case) -> int | None:
    """Answer what the work costs at the usual hours; None where nothing says so."""
    won = winners(contests.get(_COMPONENT[Stage.LABOUR][0], ()), case)
    return won[0].rule.cost if won else None


def _market(rulebook: Rulebook, contests: Contests, case: Case, before: Ratio) -> Ratio:
    after = _run(contests, (Stage.MARKET.value,), case, before)
    if rulebook.market_most is None and rulebook.market_least is None:
        return after
    amount = capped(rulebook, Fraction(*before), Fraction(*after))
    return amount.numerator, amount.denominator


def capped(rulebook: Rulebook, before: Fraction, after: Fraction) -> Fraction:
    """Keep the whole effect of the market within the rulebook's bounds."""
    if rulebook.market_most is not None:
        after = min(after, before * (1 + rulebook.market_most / 100))
    if rulebook.market_least is not None:
        after = max(after, before * (1 + rulebook.market_least / 100))
    return after


def _discounted(rulebook: Rulebook, contests: Contests, case: Case, amount: Ratio) -> Ratio:
    members = contests.get(_IN_GROUPS)
    if not members:
        return _run(contests, (_DISCOUNTS,), case, amount)
    rules, modes = [one.rule for one in members if one.holds(case)], rulebook.groups
    price = competitor_price(case)

    def at(rule: Rule, start: Fraction) -> Fraction | None:
        return effect(rule, start, price) if _fits(rule, start) else None

    alone = exclusive(rules, modes, Fraction(*amount), at)
    if alone:
        return alone.after.numerator, alone.after.denominator
    amount = _run(contests, (_DISCOUNTS,), case, amount)
    others = [rule for rule in rules if modes[rule.group] is not GroupMode.EXCLUSIVE]
    taken = grouped(others, modes, Fraction(*amount), at)
    return (taken[-1].after.numerator, taken[-1].after.denominator) if taken else amount


def _fits(rule: Rule, amount: Fraction) -> bool:
    low, high = rule.scope.amount_from, rule.scope.amount_until
    return (low is None or amount >= low) and (high is None or amount < high)


def _floored(contests: Contests, case: Case, amount: Ratio) -> tuple[Ratio, int]:
    """Apply the minimum, and answer it too: discounts on the order respect it."""
    floor = Fraction(0)
    for step in resolved(contests.get(_MINIMUM, ()), case):
        options = choices(step, case)
        option = chosen(options, *amount)
        if option:
            floor = max(floor, Fraction(option.num, option.den))
        amount = run((options,), *amount)
    return amount, -(-floor.numerator // floor.denominator)


def _by_kind(due: Contest, case: Case) -> tuple[tuple[str, Taxes], ...]:
    return tuple((kind, due.taxes(case._replace(kind=kind))) for kind in (REPAIR, LABOUR, PARTS))
