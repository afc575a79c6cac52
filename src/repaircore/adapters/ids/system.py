"""Identifiers that sort by the time of making and cannot be guessed."""

import os
import secrets
import time
from collections.abc import Callable
from typing import Final

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32
_PAIRS: Final = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_MILLISECOND: Final = 1_000_000
_FIVE_BYTES: Final = 1 << 40


class SystemIds:
    """48 bits of milliseconds and 80 random ones; inside one millisecond the random part only goes up."""

    def __init__(self, nanoseconds: Callable[[], int] = time.time_ns) -> None:
        self._nanoseconds = nanoseconds
        self._latest = 0
        self._stamp = ""
        self._high = self._low = 0  # 40 random bits each

    def new(self, prefix: str) -> str:
        """Make an id such as `bk_01jd6v3m9q8r5t7w2x4y6z0abc`."""
        now = self._nanoseconds() // _MILLISECOND
        if now > self._latest:
            self._begin(now)
        else:
            self._go_on()
        return f"{prefix}_{self._stamp}{_written(self._high)}{_written(self._low)}"

    def _begin(self, millisecond: int) -> None:
        self._latest = millisecond
        self._stamp = _PAIRS[millisecond >> 40] + _written(millisecond % _FIVE_BYTES)
        self._high, self._low = _drawn(), _drawn()

    def _go_on(self) -> None:
        carry, self._low = divmod(self._low + 1 + _drawn(), _FIVE_BYTES)
        self._high += carry
        if self._high == _FIVE_BYTES:
            self._begin(self._latest + 1)

    def number(self, bits: int) -> int:
        """Draw a number below 2**bits."""
        return secrets.randbits(bits)

    def secret(self) -> str:
        """Draw an unguessable URL-safe text of 256 bits."""
        return secrets.token_urlsafe(32)


def _drawn() -> int:
    return int.from_bytes(os.urandom(5))


def _written(number: int) -> str:
    """Write 40 bits as 8 characters."""
    return f"{_PAIRS[number >> 30]}{_PAIRS[number >> 20 & 1023]}{_PAIRS[number >> 10 & 1023]}{_PAIRS[number & 1023]}"
