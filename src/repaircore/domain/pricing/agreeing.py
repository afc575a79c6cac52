"""Putting agreed prices into a quote: checked against what the rules alone give, then in the place of it."""

from collections.abc import Sequence

from attrs import evolve

from repaircore.domain.actors import Actor
from repaircore.domain.errors import InvalidValue, ReasonRequired
from repaircore.domain.money import Money
from repaircore.domain.pricing.overrides import AgreedPrice, Override, OverrideLimits
from repaircore.domain.pricing.quote import Line, LineKind

CODE = "override"
_DAY = 24 * 3600


def agree(override: Override, limits: OverrideLimits, lines: Sequence[Line], subtotal: Money, *, by: Actor) -> None:
    """Check an override against the prices that the rules alone give. Raises ReasonRequired, InvalidValue or Forbidden."""
    limits.of(by.role)
    if not override.reason.strip():
        raise ReasonRequired("say why: to change a price needs a reason")
    held = (override.expires_at - override.at).total_seconds()
    if not 0 < held <= limits.held:
        raise InvalidValue(
            f"an agreed price is held for up to {limits.held // _DAY} days, and must not have expired",
            pointer="/expires_at",
        )
    if not override.prices or len({price.line for price in override.prices}) < len(override.prices):
        raise InvalidValue("agree on one price for each line, and one for the order at most", pointer="/prices")
    for index, price in enumerate(override.prices):
        _check(price, f"/prices/{index}", limits, lines, subtotal, by)


def _check(
    price: AgreedPrice, pointer: str, limits: OverrideLimits, lines: Sequence[Line], subtotal: Money, by: Actor
) -> None:
    if price.amount < 0:
        raise InvalidValue("a price is not below zero", pointer=f"{pointer}/amount")
    named = [line for line in lines if line.code == price.line and line.unit.amount >= 0]
    if price.line and not named:
        codes = ", ".join(line.code for line in lines if line.unit.amount >= 0)
        raise InvalidValue(
            f"the quote has no line {price.line!r} with a price; it has {codes}", pointer=f"{pointer}/line"
        )
    for before in [line.unit for line in named] or [subtotal]:
        limits.check(price, before.amount, by)


def agreed_lines(override: Override, lines: Sequence[Line]) -> list[Line]:
    """Put the agreed prices in the place of the lines' own."""
    prices = {price.line: price.amount for price in override.prices}
    return [_at(line, prices[line.code]) if line.code in prices and line.unit.amount >= 0 else line for line in lines]


def _at(line: Line, unit: int) -> Line:
    each = Money(unit, line.unit.currency)
    return evolve(line, unit=each, amount=each * line.quantity, labour=None, parts=None)


def adjustment(override: Override, subtotal: Money) -> Line | None:
    """Answer the line that brings the lines to the agreed subtotal; None where none was agreed, or none is needed."""
    if override.order is None or override.order == subtotal.amount:
        return None
    change = Money(override.order, subtotal.currency) - subtotal
    kind = LineKind.DISCOUNT if change.amount < 0 else LineKind.FEE
    return Line(code=CODE, description=override.reason, kind=kind, quantity=1, unit=change, amount=change)
