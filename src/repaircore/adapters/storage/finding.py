"""The statements that find bookings by words.

A word is a walk along the key of `booking_words`, which is in the order of the lists. A beginning of one is as many walks as there
are words that begin so, merged: each gives no more than a page. Where too many words begin so, the bookings themselves are
walked, for then the next one that fits is near.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, and_, bindparam, delete, exists, func, literal_column, select, true, tuple_
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.sql import ClauseElement

from repaircore.adapters.storage import tables as t
from repaircore.adapters.storage.wording import ByCode, EachText, ListOf, PlaceIn

ONE: Final[ColumnElement[Any]] = literal_column("1")
ZERO: Final[ColumnElement[Any]] = literal_column("0")


def says(search: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether all the patterns are in a booking's text."""
    patterns: Any = EachText(_bind("patterns")).table_valued("value", name="patterns")
    return ~exists(select(ONE).select_from(patterns).where(PlaceIn(search, patterns.c.value) == ZERO))


def words() -> Mapping[str, ClauseElement]:
    """How many bookings know a word, counted no further than needed; which words begin so; and what a booking is found by."""
    w = t.booking_words.c
    between = and_(w.word >= _bind("low"), w.word < _bind("high"))
    some = select(ONE.label("one")).where(between).limit(_bind("most")).subquery("some")
    first = select(func.min(w.word).label("word")).where(between).cte("spelled", recursive=True)
    after = select(func.min(w.word)).where(and_(w.word > first.c.word, w.word < _bind("high"))).correlate(first)
    every = first.union_all(select(after.scalar_subquery()).where(first.c.word.is_not(None)))
    given: Any = EachText(_bind("words")).table_valued("value", name="given")
    return {
        "word_count": select(func.count()).select_from(some),
        "words_spelled": select(every.c.word).where(every.c.word.is_not(None)).limit(_bind("most")),
    } | {"word_add": _add(given), "word_drop": _drop(given)}


def _add(given: Any) -> ClauseElement:
    rows = select(given.c.value, _bind("created_at"), _bind("booking_id")).select_from(given).where(true())
    return insert(t.booking_words).from_select(list(t.booking_words.c), rows).on_conflict_do_nothing()


def _drop(given: Any) -> ClauseElement:
    w = t.booking_words.c
    of_booking = and_(w.created_at == _bind("created_at"), w.booking_id == _bind("booking_id"))
    return delete(t.booking_words).where(and_(of_booking, w.word.in_(select(given.c.value).select_from(given))))


def spelled(by_status: bool, by_technician: bool, newest_first: bool) -> ClauseElement:
    """Bookings that know one of the words and fit otherwise: a page of each word, and of those together the first ones."""
    listed = t.bookings.alias("b")
    each: Any = EachText(_bind("words")).table_valued("value", name="v")
    page = select(ListOf(_page(by_status, by_technician, newest_first).c.booking_id)).scalar_subquery()
    found: Any = EachText(page).table_valued("value", name="i")
    ids = select(found.c.value).select_from(each, found).distinct().subquery("ids")
    key = listed.c.created_at, listed.c.id
    matching = select(*listed.c).select_from(ids).join(listed, listed.c.id == ByCode(ids.c.value))
    return matching.order_by(*_in_order(key, newest_first)).limit(_bind("limit"))


def _page(by_status: bool, by_technician: bool, newest_first: bool) -> Any:
    """The first bookings of the word `v.value`."""
    x, o = t.booking_words.alias("x"), t.bookings.alias("o")
    key = x.c.created_at, x.c.booking_id
    conditions = [x.c.word == ByCode(literal_column("v.value", Text))]
    if by_status:
        conditions.append(o.c.status == _bind("status"))
    if by_technician:
        conditions.append(o.c.technician_id == _bind("technician_id"))
    conditions += [
        says(o.c.search),
        tuple_(*key) > tuple_(_bind("above"), _bind("above_id")),
        tuple_(*key) < tuple_(_bind("below"), _bind("below_id")),
    ]
    fitting = select(x.c.booking_id).join_from(x, o, o.c.id == x.c.booking_id).where(and_(*conditions))
    return fitting.order_by(*_in_order(key, newest_first)).limit(_bind("limit")).subquery("page")


def _in_order(key: tuple[Any, ...], newest_first: bool) -> tuple[Any, ...]:
    return tuple(column.desc() for column in key) if newest_first else key


def _bind(name: str) -> Any:
    return bindparam(f"p_{name}")
