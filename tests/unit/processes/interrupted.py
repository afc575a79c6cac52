"""Writers that are killed while they write on a board: `python -m tests.unit.processes.interrupted Board|Careless`."""

import os
import signal
import sys
from typing import Final
from zlib import crc32

from repaircore.entrypoints.processes.board import Board

_TEXTS: Final = [bytes([letter]) * 200_000 for letter in b"ab"]
_SUMS: Final = {text[0]: crc32(text) for text in _TEXTS}
_DEATHS: Final = 40


class Careless(Board):
    """A mistake: what is being read is written over, piece by piece."""

    def post(self, place: int, told: bytes) -> None:
        start = self._sheet(place, self._memory[self._at(place)])
        self._memory[start : start + 8] = len(told).to_bytes(4, "little") + _SUMS[told[0]].to_bytes(4, "little")
        for piece in range(0, len(told), 100):
            self._memory[start + 8 + piece : start + 108 + piece] = told[piece : piece + 100]


def main(board: Board) -> int:
    """Answer how often nothing that was written could be read after a death."""
    return sum(_survived(board) not in _TEXTS for _ in range(_DEATHS))


def _survived(board: Board) -> bytes:
    hear, tell = os.pipe()
    child = os.fork()
    if child == 0:
        while True:
            for text in _TEXTS:
                board.post(0, text)
            os.write(tell, b".")
    os.read(hear, 1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(hear)
    os.close(tell)
    return board.read(0)


if __name__ == "__main__":
    print(main({"Board": Board, "Careless": Careless}[sys.argv[1]](1)))
