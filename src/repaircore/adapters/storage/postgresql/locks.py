"""Advisory locks: what two transactions may not do at the same moment, wherever they come from.

They are held until the end of the transaction. Those of ordering keys and promotion codes are taken first and in the order of
their numbers, the one of events last, so nobody waits in a circle.
"""

from functools import lru_cache
from hashlib import blake2b
from typing import Final

_EVENTS: Final = b"events"


def lock_of_key(ordering_key: str) -> int:
    """The lock of whoever changes which job of an ordering key comes next."""
    return _number(b"key", ordering_key)


def lock_of_code(code: str) -> int:
    """The lock of whoever uses a promotion code."""
    return _number(b"code", code)


@lru_cache(maxsize=1024)
def _number(kind: bytes, name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8, person=kind).digest(), "big", signed=True)


EVENTS: Final = _number(_EVENTS, "")
"""The lock of whoever appends events: so their positions are given in the order of commits."""
