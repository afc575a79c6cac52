"""Putting agreed prices into a quote: checked against what the rules alone give, then in the place of it."""

from collections.abc import Sequence

from attrs import evolve

from repaircore.domain.actors import Actor
from repaircore.domain.errors import InvalidValue, ReasonRequired
from repaircore.domain.money import Money
from repaircore.domain.pricing.overrides import CODE, AgreedPrice, Override, OverrideLimits
from repaircore.domain.pricing.quote import Line, LineKind, Priced

_DAY = 24 * 3600


def agree(override: Override, limits: OverrideLimits, priced: Priced, *, by: Actor) -> None:
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
        _check(price, f"/prices/{index}", limits, priced, by)


def _check(price: AgreedPrice, pointer: str, limits: OverrideLimits, priced: Priced, by: Actor) -> None:
    if price.amount < 0:
        raise InvalidValue("a price is not below zero", pointer=f"{pointer}/amount")
    charged = [line for line in priced.lines if line.unit.amount >= 0]
    named = [line for line in charged if line.code == price.line]
    if price.line and not named:
        codes = ", ".join(line.code for line in charged)
        raise InvalidValue(
            f"the quote has no line {price.line!r} with a price; it has {codes}", pointer=f"{pointer}/line"
        )
    before = [line.unit.amount for line in named] or [_subtotal(priced)]
    for amount in before:
        limits.check(price, amount, by)


def _subtotal(priced: Priced) -> int:
    return sum(line.amount.amount for line in priced.lines if line.kind is not LineKind.RELIEF)


def agreed_lines(override: Override, lines: Sequence[Line]) -> list[Line]:
    """Put the agreed prices in the place of the lines' own."""
    prices = {price.line: price.amount for price in override.prices}
    return [_at(line, prices[line.code]) if line.code in prices and line.unit.amount >= 0 else line for line in lines]


def _at(line: Line, unit: int) -> Line:
    each = Money(unit, line.unit.currency)
    return evolve(line, unit=each, amount=each * line.quantity, labour=None, parts=None)


def settled(
    override: Override, lines: list[Line], items: list[int], fees: list[int]
) -> tuple[list[Line], list[int], list[int]]:
    """Bring the lines to the agreed subtotal by one more line, shared by the taxable amounts in proportion, exactly.

    `items` and `fees` are the taxable amounts; answers all three as they are then.
    """
    subtotal = sum(line.amount.amount for line in lines)
    if override.order is None or override.order == subtotal:
        return lines, items, fees
    currency = lines[0].amount.currency
    change = Money(override.order - subtotal, currency)
    kind = LineKind.DISCOUNT if change.amount < 0 else LineKind.FEE
    line = Line(code=CODE, description=override.reason, kind=kind, quantity=1, unit=change, amount=change)
    taxable = [*items, *fees]
    weights = taxable if any(taxable) else [1] * len(taxable)
    parts = [part.amount for part in Money(override.order, currency).allocate(weights)]
    return [*lines, line], parts[: len(items)], parts[len(items) :]
