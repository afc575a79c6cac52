"""The statements that list bookings, and find them by words.

What a list is filtered by belongs to the two keys between which a page lies. No index but its own is in the order of those keys, so
that nobody walks past the bookings of others, whatever the planner takes their number for.

A word is a walk along the key of `booking_words`, which is in the order of the lists. A beginning of one is as many walks as there
are words that begin so, merged: each gives no more than a page. Where too many words begin so, the bookings themselves are
walked, for then the next one that fits is near.
"""

from collections.abc import Mapping
from itertools import product
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, and_, bindparam, delete, exists, func, literal_column, select, true, tuple_
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.sql import ClauseElement

from repaircore.adapters.storage import tables as t
from repaircore.adapters.storage.searching import Exact
from repaircore.adapters.storage.wording import Beside, ByCode, EachText, ListOf, PlaceIn

ONE: Final[ColumnElement[Any]] = literal_column("1")
ZERO: Final[ColumnElement[Any]] = literal_column("0")


def booking_lists() -> Mapping[str, ClauseElement]:
    """One statement for each shape of filter. The bounds are two keys, outside of the page on either side."""
    sides, orders = (False, True), (True, False)
    walks = {_name(*s): _walk(*s) for s in product(sides, sides, (None, "words"), orders)}
    exact = {_name(*s): _exact(*s) for s in product(sides, sides, Exact, orders)}
    merges = {_name(s, t, "spelled", o): _spelled(s, t, o) for s, t, o in product(sides, sides, orders)}
    return {**walks, **exact, **merges, **_words()}


def _name(by_status: bool, by_technician: bool, by_text: str | None, newest_first: bool) -> str:
    parts = ("status" if by_status else "", "technician" if by_technician else "", by_text or "")
    return "_".join(("bookings", *filter(None, parts), "newest" if newest_first else "oldest"))


def _walk(by_status: bool, by_technician: bool, by_text: str | None, newest_first: bool) -> Any:
    """A page of the list, or of those in it that say the words."""
    listed = t.bookings.alias("b")
    c = listed.c
    fits = _fits(c, by_status, by_technician)
    conditions = [_says(c.search)] if by_text else []
    if by_technician:
        conditions.append(literal_column("b.status <> ''" if by_status else "b.technician_id <> ''"))
    key = (*fits, c.created_at, c.id)
    return _paged(select(*c).where(and_(*conditions, *_between(key, tuple(fits.values())))), key, newest_first)


def _exact(by_status: bool, by_technician: bool, column: str, newest_first: bool) -> Any:
    """Those who have just that, and fit otherwise."""
    listed = t.bookings.alias("b")
    c = listed.c
    fits = [Beside(each) == wanted for each, wanted in _fits(c, by_status, by_technician).items()]
    key = c.created_at, c.id
    found = select(*c).where(and_(*fits, c[column] == _bind(column), *_between(key)))
    return _paged(found, key, newest_first)


def _fits(columns: Any, by_status: bool, by_technician: bool) -> dict[Any, Any]:
    """What bookings are filtered by, in the order of their index."""
    wanted = {"technician_id": by_technician, "status": by_status}
    return {columns[name]: _bind(name) for name, asked in wanted.items() if asked}


def _between(key: tuple[Any, ...], lead: tuple[Any, ...] = ()) -> tuple[ColumnElement[bool], ...]:
    above, below = (tuple_(*lead, _bind(side), _bind(f"{side}_id")) for side in ("above", "below"))
    return tuple_(*key) > above, tuple_(*key) < below


def _paged(found: Any, key: tuple[Any, ...], newest_first: bool) -> Any:
    return found.order_by(*(column.desc() for column in key) if newest_first else key).limit(_bind("limit"))


def _says(search: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether all the patterns are in a booking's text."""
    patterns: Any = EachText(_bind("patterns")).table_valued("value", name="patterns")
    return ~exists(select(ONE).select_from(patterns).where(PlaceIn(search, patterns.c.value) == ZERO))


def _words() -> Mapping[str, ClauseElement]:
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


def _spelled(by_status: bool, by_technician: bool, newest_first: bool) -> Any:
    """Bookings that know one of the words and fit otherwise: a page of each word, and of those together the first ones."""
    listed = t.bookings.alias("b")
    each: Any = EachText(_bind("words")).table_valued("value", name="v")
    page = select(ListOf(_page(by_status, by_technician, newest_first).c.booking_id)).scalar_subquery()
    found: Any = EachText(page).table_valued("value", name="i")
    ids = select(found.c.value).select_from(each, found).distinct().subquery("ids")
    matching = select(*listed.c).select_from(ids).join(listed, listed.c.id == ByCode(ids.c.value))
    return _paged(matching, (listed.c.created_at, listed.c.id), newest_first)


def _page(by_status: bool, by_technician: bool, newest_first: bool) -> Any:
    """The first bookings of the word `v.value`."""
    x, o = t.booking_words.alias("x"), t.bookings.alias("o")
    key = x.c.created_at, x.c.booking_id
    conditions = [x.c.word == ByCode(literal_column("v.value", Text))]
    conditions += [each == wanted for each, wanted in _fits(o.c, by_status, by_technician).items()]
    conditions += [_knows(x), _says(o.c.search), *_between(key)]
    fitting = select(x.c.booking_id).join_from(x, o, o.c.id == x.c.booking_id).where(and_(*conditions))
    return _paged(fitting, key, newest_first).subquery("page")


def _knows(x: Any) -> ColumnElement[bool]:
    """Whether the booking of that word knows the others, counted, so that it is seen before the booking itself is fetched."""
    y = t.booking_words.alias("y")
    others: Any = EachText(_bind("others")).table_valued("value", name="others")
    same = and_(y.c.word == ByCode(others.c.value), y.c.created_at == x.c.created_at, y.c.booking_id == x.c.booking_id)
    known = select(func.count()).select_from(y).where(same).correlate(others, x).scalar_subquery()
    missing = select(func.count()).select_from(others).where(known == ZERO).correlate(x)
    return missing.scalar_subquery() == ZERO


def _bind(name: str) -> Any:
    return bindparam(f"p_{name}")
