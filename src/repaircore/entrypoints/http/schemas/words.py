"""The kinds of values that requests are made of, with their limits, and the base of all bodies."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from repaircore.domain.errors import InvalidValue

Id = Annotated[str, Meta(min_length=1, max_length=100)]
Word = Annotated[str, Meta(max_length=60)]
Limit = Annotated[int, Meta(ge=1, le=100, description="How many items at most.")]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339 with offset.")]

_YEARS = range(2000, 2200)


class Body(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A request body: fields by name, unknown ones refused."""


class View(msgspec.Struct, kw_only=True):
    """A part of an answer."""


def sane(moment: datetime | None, pointer: str) -> datetime | None:
    """Refuse years in which no shop is open and with which no clock can count."""
    if moment is not None and moment.year not in _YEARS:
        raise InvalidValue(f"the year {moment.year} cannot be meant", pointer=pointer)
    return moment
