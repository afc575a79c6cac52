"""From the rules that fit an order to what is decided once for all of it: fees, discounts, the fees' taxes, the deposit."""

from repaircore.domain.pricing.conditions import Case
from repaircore.domain.pricing.contests import choices, winners
from repaircore.domain.pricing.exact import Step
from repaircore.domain.pricing.program import OrderDiscounts, OrderProgram
from repaircore.domain.pricing.projecting import Contest, Contests
from repaircore.domain.pricing.rules import LINE_KINDS, Action, Rulebook, Stage

_TAX = Stage.TAX.value
_FEES = f"{Stage.FEES} per order"
_DISCOUNTS, _IN_GROUPS = f"{Stage.DISCOUNTS} per order", f"{Stage.DISCOUNTS} in groups per order"
_DEPOSIT = Stage.DEPOSIT.value
_MINIMUM, _MAXIMUM = (f"{_DEPOSIT} {bound}" for bound in (Action.MINIMUM, Action.MAXIMUM))


def order_program(rulebook: Rulebook, contests: Contests, case: Case, *, at_kinds: bool) -> OrderProgram:
    """Decide an order's rules; `at_kinds` tells its fees apart by kind for their taxes."""
    due = contests.get(_TAX) or Contest()
    return OrderProgram(
        fees=_steps(contests, _FEES, case),
        taxes=due.taxes(Case(*case[:2], "fee")),
        deposit=_deposit(contests, _DEPOSIT, case),
        deposit_minimum=_deposit(contests, _MINIMUM, case),
        deposit_maximum=_deposit(contests, _MAXIMUM, case),
        discounts=_discounts(rulebook, contests, case),
        by_kind={kind: due.taxes(case._replace(kind=kind)) for kind in LINE_KINDS} if at_kinds else {},
    )


def _steps(contests: Contests, name: str, case: Case) -> tuple[Step, ...]:
    contest = contests.get(name)
    return contest.steps(case) if contest else ()


def _deposit(contests: Contests, name: str, case: Case) -> Step:
    contest = contests.get(name)
    return choices(winners(contest, case, stacking=True), case) if contest else ()


def _discounts(rulebook: Rulebook, contests: Contests, case: Case) -> OrderDiscounts | None:
    steps = _steps(contests, _DISCOUNTS, case)
    in_groups = tuple([one.rule for one in contests.get(_IN_GROUPS, ()) if one.holds(case)])
    return OrderDiscounts(steps, in_groups, rulebook.groups) if steps or in_groups else None
