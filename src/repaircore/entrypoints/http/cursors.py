"""Opaque cursors: where a page ended, with a check that tells garbage and cursors of other lists from our own."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2s
from typing import TypeVar

from repaircore.entrypoints.http.refusals import FieldError, InvalidRequest
from repaircore.ports.unit_of_work import Position

_CHECK_BYTES = 6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

T = TypeVar("T")


def write(list_name: str, place: str) -> str:
    """Write a cursor of that list."""
    raw = place.encode()
    return urlsafe_b64encode(_check(list_name, raw) + raw).rstrip(b"=").decode()


def read(list_name: str, cursor: str) -> str:
    """Read a cursor back. Raises InvalidRequest for anything that this list did not hand out."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        decoded = urlsafe_b64decode(padded)
        check, raw = decoded[:_CHECK_BYTES], decoded[_CHECK_BYTES:]
        if check == _check(list_name, raw) and write(list_name, raw.decode()) == cursor:
            return raw.decode()
    except (Base64Error, ValueError):
        pass
    raise InvalidRequest([FieldError("/cursor", "is not a cursor of this list: start without one", "invalid_cursor")])


def of_position(list_name: str, at: datetime, id: str) -> str:
    """Write a cursor to a place in time."""
    return write(list_name, f"{(at - _EPOCH) // _MICROSECOND}_{id}")


def position(list_name: str, cursor: str) -> Position | None:
    """Read a cursor to a place in time; None for none."""
    if not cursor:
        return None
    microseconds, _, id = read(list_name, cursor).partition("_")
    return Position(at=_EPOCH + timedelta(microseconds=int(microseconds)), id=id)


def page(
    list_name: str, items: Sequence[T], *, limit: int, cursor: str, key: Callable[[T], str]
) -> tuple[Sequence[T], str | None]:
    """Cut one page out of a list that is held in memory, from just behind the item the cursor names."""
    start = 0
    if cursor:
        place = read(list_name, cursor)
        start = next((index + 1 for index, item in enumerate(items) if key(item) == place), len(items))
    shown = items[start : start + limit]
    more = start + limit < len(items)
    return shown, write(list_name, key(shown[-1])) if more else None


def _check(list_name: str, raw: bytes) -> bytes:
    return blake2s(raw, digest_size=_CHECK_BYTES, key=list_name.encode()[:32]).digest()
