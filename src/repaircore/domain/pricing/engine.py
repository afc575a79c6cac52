"""The pricing engine: facts and a compiled rulebook in, lines, taxes, total and deposit out. Pure, exact and fast."""

from repaircore.domain.pricing.compiling import CompiledRulebook, compile_rulebook
from repaircore.domain.pricing.exact import money
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.program import Tax, line_taxes
from repaircore.domain.pricing.quote import Line, LineKind, Priced, TaxTotal

__all__ = ["ENGINE_VERSION", "CompiledRulebook", "compile_rulebook", "price"]

ENGINE_VERSION = "1"  # part of every receipt: change it when the same facts and rules would give another price


def price(compiled: CompiledRulebook, facts: Facts) -> Priced:
    """Price the facts by the rulebook. Raises NotOffered, with a pointer, for a service that has no base price."""
    currency = compiled.rulebook.currency
    plan = compiled.plan(facts)
    order = plan.order
    taxes: dict[str, tuple[Tax, int]] = {}
    lines = []
    subtotal = 0
    for item, program in zip(facts.items, plan.lines, strict=True):
        unit = program.unit()
        amount = unit * item.quantity
        subtotal += amount
        lines.append(
            Line(
                code=item.service_id,
                description=item.name,
                kind=LineKind.REPAIR,
                quantity=item.quantity,
                unit=money(unit, currency),
                amount=money(amount, currency),
            )
        )
        if program.taxes:
            _add(taxes, line_taxes(program.taxes, amount))
    for line in order.fee_lines(subtotal, currency):
        lines.append(line)
        subtotal += line.amount.amount
        _add(taxes, line_taxes(order.taxes, line.amount.amount))
    total = subtotal + sum([due for tax, due in taxes.values() if not tax.inclusive])
    deposit, refundable = order.deposit_of(total)
    return Priced(
        lines=tuple(lines),
        subtotal=money(subtotal, currency),
        taxes=_totals(taxes, currency),
        total=money(total, currency),
        deposit=money(deposit, currency),
        deposit_refundable=refundable,
    )


def _add(taxes: dict[str, tuple[Tax, int]], due: list[tuple[Tax, int]]) -> None:
    for tax, amount in due:
        already = taxes.get(tax.key)
        taxes[tax.key] = (tax, amount if already is None else already[1] + amount)


def _totals(taxes: dict[str, tuple[Tax, int]], currency: str) -> tuple[TaxTotal, ...]:
    return tuple([tax.total(money(amount, currency)) for tax, amount in taxes.values()])
