"""The pricing engine: facts and a compiled rulebook in, lines, taxes, total and deposit out. Pure, exact and fast."""

from repaircore.domain.pricing.compiling import CompiledRulebook, compile_rulebook
from repaircore.domain.pricing.exact import money, run
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.program import Plan, Tax
from repaircore.domain.pricing.quote import Line, LineKind, Priced

__all__ = ["ENGINE_VERSION", "CompiledRulebook", "compile_rulebook", "price"]

ENGINE_VERSION = "1"  # part of every receipt: change it when the same facts and rules would give another price

_REPAIR = LineKind.REPAIR


def price(compiled: CompiledRulebook, facts: Facts) -> Priced:
    """Price the facts by the rulebook. Raises NotOffered, with a pointer, for a service that has no base price."""
    currency = compiled.rulebook.currency
    plan = compiled.plan(facts)
    order = plan.order
    lines = _lines(plan, facts, currency)
    subtotal = sum([line.amount.amount for line in lines])
    taxed = [(program.taxes, line) for program, line in zip(plan.lines, lines, strict=True)]
    if order.fees:
        fees = order.fee_lines(subtotal, currency)
        lines += fees
        subtotal += sum([line.amount.amount for line in fees])
        taxed += [(order.taxes, line) for line in fees]
    taxes: dict[str, tuple[Tax, int]] = {}
    for due, line in taxed:
        for tax, amount in due.of(line.amount.amount):
            taxes[tax.key] = (tax, amount + taxes[tax.key][1] if tax.key in taxes else amount)
    total = subtotal + sum([amount for tax, amount in taxes.values() if not tax.inclusive])
    deposit, refundable = order.deposit_of(total) if order.deposit else (0, True)
    return Priced(
        lines=tuple(lines),
        subtotal=money(subtotal, currency),
        taxes=tuple([tax.total(money(amount, currency)) for tax, amount in taxes.values()]),
        total=money(total, currency),
        deposit=money(deposit, currency),
        deposit_refundable=refundable,
    )


def _lines(plan: Plan, facts: Facts, currency: str) -> list[Line]:
    lines = []
    for item, program in zip(facts.items, plan.lines, strict=True):
        unit, _ = run(program.steps)  # the last step rounds to whole minor units
        lines.append(
            Line(
                code=item.service_id,
                description=item.name,
                kind=_REPAIR,
                quantity=item.quantity,
                unit=money(unit, currency),
                amount=money(unit * item.quantity, currency),
            )
        )
    return lines
