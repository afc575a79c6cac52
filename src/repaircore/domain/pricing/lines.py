"""From the rules that fit a device and service to the price of one: stage by stage, exactly, rounded once at the end."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from repaircore.domain.errors import NotOffered
from repaircore.domain.pricing.conditions import Case, competitor_price
from repaircore.domain.pricing.contests import NOBODY, Decision
from repaircore.domain.pricing.effects import effect
from repaircore.domain.pricing.exact import WHOLE_MINOR_UNIT, Step, chosen, run
from repaircore.domain.pricing.facts import DeviceFacts
from repaircore.domain.pricing.program import LABOUR, PARTS, REPAIR, Components, LineProgram
from repaircore.domain.pricing.projecting import Contest, Contests
from repaircore.domain.pricing.rules import COMPONENTS, Action, GroupMode, Rule, Rulebook, Stage
from repaircore.domain.pricing.stacking import exclusive, grouped
from repaircore.domain.pricing.taxing import Taxes

Ratio = tuple[int, int]

_BASE, _MARKET, _ROUNDING, _TAX, _DISCOUNTS = (
    stage.value for stage in (Stage.BASE, Stage.MARKET, Stage.ROUNDING, Stage.TAX, Stage.DISCOUNTS)
)
_IN_GROUPS = f"{_DISCOUNTS} in groups"
_MINIMUM, _MAXIMUM = (f"{Stage.FLOOR_CAP} {bound}" for bound in (Action.MINIMUM, Action.MAXIMUM))
_EARLY = tuple(stage.value for stage in (Stage.DEVICE_FACTOR, Stage.COMPLEXITY, Stage.CONDITION, Stage.URGENCY))
_LATE = (Stage.SEASON.value, Stage.FEES.value)
_BEFORE_DISCOUNTS = (*_EARLY, _MARKET, *_LATE)
COMPONENT_ACTIONS = (Action.SET, Action.MULTIPLY, Action.PERCENT, Action.ADD)
_COMPONENT = {stage: tuple(f"{stage} {action}" for action in COMPONENT_ACTIONS) for stage in COMPONENTS}
_COMPOSING = frozenset(contest for contests in _COMPONENT.values() for contest in contests)
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
    if not any(_decided(contests, name, case).winners for name in OFFERING):
        raise NotOffered(f"{service} is not offered for {device.name}", pointer=pointer)
    components, amount = None, _run(contests, (_BASE,), case, (0, 1))
    if not _COMPOSING.isdisjoint(contests):
        _refuse_missing_parts(contests, case, f"{service} for {device.name}", pointer)
        components, amount = _composed(contests, case, amount)
    amount = _staged(rulebook, contests, case, amount)
    amount = _discounted(rulebook, contests, case, amount)
    amount, floor = _floored(contests, case, amount)
    amount = _run(contests, (_MAXIMUM, _ROUNDING), case, amount)
    last = _decided(contests, _ROUNDING, case).winners
    unit, _ = amount if last and last[-1].is_open_ended else run((_WHOLE,), *amount)
    due = contests.get(_TAX) or Contest()
    return LineProgram(unit, floor, due.taxes(case), components, _by_kind(due, case) if components and at_kinds else ())


def _decided(contests: Contests, name: str, case: Case) -> Decision:
    contest = contests.get(name)
    return NOBODY if contest is None else contest.decided(case)


def _refuse_missing_parts(contests: Contests, case: Case, job: str, pointer: str) -> None:
    """Refuse a grade that no part is to be had in: without their cost, the price would be for labour alone."""
    parts = contests.get(OFFERING[-1], ())
    if any(one.rule.scope.grades for one in parts) and not _decided(contests, OFFERING[-1], case).winners:
        raise NotOffered(
            f"{job} is not offered with parts of that grade", pointer=pointer.replace("service_id", "grade")
        )


_WHOLE: Step = (WHOLE_MINOR_UNIT,)


def _run(contests: Contests, names: Sequence[str], case: Case, amount: Ratio) -> Ratio:
    steps = [step for name in names if name in contests for step in contests[name].steps(case)]
    return run(steps, *amount) if steps else amount


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
    if not _decided(contests, bought[0], case).winners:
        return None
    cost, _ = run((_WHOLE,), *_run(contests, bought, case, (0, 1)))
    return cost


def _labour_cost(contests: Contests, case: Case) -> int | None:
    """Answer what the work costs at the usual hours; None where nothing says so."""
    won = _decided(contests, _COMPONENT[Stage.LABOUR][0], case).winners
    return won[0].rule.cost if won else None


def _staged(rulebook: Rulebook, contests: Contests, case: Case, amount: Ratio) -> Ratio:
    """Run the stages between the base price and the discounts."""
    if rulebook.market_most is None and rulebook.market_least is None:
        return _run(contests, _BEFORE_DISCOUNTS, case, amount)
    before = _run(contests, _EARLY, case, amount)
    after = capped(rulebook, Fraction(*before), Fraction(*_run(contests, (_MARKET,), case, before)))
    return _run(contests, _LATE, case, (after.numerator, after.denominator))


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
    num, den = 0, 1
    for step in _decided(contests, _MINIMUM, case).steps:
        option = chosen(step, *amount)
        if option and option.num * den > num * option.den:
            num, den = option.num, option.den
        amount = run((step,), *amount)
    return amount, -(-num // den)


def _by_kind(due: Contest, case: Case) -> tuple[tuple[str, Taxes], ...]:
    return tuple((kind, due.taxes(case._replace(kind=kind))) for kind in (REPAIR, LABOUR, PARTS))
