"""Why this price: every rule considered, whether it fired, and if not, the first condition that failed.

This walks the rules one by one with plain fractions, apart from the compiled programs of `engine.py`; the two must agree.
"""

from fractions import Fraction

from attrs import evolve, frozen

from repaircore.domain.pricing.considering import Considered, Figure, contest, precedence
from repaircore.domain.pricing.explaining_agreed import agreed, settled
from repaircore.domain.pricing.explaining_choices import Choice, rules_of
from repaircore.domain.pricing.explaining_lines import LINE_STAGES, MARKET_CAP, explained_line
from repaircore.domain.pricing.explaining_orders import explained_deposit, order_discounts
from repaircore.domain.pricing.explaining_taxes import ToldLine, ToldTaxes
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.matching import Situation
from repaircore.domain.pricing.program import allocated
from repaircore.domain.pricing.rules import Per, Rulebook, Stage
from repaircore.domain.pricing.ways import Ways, ways

__all__ = ["LINE_STAGES", "MARKET_CAP", "Considered", "Figure", "explain", "precedence"]

_ZERO = Fraction(0)


def explain(rulebook: Rulebook, facts: Facts) -> tuple[Considered, ...]:
    """List every rule in pipeline order: line by line, then the order's fees and discounts, the taxes, and the deposit."""
    return tuple(_walked(rulebook, facts, _choice(rulebook, facts)).rows)


@frozen
class _Walk:
    """All rules held against the quote, and the total that it came to."""

    rows: list[Considered]
    total: Fraction

    @property
    def discounts(self) -> str:
        """The ids of the discounts that applied."""
        fired = (row.rule_id for row in self.rows if row.fired and row.stage is Stage.DISCOUNTS)
        return " and ".join(dict.fromkeys(fired))


def _choice(rulebook: Rulebook, facts: Facts) -> Choice:
    known = ways(rulebook)
    return _choice_of(known, rulebook, facts) if known else Choice()


def _choice_of(known: Ways, rulebook: Rulebook, facts: Facts) -> Choice:
    """Walk all ways, and take the one that the engine takes."""
    bare, *walks = [_walked(rulebook, facts, Choice(way)) for way in (known.bare, *known.alone)]
    total, place = min((walk.total, place) for place, walk in enumerate(walks))
    if total < bare.total:
        why = f"not together with {walks[place].discounts}, which leaves no room for other discounts"
        return Choice(known.alone[place], why)
    return Choice(known.usual, "alone on the quote it would take nothing off")


def _walked(rulebook: Rulebook, facts: Facts, choice: Choice) -> _Walk:
    services = frozenset(item.service_id for item in facts.items)
    order = Situation(facts=facts, services=services, amount=_ZERO, currency=rulebook.currency)
    rows, lines = _items(rulebook, order, choice)
    subtotal = sum((line.at.amount for line in lines), start=_ZERO)
    fees = rules_of(rulebook, Stage.FEES, per=Per.ORDER)
    outcome = contest(fees, evolve(order, amount=subtotal), "", lambda fee, _: fee.value, running=False)
    rows += outcome.rows
    room = sum(line.room for line in lines)
    told, reduced = order_discounts(rulebook, evolve(order, amount=subtotal), room, choice)
    rows += told
    shares = allocated(reduced, [line.room for line in lines], rulebook.currency)
    lines = [
        evolve(line, at=evolve(line.at, amount=line.at.amount - off)) for line, off in zip(lines, shares, strict=True)
    ]
    for fee in outcome.fired:
        told, amount = agreed(order, fee.id, fee.value)
        rows += told
        lines.append(ToldLine(code=fee.id, at=evolve(order, amount=amount, kind=fee.kind or "fee")))
    told, lines = settled(order, lines)
    taxed = ToldTaxes(rulebook, lines)
    total = sum((line.at.amount for line in lines), start=_ZERO) + taxed.on_top
    return _Walk([*rows, *told, *taxed.rows, *explained_deposit(rulebook, evolve(order, amount=total))], total)


def _items(rulebook: Rulebook, order: Situation, choice: Choice) -> tuple[list[Considered], list[ToldLine]]:
    rows: list[Considered] = []
    lines = []
    for item in order.facts.items:
        own = evolve(order, services=(item.service_id,), items=(item,))
        told, line = explained_line(rulebook, own, item.service_id, choice)
        rows += told
        lines.append(
            evolve(line, at=evolve(line.at, amount=line.at.amount * item.quantity), room=line.room * item.quantity)
        )
    return rows, lines
