"""Sets of numbered things as integers, and texts looked through all at once."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence, Sized

from attrs import frozen

Bits = int
"""A set of numbers: bit n is set when n is in it. `&` is what two sets share."""


_FEW = 8


def bits_of(numbers: Iterable[int], size: int) -> Bits:
    """Gather numbers below `size` in a set."""
    if isinstance(numbers, Sized) and len(numbers) <= _FEW:
        return union(1 << number for number in numbers)
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


def union(sets: Iterable[Bits]) -> Bits:
    """Gather what is in any of the sets."""
    together = 0
    for each in sets:
        together |= each
    return together


@frozen
class Haystack:
    """Texts one after the other, so that a piece is looked for in all of them at once."""

    text: str
    starts: Sequence[int]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Haystack":
        """Join texts; none of them has a line break."""
        starts, joined, end = [0], [], 0
        for text in texts:
            joined.append(text)
            end += len(text) + 1
            starts.append(end)
        return cls("\n".join(joined), starts)

    def holding(self, piece: str) -> Iterator[int]:
        """Answer the place of every text that holds the piece."""
        at = self.text.find(piece)
        while at >= 0:
            place = bisect_right(self.starts, at) - 1
            yield place
            at = self.text.find(piece, self.starts[place + 1])
