"""JSON from outside, read into a type or refused."""

from typing import TypeVar

import msgspec

from repaircore.domain.errors import InvalidValue

_Value = TypeVar("_Value")


class Unreadable(Exception):
    """Not JSON, not of this type, or nested without end."""


def read(body: bytes, kind: type[_Value]) -> _Value:
    """Read the bytes as one value of that type. Raises Unreadable, whatever is in them."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, InvalidValue) as error:
        raise Unreadable(f"this is not a {kind.__name__}") from error
