"""What staff agreed on, explained: it takes the place of what the rules come to."""

from fractions import Fraction

from attrs import evolve

from repaircore.domain.money import Money
from repaircore.domain.pricing.considering import Considered, row
from repaircore.domain.pricing.explaining_taxes import ToldLine
from repaircore.domain.pricing.matching import Situation
from repaircore.domain.pricing.overrides import CODE as AGREED
from repaircore.domain.pricing.rules import Stage

_ZERO = Fraction(0)


def agreed(situation: Situation, code: str, amount: Fraction) -> tuple[list[Considered], Fraction]:
    """Put the price that staff agreed on in the place of the rules' own: the last word on a line or a fee."""
    override = situation.facts.override
    for price in override.prices if override else ():
        if override and price.line == code:
            instead = Fraction(price.amount)
            return [row(AGREED, Stage.ROUNDING, amount, instead, situation, code, override.reason)], instead
    return [], amount


def settled(order: Situation, lines: list[ToldLine]) -> tuple[list[Considered], list[ToldLine]]:
    """Bring the order to the subtotal that staff agreed on: every line bears its share, as the taxes see it."""
    override, subtotal = order.facts.override, sum((line.at.amount for line in lines), start=_ZERO)
    if override is None or override.order is None or override.order == subtotal:
        return [], lines
    weights = [int(line.at.amount) for line in lines]
    shares = Money(override.order, order.currency).allocate(weights if any(weights) else [1] * len(lines))
    told = row(AGREED, Stage.ROUNDING, subtotal, Fraction(override.order), order, "", override.reason)
    borne = [
        evolve(line, at=evolve(line.at, amount=Fraction(share.amount)))
        for line, share in zip(lines, shares, strict=True)
    ]
    return [told], borne
