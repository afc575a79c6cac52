"""Sets of numbered things as integers, and texts looked through all at once."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from attrs import frozen

Bits = int
"""A set of numbers: bit n is set when n is in it. `&` is what two sets share."""


def bits_of(numbers: Iterable[int], size: int) -> Bits:
    """Gather numbers below `size` in a set."""
    flags = bytearray(size // 8 + 1)
    for number in numbers:
        flags[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(flags, "little")


def numbers_in(bits: Bits) -> Iterator[int]:
    """Answer the numbers in a set, rising."""
    flags = format(bits, "b")[::-1]
    at = flags.find("1")
    while at >= 0:
        yield at
        at = flags.find("1", at + 1)


_FREQUENT = 16  # a piece that one text in so many holds
_FEW = 32
"""Up to so many numbers are kept as they are: as a set they would take more room, most of it empty."""


@frozen
class Postings:
    """Who has which word. Rare words, which are most, keep their numbers; frequent ones a set."""

    size: int
    _few: Mapping[str, Collection[int]]
    _many: Mapping[str, Bits]

    @classmethod
    def of(cls, found: Mapping[str, Collection[int]], size: int) -> "Postings":
        """Prepare what was found."""
        few = {word: tuple(numbers) for word, numbers in found.items() if len(numbers) <= _FEW}
        many = {word: bits_of(numbers, size) for word, numbers in found.items() if len(numbers) > _FEW}
        return cls(size, few, many)

    def __contains__(self, word: str) -> bool:
        return word in self._few or word in self._many

    def __getitem__(self, word: str) -> Bits:
        """Answer who has the word; nobody, if it is unknown."""
        few = self._few.get(word)
        return self._many.get(word, 0) if few is None else bits_of(few, self.size)

    def is_frequent(self, word: str) -> bool:
        """Whether many have the word."""
        return word in self._many

    def any_of(self, wanted: Iterable[str]) -> Bits:
        """Answer who has one of the words."""
        numbers: list[int] = []
        together = 0
        for word in wanted:
            numbers += self._few.get(word, ())
            together |= self._many.get(word, 0)
        return together | bits_of(numbers, self.size)


@frozen
class Haystack:
    """Texts one after the other, so that a piece is looked for in all of them at once."""

    text: str
    starts: Sequence[int]
    texts: Sequence[str]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Haystack":
        """Join texts; none of them has a line break."""
        starts, joined, end = [0], list[str](), 0
        for text in texts:
            joined.append(text)
            end += len(text) + 1
            starts.append(end)
        return cls("\n".join(joined), starts, joined)

    def holding(self, piece: str) -> Iterable[int]:
        """Answer the place of every text that holds the piece. A frequent one is looked for text by text, which is quicker."""
        if self.text.count(piece) * _FREQUENT > len(self.texts):
            return [place for place, text in enumerate(self.texts) if piece in text]
        return self._rarely(piece)

    def holding_among(self, piece: str, places: Iterable[int]) -> Iterator[int]:
        """Answer those of the places whose text holds the piece."""
        return (place for place in places if piece in self.texts[place])

    def _rarely(self, piece: str) -> Iterator[int]:
        at = self.text.find(piece)
        while at >= 0:
            place = bisect_right(self.starts, at) - 1
            yield place
            at = self.text.find(piece, self.starts[place + 1])
