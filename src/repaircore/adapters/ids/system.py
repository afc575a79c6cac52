"""Identifiers that sort by the time of making and cannot be guessed."""

import secrets
import time
from collections.abc import Callable
from typing import Final

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32
_PAIRS: Final = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_RANDOM_BITS: Final = 80


class SystemIds:
    """48 bits of milliseconds and 80 random ones; inside one millisecond the random part only goes up."""

    def __init__(self, nanoseconds: Callable[[], int] = time.time_ns) -> None:
        self._nanoseconds = nanoseconds
        self._last = 0

    def new(self, prefix: str) -> str:
        """Make an id such as `bk_01jd6v3m9q8r5t7w2x4y6z0abc`."""
        fresh = self._nanoseconds() // 1_000_000 << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
        if fresh >> _RANDOM_BITS <= self._last >> _RANDOM_BITS:
            fresh = self._last + 1 + secrets.randbits(40)
        self._last = fresh
        return f"{prefix}_{_written(fresh)}"

    def number(self, bits: int) -> int:
        """Draw a number below 2**bits."""
        return secrets.randbits(bits)

    def secret(self) -> str:
        """Draw an unguessable URL-safe text of 256 bits."""
        return secrets.token_urlsafe(32)


def _written(number: int) -> str:
    """Write 128 bits as 26 characters."""
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])
