"""A filter of bookings as prepared statements and their parameters.

Words are looked for by the one that fewest bookings know. Counting stops at four thousand; where there are fewer, whatever is found
is looked at. With more, a word is a walk through its bookings in the order of the list until the page is full, and so is a beginning that
not too many words have; or else the bookings themselves are walked.
"""

import asyncio
from collections.abc import Sequence
from itertools import compress
from typing import Any, Final

from attrs import frozen

from repaircore.adapters.storage.encoding import EARLIEST, LATEST, instant, to_json
from repaircore.adapters.storage.relational.gathering import Reader, Row
from repaircore.adapters.storage.searching import Wanted, wanted
from repaircore.ports.unit_of_work import BookingFilter, Position

MOST_COUNTED: Final = 4000
"""Bookings of a word: that many are as good as any number."""

MOST_SPELLED: Final = 64
"""Words with one beginning that are walked side by side."""

_BEFORE_ANY_ID: Final = ""
_AFTER_ANY_ID: Final = "\U0010ffff"
_BEHIND_A_WORD: Final = "!"  # sorts before every letter and digit
_BEHIND_A_BEGINNING: Final = "\U0010ffff"  # sorts behind them

Key = tuple[str, str]


@frozen
class Words:
    """How words are looked for: along the bookings of `spelled` that know the `others`, or through all of them."""

    patterns: Sequence[str]
    spelled: Sequence[str] | None = None
    others: Sequence[str] = ()

    @property
    def part(self) -> str:
        """What the statement is called by."""
        return "words" if self.spelled is None else "spelled"


async def find(
    reader: Reader, filter: BookingFilter, limit: int, after: Position | None, newest_first: bool
) -> Sequence[Row]:
    """Read a page of bookings."""
    text = wanted(filter.text) if filter.text.strip() else None
    words = None
    if text is not None and text.exact is None:
        words = await words_for(reader, text)
        if words is None:
            return ()
    statement, parameters = _search(filter, text, words, limit, after, newest_first)
    return await (reader.all if words is None else reader.far)(statement, parameters)


async def words_for(reader: Reader, text: Wanted) -> Words | None:
    """Choose the way; None when nothing can be found."""
    if not text.words:
        return None
    *whole, last = text.words
    ranges = [*((word, word + _BEHIND_A_WORD) for word in whole), (last, last + _BEHIND_A_BEGINNING)]
    counts = await asyncio.gather(*(_count(reader, *each) for each in ranges))
    fewest = min(counts)
    if not fewest:
        return None
    if whole and fewest in counts[:-1]:
        return _along(whole[counts.index(fewest)], text)
    few = fewest < MOST_COUNTED
    spelled = await _spelled(reader, *ranges[-1], MOST_COUNTED if few else MOST_SPELLED + 1)
    if few or len(spelled) <= MOST_SPELLED:
        return Words(text.patterns, spelled, whole)
    return _along(whole[0], text) if whole else Words(text.patterns)


def _along(word: str, text: Wanted) -> Words:
    return Words(text.patterns, [word], [other for other in text.words[:-1] if other != word])


async def _count(reader: Reader, low: str, high: str) -> int:
    row = await reader.first("word_count", (low, high, MOST_COUNTED))
    return row[0] if row else 0


async def _spelled(reader: Reader, low: str, high: str, most: int) -> list[str]:
    return [row[0] for row in await reader.all("words_spelled", (low, high, high, most))]


def _search(
    filter: BookingFilter,
    text: Wanted | None,
    words: Words | None,
    limit: int,
    after: Position | None,
    newest_first: bool,
) -> tuple[str, tuple[Any, ...]]:
    """Name the statement; what a list is filtered by belongs to the keys between which its page lies."""
    by = words.part if words else text.exact if text else None
    sides = ("status" if filter.status else "", "technician" if filter.technician_id else "", by or "")
    name = "_".join(("bookings", *compress(sides, sides), "newest" if newest_first else "oldest"))
    fits = tuple(each for each in (filter.technician_id, filter.status) if each)
    above, below = _bounds(filter, after, newest_first)
    if words and words.spelled is not None:
        values = to_json(words.spelled), *fits, to_json(words.others), to_json(words.patterns), *above, *below, limit
    elif words:
        values = to_json(words.patterns), *fits, *above, *fits, *below
    elif text:
        values = *fits, text.value, *above, *below
    else:
        values = *fits, *above, *fits, *below
    return name, (*values, limit)


def _bounds(filter: BookingFilter, after: Position | None, newest_first: bool) -> tuple[Key, Key]:
    above = (instant(filter.created_from) if filter.created_from else EARLIEST, _BEFORE_ANY_ID)
    below = (instant(filter.created_until), _BEFORE_ANY_ID) if filter.created_until else (LATEST, _AFTER_ANY_ID)
    if after is None:
        return above, below
    last = (instant(after.at), after.id)
    return (above, min(below, last)) if newest_first else (max(above, last), below)
