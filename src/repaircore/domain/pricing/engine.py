"""The pricing engine: facts and a compiled rulebook in, lines, taxes, total and deposit out. Pure, exact and fast."""

from collections.abc import Sequence

from attrs import evolve

from repaircore.domain.pricing.agreeing import agreed_lines, settled
from repaircore.domain.pricing.answers import Answer
from repaircore.domain.pricing.compiled import CompiledRulebook
from repaircore.domain.pricing.compiling import compile_rulebook
from repaircore.domain.pricing.exact import money
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.program import Plan, allocated, discount_lines
from repaircore.domain.pricing.quote import Line, LineKind, Priced
from repaircore.domain.pricing.rules import Rulebook, TaxRounding
from repaircore.domain.pricing.taxing import TaxBill, Taxes

__all__ = ["ENGINE_VERSION", "CompiledRulebook", "answer", "compile_rulebook", "price"]

ENGINE_VERSION = "1"  # part of every receipt: change it when the same facts and rules would give another price

_REPAIR = LineKind.REPAIR


def price(compiled: CompiledRulebook, facts: Facts) -> Priced:
    """Price the facts by the rulebook. Raises NotOffered, with a pointer, for a service that has no base price."""
    return answer(compiled, facts).priced


def answer(compiled: CompiledRulebook, facts: Facts) -> Answer:
    """Price the facts as `price` does; who asks what was asked before shares the answer."""
    plan = compiled.plan(facts)
    if facts.override is not None:
        return Answer(_best(compiled.rulebook, plan, facts))
    asked = tuple([(item.name, item.quantity) for item in facts.items])
    found = plan.answers.get(asked)
    if found is None:
        plan.keep(asked, found := Answer(_best(compiled.rulebook, plan, facts)))
    return found


def _best(rulebook: Rulebook, plan: Plan, facts: Facts) -> Priced:
    rivals = plan.rivals
    if rivals is not None:
        least = min([_priced(rulebook, one, facts) for one in rivals.alone], key=lambda one: one.total.amount)
        if least.total.amount < _priced(rulebook, rivals.bare, facts).total.amount:
            return least
    return _priced(rulebook, plan, facts)


def _priced(rulebook: Rulebook, plan: Plan, facts: Facts) -> Priced:
    currency = rulebook.currency
    order = plan.order
    override = facts.override
    lines = _lines(plan, facts, currency)
    if override is not None:
        lines = agreed_lines(override, lines)
    amounts = [line.amount.amount for line in lines]
    fees = order.fee_lines(sum(amounts), currency) if order.fees else []
    if override is not None:
        fees = [(taxes, agreed_lines(override, [line])[0]) for taxes, line in fees]
    discounts = _discounts(plan, lines, currency) if order.discounts else []
    if discounts:
        reduction = -sum([line.amount.amount for line in discounts])
        shares = allocated(reduction, _rooms(plan, lines), currency)
        amounts = [amount - share for amount, share in zip(amounts, shares, strict=True)]
    lines += [line for _, line in fees] + discounts
    charged = [line.amount.amount for _, line in fees]
    if override is not None:
        lines, amounts, charged = settled(override, lines, amounts, charged)
    bill = _taxed(plan, amounts, fees, charged, rulebook)
    if bill.reliefs:
        lines += bill.relief_lines(currency)
    totals = bill.totals()
    subtotal = sum([line.amount.amount for line in lines])
    total = subtotal + sum([amount for tax, amount in totals if not tax.inclusive])
    deposit, refundable = order.deposit_of(total) if order.deposit else (0, True)
    return Priced(
        lines=tuple(lines),
        subtotal=money(subtotal, currency),
        taxes=tuple([tax.total(money(amount, currency)) for tax, amount in totals]),
        total=money(total, currency),
        deposit=money(deposit, currency),
        deposit_refundable=refundable,
    )


def _taxed(
    plan: Plan, amounts: Sequence[int], fees: Sequence[tuple[Taxes, Line]], charged: Sequence[int], rulebook: Rulebook
) -> TaxBill:
    by_document = TaxRounding.DOCUMENT
    bill = TaxBill(rulebook.tax_rounding is by_document, rulebook.relief_rounding is by_document)
    for program, amount in zip(plan.lines, amounts, strict=True):
        if program.by_kind:
            for taxes, part in program.taxed(amount, rulebook.currency):
                bill.add(taxes, part)
        else:
            bill.add(program.taxes, amount)
    for (taxes, _), amount in zip(fees, charged, strict=True):
        bill.add(taxes, amount)
    return bill


def _lines(plan: Plan, facts: Facts, currency: str) -> list[Line]:
    lines = []
    for item, program in zip(facts.items, plan.lines, strict=True):
        amount = money(program.unit * item.quantity, currency)
        line = Line(
            code=item.service_id,
            description=item.name,
            kind=_REPAIR,
            quantity=item.quantity,
            unit=money(program.unit, currency),
            amount=amount,
        )
        if program.components:
            made_of = program.components
            shares, cost, labour_cost = made_of.shares(amount), made_of.cost, made_of.labour_cost
            line = evolve(
                line,
                labour=shares["labour"],
                parts=shares["parts"],
                cost=None if cost is None else money(cost * item.quantity, currency),
                labour_cost=None if labour_cost is None else money(labour_cost * item.quantity, currency),
            )
        lines.append(line)
    return lines


def _discounts(plan: Plan, lines: list[Line], currency: str) -> list[Line]:
    assert plan.order.discounts
    subtotal = sum([line.amount.amount for line in lines])
    return discount_lines(plan.order.discounts.taken(subtotal), _rooms(plan, lines), subtotal, currency)


def _rooms(plan: Plan, lines: list[Line]) -> list[int]:
    """Answer how much each item's line can be lowered before it meets its floor."""
    return [
        max(0, line.amount.amount - program.floor * line.quantity)
        for program, line in zip(plan.lines, lines, strict=True)
    ]
