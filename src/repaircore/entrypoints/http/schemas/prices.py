"""Priced results, as JSON: shared by quotes and bookings."""

from fractions import Fraction
from functools import lru_cache

from repaircore.domain.money import Money
from repaircore.domain.pricing import quote
from repaircore.domain.pricing.exact import exact_text
from repaircore.domain.pricing.facts import DeviceFacts
from repaircore.domain.pricing.quote import LineKind
from repaircore.domain.remembering import Remembered
from repaircore.entrypoints.http.schemas.words import View


class Line(View):
    """One line: `amount` = `unit` × `quantity`; an inclusive tax is inside it."""

    code: str
    description: str
    kind: LineKind
    quantity: int
    unit: Money
    amount: Money


class Tax(View):
    """One tax over all lines. `rate` is in percent, as text, because it is exact: `20`, `9.25`. `reason` says why an exempt
    customer owes nothing."""

    name: str
    rate: str
    inclusive: bool
    amount: Money
    reason: str


class PricedDevice(View):
    """The device that the price is for."""

    id: str
    name: str
    brand: str
    category: str
    year: int | None


def _lines(priced: quote.Priced) -> list[Line]:
    """Show the lines."""
    return [
        Line(
            code=line.code,
            description=line.description,
            kind=line.kind,
            quantity=line.quantity,
            unit=line.unit,
            amount=line.amount,
        )
        for line in priced.lines
    ]


def _taxes(priced: quote.Priced) -> list[Tax]:
    """Show the taxes."""
    return [
        Tax(
            name=tax.name,
            rate=percent(tax.rate.numerator, tax.rate.denominator),
            inclusive=tax.inclusive,
            amount=tax.amount,
            reason=tax.reason,
        )
        for tax in priced.taxes
    ]


@lru_cache(maxsize=1000)
def percent(numerator: int, denominator: int) -> str:
    """Write a rate exactly: `20`, `9.25`. There are few rates and many lines."""
    return exact_text(Fraction(numerator, denominator))


def _device(facts: DeviceFacts) -> PricedDevice:
    """Show the device."""
    return PricedDevice(id=facts.id, name=facts.name, brand=facts.brand, category=facts.category, year=facts.year)


# Many quotes and bookings share a price, and what is shown of it is never changed.
lines = Remembered[quote.Priced, list[Line]](_lines, most=256)
taxes = Remembered[quote.Priced, list[Tax]](_taxes, most=256)
device = Remembered[DeviceFacts, PricedDevice](_device, most=256)
