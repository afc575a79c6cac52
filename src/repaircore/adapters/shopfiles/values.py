"""Reading one value exactly. Each reader takes what the file holds and answers the value, or raises Unreadable."""

import re
from collections.abc import Callable, Collection
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from repaircore.adapters.shopfiles.records import Unreadable, hint
from repaircore.domain.money import digits

E = TypeVar("E", bound=StrEnum)

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NUMBER = re.compile(r"[+-]?(\d{1,15})(?:\.(\d{1,15}))?")
_FLAGS = {"yes": True, "true": True, "no": False, "false": False}
_SEPARATOR = ";"
MOST_TEXT = 10_000


def text(value: object) -> str:
    """Read words, in one line or several."""
    if not isinstance(value, str):
        raise Unreadable(f"{value!r} is not a text: write it in quotation marks")
    if len(value) > MOST_TEXT:
        raise Unreadable(f"has {len(value):,} characters: at most {MOST_TEXT:,} are read")
    return value.strip()


def identifier(value: object) -> str:
    """Read an id: small letters, digits and single hyphens."""
    if not (isinstance(value, str) and is_identifier(value)):
        raise Unreadable(f"{value!r} is not an id: use small letters, digits and hyphens, such as 'iphone-13-pro'")
    return value


def is_identifier(name: str) -> bool:
    """Say whether the name is fit for an id."""
    return _ID.fullmatch(name) is not None


def flag(value: object) -> bool:
    """Read yes or no."""
    found = value if isinstance(value, bool) else _FLAGS.get(str(value).casefold())
    if found is None:
        raise Unreadable(f"{value!r} is neither yes nor no")
    return found


def whole(value: object) -> int:
    """Read a whole number, zero or more."""
    number = _number(value)
    if number.denominator != 1 or number < 0:
        raise Unreadable(f"{value!r} is not a whole number")
    return int(number)


def count(value: object) -> int:
    """Read a whole number, one or more."""
    number = whole(value)
    if number == 0:
        raise Unreadable("must be at least 1")
    return number


def year(value: object) -> int:
    """Read a year, four digits from 1900 to 2100."""
    if isinstance(value, bool) or not re.fullmatch(r"19\d\d|20\d\d|2100", str(value)):
        raise Unreadable(f"{value!r} is not a year")
    return int(str(value))


def factor(value: object) -> Fraction:
    """Read a number to multiply by, exactly; not negative."""
    number = _number(value)
    if number < 0:
        raise Unreadable(f"{value!r} is negative: a factor is 0 or more")
    return number


def percentage(value: object) -> Fraction:
    """Read a percentage, exactly: 20 raises by a fifth, -10 lowers by a tenth."""
    return _number(value)


def signed_money(currency: str) -> Callable[[object], int]:
    """Read an amount in major units (150, 12.50, -5) as minor units."""

    def read(value: object) -> int:
        number, places = _number(value), digits(currency)
        decimals = len(str(value).partition(".")[2])
        if decimals > places:
            raise Unreadable(f"{value!r} has {decimals} decimals; {currency} has {places}")
        return int(number * 10**places)

    return read


def money(currency: str) -> Callable[[object], int]:
    """Read an amount in major units (150, 12.50) that is not negative, as minor units."""

    def read(value: object) -> int:
        amount = signed_money(currency)(value)
        if amount < 0:
            raise Unreadable(f"{value!r} is negative: an amount is 0 or more")
        return amount

    return read


def one_of(kind: str, known: Collection[str]) -> Callable[[object], str]:
    """Read one of the known names. With no names known yet, every name passes: their own file is told to be at fault."""

    def read(value: object) -> str:
        name = text(value)
        if known and name not in known:
            raise Unreadable(f"no {kind} {name!r}{hint(name, known)}")
        return name

    return read


def member(kind: str, names: type[E]) -> Callable[[object], E]:
    """Read one member of an enumeration by its value."""
    read = one_of(kind, [item.value for item in names])
    return lambda value: names(read(value))


def several(parse: Callable[[object], str]) -> Callable[[object], tuple[str, ...]]:
    """Read one or more: a list, or in a cell a text with semicolons between."""

    def read(value: object) -> tuple[str, ...]:
        match value:
            case list():
                return tuple(parse(part) for part in value)
            case str():
                return tuple(parse(part.strip()) for part in value.split(_SEPARATOR) if part.strip())
            case _:
                return (parse(value),)

    return read


def _number(value: object) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | str) or not _NUMBER.fullmatch(str(value)):
        raise Unreadable(f"{value!r} is not a number: write it like 150 or 12.50")
    return Fraction(str(value))
