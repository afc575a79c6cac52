"""How words are looked for, by how many bookings know them."""

from collections.abc import Sequence
from typing import Any

import pytest
from attrs import field, frozen

from repaircore.adapters.storage.relational.gathering import Row
from repaircore.adapters.storage.relational.searching import MOST_COUNTED, MOST_SPELLED, Words, words_for
from repaircore.adapters.storage.searching import wanted


@frozen
class Known:
    """A reader of words and how many bookings know each; no more are told than were asked for."""

    words: dict[str, int]
    asked: list[str] = field(factory=list)
    told: list[int] = field(factory=list)

    async def all(self, statement: str, parameters: Sequence[Any] = ()) -> Sequence[Row]:
        rows = self._found(statement, parameters)
        self.asked.append(statement)
        self.told.append(len(rows))
        return rows

    def _found(self, statement: str, parameters: Sequence[Any]) -> Sequence[Row]:
        low, high, most = parameters[0], parameters[1], parameters[-1]
        found = {word: known for word, known in sorted(self.words.items()) if low <= word < high}
        if statement == "word_count":
            return [(min(sum(found.values()), most),)]
        return [(word,) for word in found][:most]

    async def first(self, statement: str, parameters: Sequence[Any] = ()) -> Row | None:
        return (await self.all(statement, parameters))[0]

    far = all


MANY = MOST_COUNTED * 2
FEW = {f"bo{number}": 1 for number in range(MOST_SPELLED * 2)}
CROWDS = {f"bo{number}": MANY for number in range(MOST_SPELLED * 2)}


@pytest.mark.parametrize(
    ("known", "typed", "walked", "others"),
    [
        ({"jo": 7, "iphone": MANY}, "jo iphone", ["jo"], []),
        ({"jo": 7, "iphone": MANY}, "iphone jo", ["jo"], ["iphone"]),
        ({"jo": MANY, "iphone": MANY}, "jo iphone", ["jo"], []),
        ({"jo": 7, "bo": MANY, "iphone": MANY}, "bo jo iph", ["jo"], ["bo"]),
        ({"iphone": MANY, "iphone2": 3}, "iph", ["iphone", "iphone2"], []),
        (FEW, "bo", sorted(FEW), []),
        (CROWDS, "bo", None, []),
        ({**CROWDS, "jo": MANY}, "jo bo", ["jo"], []),
    ],
    ids=["whole", "last", "as frequent", "of three", "two words", "many rare words", "many words", "one of many"],
)
async def test_the_rarest_is_walked(
    known: dict[str, int], typed: str, walked: list[str] | None, others: list[str]
) -> None:
    """The bookings of the rarest word, those of all words with that beginning, or, where those are too many, all bookings."""
    text = wanted(typed)
    found = await words_for(Known(known), text)

    assert found is not None
    assert (found.patterns, found.spelled, list(found.others)) == (text.patterns, walked, others)


async def test_what_nobody_knows_is_not_looked_for() -> None:
    """Neither a word that is in no booking, nor a text without any."""
    reader = Known({"jo": MANY})

    assert await words_for(reader, wanted("jo xyz")) is None
    assert reader.asked == ["word_count", "word_count"]
    assert await words_for(reader, wanted("%")) is None


async def test_no_more_words_are_told_than_are_walked() -> None:
    """Of a beginning that very many words have, only whether they are too many; to tell them all took as long as to find the page."""
    reader = Known({f"bo{number}": MANY for number in range(MOST_COUNTED)})

    assert await words_for(reader, wanted("bo")) == Words((" bo",))
    assert reader.told == [1, MOST_SPELLED + 1]
