"""Money: integer minor units of one currency, and the only ways to divide and round it."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Self

from attrs import field, frozen

from repaircore.domain.errors import CurrencyMismatch, InvalidValue

# Digits after the decimal point, ISO 4217 (list of 2026-01-01), where they are not two.
_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"), 0),
    **dict.fromkeys(("PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


def digits(currency: str) -> int:
    """Answer how many digits the currency's minor unit has: GBP 2, JPY 0, KWD 3."""
    return _DIGITS.get(currency, 2)


class Rounding(StrEnum):
    """How an exact amount becomes whole units."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    UP = "up"
    DOWN = "down"


def round_ratio(numerator: int, denominator: int, rounding: Rounding = Rounding.HALF_UP) -> int:
    """Round the exact fraction to a whole number. Halves go away from zero under HALF_UP; UP is away from zero."""
    if denominator <= 0:
        raise InvalidValue("a denominator must be positive")
    sign = -1 if numerator < 0 else 1
    whole, rest = divmod(abs(numerator), denominator)
    match rounding:
        case Rounding.HALF_UP:
            up = 2 * rest >= denominator
        case Rounding.HALF_EVEN:
            up = 2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1)
        case Rounding.UP:
            up = rest > 0
        case Rounding.DOWN:
            up = False
    return sign * (whole + up)


@lru_cache(maxsize=1024)
def _reads_as_currency(value: str) -> bool:
    return len(value) == 3 and value.isascii() and value.isalpha() and value.isupper()


def _is_currency(_: object, __: object, value: str) -> None:
    if not _reads_as_currency(value):
        raise InvalidValue(f"{value!r} is not an ISO 4217 currency code; write three capital letters, such as GBP")


def _is_whole(_: object, __: object, value: int) -> None:
    if type(value) is not int:
        raise InvalidValue(f"an amount is a whole number of minor units, not {value!r}")


@frozen(order=False)
class Money:
    """An amount in integer minor units (pence, cents, paise; JPY has none) of one ISO 4217 currency. May be negative."""

    amount: int = field(validator=_is_whole)
    currency: str = field(validator=_is_currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing, in that currency."""
        return cls(0, currency)

    @classmethod
    def total(cls, amounts: Iterable["Money"], currency: str) -> "Money":
        """Add up amounts that must all be in `currency`; nothing adds up to zero."""
        return sum(amounts, start=Money(0, currency))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.amount * times, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount >= self._same(other)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __str__(self) -> str:
        """Write the amount for people: `GBP 165.00`, `JPY 500`, `-USD 15.00`."""
        places = digits(self.currency)
        whole, part = divmod(abs(self.amount), 10**places)
        sign = "-" if self.amount < 0 else ""
        return f"{sign}{self.currency} {whole:,}" + (f".{part:0{places}d}" if places else "")

    def share(self, *, percent: int, rounding: Rounding = Rounding.HALF_UP) -> "Money":
        """Answer that many percent of the amount, rounded once to a minor unit."""
        return Money(round_ratio(self.amount * percent, 100, rounding), self.currency)

    def allocate(self, weights: Sequence[int]) -> tuple["Money", ...]:
        """Split by weights so that the parts add up exactly; what is left over goes to the largest remainders."""
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise InvalidValue("weights must not be negative and must not all be zero")
        floors = [self.amount * weight // total for weight in weights]
        remainders = [self.amount * weight % total for weight in weights]
        missing = self.amount - sum(floors)
        for index in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[:missing]:
            floors[index] += 1
        return tuple(Money(part, self.currency) for part in floors)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not add up without an exchange rate")
        return other.amount
