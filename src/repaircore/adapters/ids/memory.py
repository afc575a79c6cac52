"""Identifiers that a test can foresee."""

from hashlib import sha256
from itertools import count


class PredictableIds:
    """Counts: `bk_00000001`, `pay_00000002`, … Its random numbers are the same in every run, and differ within one."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def new(self, prefix: str) -> str:
        """Make the next id."""
        return f"{prefix}_{next(self._numbers):08d}"

    def number(self, bits: int) -> int:
        """Draw a number below 2**bits."""
        return int.from_bytes(self._digest()) >> (256 - bits) if bits else 0

    def secret(self) -> str:
        """Draw a text of 256 bits."""
        return self._digest().hex()

    def _digest(self) -> bytes:
        return sha256(b"predictable %d" % next(self._numbers)).digest()
