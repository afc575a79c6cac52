"""A filter of bookings as one of the prepared statements and its parameters."""

from typing import Any, Final

from attrs import frozen

from repaircore.adapters.storage.encoding import EARLIEST, LATEST, instant, to_json
from repaircore.adapters.storage.searching import wanted
from repaircore.ports.unit_of_work import BookingFilter, Position

_BEFORE_ANY_ID: Final = ""
_AFTER_ANY_ID: Final = "\U0010ffff"

Key = tuple[str, str]


@frozen
class Search:
    """Which statement, with what. A long one looks at every booking in its bounds."""

    statement: str
    parameters: tuple[Any, ...]
    long: bool


def search_for(filter: BookingFilter, limit: int, after: Position | None, newest_first: bool) -> Search:
    """Choose the statement; its last parameters are the two keys between which the page lies."""
    parts, values = ["bookings"], list[Any]()
    if filter.status:
        parts.append("status")
        values.append(filter.status.value)
    if filter.technician_id:
        parts.append("technician")
        values.append(filter.technician_id)
    text = wanted(filter.text) if filter.text.strip() else None
    if text is not None:
        parts.append(text.exact.value if text.exact else "words")
        values.append(text.value if text.exact else to_json(text.words))
    parts.append("newest" if newest_first else "oldest")
    above, below = _bounds(filter, after, newest_first)
    return Search("_".join(parts), (*values, *above, *below, limit), text is not None and text.exact is None)


def _bounds(filter: BookingFilter, after: Position | None, newest_first: bool) -> tuple[Key, Key]:
    above = (instant(filter.created_from) if filter.created_from else EARLIEST, _BEFORE_ANY_ID)
    below = (instant(filter.created_until), _BEFORE_ANY_ID) if filter.created_until else (LATEST, _AFTER_ANY_ID)
    if after is None:
        return above, below
    last = (instant(after.at), after.id)
    return (above, min(below, last)) if newest_first else (max(above, last), below)
