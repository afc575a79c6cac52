"""What people type to find a booking: a reference, an e-mail address or a phone number exactly, or else words.

Words are runs of letters and digits, without capitals and accents. The last one typed may be the beginning of a word.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final
from unicodedata import combining, normalize

from attrs import frozen

from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.reference import normalise_reference
from repaircore.domain.errors import InvalidValue
from repaircore.domain.pricing.loyalty import customer_key

LONGEST_WORD: Final = 40
"""Letters by which a longer word is known."""

MOST_WORDS: Final = 40
"""Words by which one booking is known."""

MOST_TYPED: Final = 8
"""Words that are looked for at once."""


class Exact(StrEnum):
    """What is compared as a whole, by the column that holds it."""

    REFERENCE = "reference"
    EMAIL = "customer_key"
    PHONE = "customer_phone"


@frozen
class Wanted:
    """A text as it is looked for: as a whole, or as words that must all be there, the last one perhaps cut short."""

    exact: Exact | None
    value: str = ""
    words: tuple[str, ...] = ()

    @property
    def patterns(self) -> Sequence[str]:
        """Answer the words as they stand in a `search_text`."""
        whole, last = self.words[:-1], self.words[-1:]
        return (*(f" {word} " for word in whole), *(f" {word}" for word in last))

    def matches(self, booking: Booking) -> bool:
        """Whether the booking is one of those looked for. A text without a letter or digit finds nothing."""
        match self.exact:
            case Exact.REFERENCE:
                return booking.reference == self.value
            case Exact.EMAIL:
                return customer_key(booking.customer.email) == self.value
            case Exact.PHONE:
                return booking.customer.phone == self.value
            case None:
                return bool(self.words) and all(pattern in search_text(booking) for pattern in self.patterns)


_PHONE: Final = re.compile(r"\+?[\d\s().-]{7,}")
_WORD: Final = re.compile(r"[^\W_]+")
_LETTERS: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})


def wanted(text: str) -> Wanted:
    """Read what was typed. A reference may be written in any of its ways, a phone number with spaces and dashes."""
    text = text.strip()
    local, at, _ = text.rpartition("@")
    if at and local and " " not in text:
        return Wanted(Exact.EMAIL, customer_key(text))
    if (reference := _reference(text)) is not None:
        return Wanted(Exact.REFERENCE, reference)
    if _PHONE.fullmatch(text):
        return Wanted(Exact.PHONE, "+" + re.sub(r"\D", "", text).removeprefix("00"))
    return Wanted(None, words=typed_words(text))


def _reference(text: str) -> str | None:
    try:
        return normalise_reference(text)
    except InvalidValue:
        return None


def typed_words(text: str) -> tuple[str, ...]:
    """Answer the words looked for, each once, and last the one that may go on."""
    words = _words(text)[:MOST_TYPED]
    return (*dict.fromkeys(words[:-1]), *words[-1:])


@lru_cache(maxsize=4096)
def words_of(name: str, device: str) -> tuple[str, ...]:
    """Answer the words that a booking is found by, each once."""
    return tuple(dict.fromkeys(_words(f"{name} {device}")))[:MOST_WORDS]


def search_words(booking: Booking) -> tuple[str, ...]:
    """Answer the words that a booking is found by, each once."""
    return words_of(booking.customer.name, booking.device.name)


def search_text(booking: Booking) -> str:
    """Answer those words as one text, a space before and behind each."""
    return as_text(search_words(booking))


def as_text(words: Sequence[str]) -> str:
    """Write words with a space before and behind each."""
    return f" {' '.join(words)} "


def _words(text: str) -> list[str]:
    return [word[:LONGEST_WORD] for word in _WORD.findall(_folded(text))]


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    letters = normalize("NFKD", normalize("NFKD", text).casefold())
    return "".join(letter for letter in letters if not combining(letter)).translate(_LETTERS)
