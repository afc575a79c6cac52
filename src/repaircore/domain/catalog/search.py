"""Finding a device by what people type: `iphone 13 pro`, `iphone13 pro`, `s21 ultra`, `S24+`."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from enum import IntEnum

from attrs import frozen

_PARTS = re.compile(r"[a-z]+|\d+")
_WORDS = re.compile(r"[^\W_]+")


def words(text: str) -> tuple[str, ...]:
    """Split into plain lower-case words: no accents, no punctuation, and `+` is the word `plus`."""
    plain = unicodedata.normalize("NFKD", text.replace("+", " plus ")).casefold()
    return tuple(_WORDS.findall("".join(letter for letter in plain if not unicodedata.combining(letter))))


class Closeness(IntEnum):
    """How well a name fits, best first."""

    EXACT = 0  # it is one of the device's names
    WHOLE_WORDS = 1  # every word asked for is a word of the name
    BEGINNINGS = 2  # every word asked for begins a word of the name
    INSIDE = 3  # every word asked for is somewhere in the name


@frozen
class Entry:
    """One device as the search sees it, prepared once."""

    id: str
    names: frozenset[str]
    haystack: str
    words: frozenset[str]
    length: int

    @classmethod
    def of(cls, device_id: str, names: Sequence[str]) -> "Entry":
        """Prepare a device known by these names; the first is its full name."""
        split = [words(name) for name in names]
        compact = ["".join(parts) for parts in split]
        whole = {word for parts in split for word in parts}
        pieces = {piece for word in whole for piece in _PARTS.findall(word)}
        return cls(device_id, frozenset(compact), "|".join(compact), frozenset(whole | pieces), len(compact[0]))

    def closeness(self, asked: Sequence[str]) -> Closeness | None:
        """Say how well these words fit, or None when one of them is nowhere in the names."""
        if "".join(asked) in self.names:
            return Closeness.EXACT
        if not all(word in self.haystack for word in asked):
            return None
        if all(self._has(word) for word in asked):
            return Closeness.WHOLE_WORDS
        if all(any(known.startswith(word) for known in self.words) for word in asked):
            return Closeness.BEGINNINGS
        return Closeness.INSIDE

    def _has(self, word: str) -> bool:
        return word in self.words or self.words.issuperset(_PARTS.findall(word) or (word,))


def rank(entries: Iterable[Entry], q: str) -> list[tuple[Closeness, int, str]]:
    """Answer (closeness, length of the name, id) of every device that fits, unsorted; nothing asked for fits all."""
    asked = words(q)
    if not asked:
        return [] if q.strip() else [(Closeness.EXACT, 0, entry.id) for entry in entries]
    fits = ((entry.closeness(asked), entry) for entry in entries)
    return [(closeness, entry.length, entry.id) for closeness, entry in fits if closeness is not None]
