"""What each process has counted, where all of them can read it: memory that they share, and that is gone with the last of them."""

from collections.abc import Iterator
from mmap import mmap
from struct import Struct
from typing import Final
from zlib import crc32

PARENT: Final = 0
"""The parent's place."""

_HEAD: Final = Struct("<II")  # how long it is, and its checksum
_ROOM: Final = 1 << 20  # bytes for each of a place's two sheets; what is never written takes no memory


class Board:
    """A place for each process, numbered from 0. Made before any of them is started; each writes at its own place alone."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._memory = mmap(-1, places * (1 + 2 * _ROOM))

    def post(self, place: int, told: bytes) -> None:
        """Replace what is told there. Whoever is killed in the middle of it leaves what was told before. Raises ValueError for
        more than there is room for."""
        if len(told) > _ROOM - _HEAD.size:
            raise ValueError(f"{len(told)} bytes are too many for a place of the board")
        sheet = 1 - self._memory[self._at(place)]
        start = self._sheet(place, sheet)
        self._memory[start : start + _HEAD.size] = _HEAD.pack(len(told), crc32(told))
        self._memory[start + _HEAD.size : start + _HEAD.size + len(told)] = told
        self._memory[self._at(place)] = sheet

    def read(self, place: int) -> bytes:
        """Answer what is told there; nothing, while nothing is that can be read."""
        start = self._sheet(place, self._memory[self._at(place)])
        length, checksum = _HEAD.unpack_from(self._memory, start)
        told = self._memory[start + _HEAD.size : start + _HEAD.size + min(length, _ROOM)]
        return told if crc32(told) == checksum else b""

    def __iter__(self) -> Iterator[bytes]:
        """Read every place, in order."""
        return map(self.read, range(self._places))

    def _at(self, place: int) -> int:
        return place * (1 + 2 * _ROOM)

    def _sheet(self, place: int, sheet: int) -> int:
        return self._at(place) + 1 + sheet * _ROOM
