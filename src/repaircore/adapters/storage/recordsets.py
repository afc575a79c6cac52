"""PostgreSQL's own statements: writes that take many rows at once, and the queue.

A write takes one parameter, its rows as one JSON list, and is sent once however many units of work share the transaction. A
guarded one takes the number of rows it must touch as well, and divides by zero when it touched fewer: so the transaction ends
there, before its COMMIT, in the same round trip. JSON travels as text inside of the list, bytes as base64.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Delete,
    Integer,
    LargeBinary,
    Select,
    Subquery,
    TableValuedAlias,
    Text,
    Update,
    and_,
    any_,
    bindparam,
    case,
    cast,
    column,
    delete,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    text,
    union,
    update,
)
from sqlalchemy import Table as AnyTable
from sqlalchemy.dialects.postgresql import JSON, Insert, insert
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import TypeEngine

from repaircore.adapters.storage import tables as t
from repaircore.adapters.storage.columns import Characters, Instant, Json

ROWS: Final[Any] = bindparam("p_rows")
EXPECTED: Final[Any] = bindparam("p_expected")
ONE: Final[ColumnElement[Any]] = literal_column("1")
ZERO: Final[ColumnElement[Any]] = literal_column("0")
NO_TEXT: Final[ColumnElement[Any]] = literal_column("''")
NUMBER: Final = "n"
"""The place of a row in the list, for rows whose order matters."""

Types = Mapping[str, TypeEngine[Any]]
Source = TableValuedAlias | CTE | Subquery


def writes() -> Mapping[str, ClauseElement]:
    """Whatever a unit of work gathers."""
    plain = {
        "quote_add": t.quotes,
        "booking_add": t.bookings,
        "history_add": t.booking_history,
        "payment_add": t.payments,
        "entry_add": t.ledger_entries,
        "posting_add": t.ledger_postings,
        "rulebook_add": t.rulebooks,
        "publication_add": t.rulebook_publications,
        "draft_add": t.rulebook_drafts,
        "catalogue_publish": t.catalogue_versions,
        "catalogue_draft_add": t.catalogue_drafts,
        "price_change_add": t.price_changes,
        "market_add": t.market_snapshots,
        "inbox_add": t.inbox,
        "key_add": t.api_keys,
        "replay_add": t.replays,
    }
    return {
        **{name: _insert(table) for name, table in plain.items()},
        "quote_save": _save(t.quotes, but=("facts", "priced")),
        "booking_save": _save(t.bookings),
        "payment_save": _save(t.payments),
        "catalogue_keep": _insert(t.catalogue_contents).on_conflict_do_nothing(index_elements=["hash"]),
        "key_revoke": _revoke(),
        "replay_prune": _forget(t.replays, {"created_before": Instant()}),
        "word_add": _add_words(),
        "word_drop": _drop_words(),
        "promotion_use": _use(),
        "promotion_give_back": _forget(t.promotion_uses, {"booking_id": Characters}),
        "event_add": _append(),
        "job_add": _enqueue(),
    }


def queue() -> Mapping[str, ClauseElement]:
    """The worker's side of the queue, and what tells other processes of work."""
    j = t.jobs.c
    due = (
        select(j.position, j.due_at.label("was_due"))
        .where(and_(j.due_at.is_not(None), j.due_at <= bindparam("p_now")))
        .order_by(j.due_at, j.position)
        .limit(bindparam("p_limit"))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    held = _recordset({"position": BigInteger(), "lease": Integer(), "finished_at": Instant()})
    keys: Any = func.json_array_elements_text(bindparam("p_keys")).table_valued("value", name="k")
    others = t.jobs.alias("others")
    first = select(func.min(others.c.position)).where(_unfinished(others, keys.c.value.collate("C")))
    # As an array the heads are found first, each by the index of its key, and then looked up, however many jobs there are.
    heads = func.array(select(first.correlate(keys).scalar_subquery()).select_from(keys).scalar_subquery())
    behind = exists(select(ONE).select_from(others).where(_unfinished(others, bindparam("p_key"))))
    now = cast(bindparam("p_now"), Instant())
    return {
        "jobs_lease": update(t.jobs)
        .values(state=text("'leased'"), due_at=bindparam("p_until"), attempts=j.attempts + ONE, lease=j.lease + ONE)
        .where(j.position == due.c.position)
        .returning(*j, due.c.was_due),
        "jobs_finish": update(t.jobs)
        .values(state=text("'done'"), due_at=null(), last_error=NO_TEXT, finished_at=held.c.finished_at)
        .where(and_(j.position == held.c.position, j.lease == held.c.lease, j.state == text("'leased'")))
        .returning(j.position, j.lease),
        "jobs_promote": update(t.jobs)
        .values(due_at=j.run_at)
        .where(and_(j.position == any_(heads), j.state == text("'queued'"), j.due_at.is_(None))),
        "job_replay": update(t.jobs)
        .values(
            state=text("'queued'"),
            run_at=now,
            due_at=case((behind, null()), else_=now),
            attempts=ZERO,
            finished_at=null(),
        )
        .where(and_(j.position == bindparam("p_position"), j.state == text("'dead'")))
        .returning(j.position),
        "locks": select(func.pg_advisory_xact_lock(cast(literal_column("value"), BigInteger))).select_from(
            func.json_array_elements_text(bindparam("p_locks")).table_valued("value", name="l")
        ),
        "lock_events": select(func.pg_advisory_xact_lock(bindparam("p_lock", type_=BigInteger))),
        "notify": select(func.pg_notify(bindparam("p_channel"), NO_TEXT)),
    }


def _recordset(types: Types) -> TableValuedAlias:
    """The rows of the parameter, under those names."""
    columns = [column(name, type_) for name, type_ in types.items()]
    return func.json_to_recordset(ROWS).table_valued(*columns).render_derived(name="r", with_types=True)


def _types(columns: Iterable[ColumnElement[Any]]) -> dict[str, TypeEngine[Any]]:
    """How each column travels."""
    return {str(c.key): Text() if c.type is Json or isinstance(c.type, LargeBinary) else c.type for c in columns}


def _columns(table: AnyTable) -> list[Any]:
    return [c for c in table.c if c.name != "position"]


def _value(given: Source, wanted: Any) -> Any:
    """The column's value out of what travelled."""
    found = given.c[wanted.name]
    if wanted.type is Json:
        return cast(found, JSON())
    return func.decode(found, literal_column("'base64'")) if isinstance(wanted.type, LargeBinary) else found


def _insert(table: AnyTable) -> Insert:
    columns = _columns(table)
    given = _recordset(_types(columns))
    return insert(table).from_select(columns, select(*(_value(given, c) for c in columns)))


def _save(table: AnyTable, *, but: tuple[str, ...] = ()) -> Select[Any]:
    columns = [c for c in _columns(table) if c.name not in ("id", *but)]
    given = _recordset({**_types(columns), "of_id": Characters, "read_version": Integer()})
    saved = (
        update(table)
        .values({c.name: _value(given, c) for c in columns})
        .where(and_(table.c.id == given.c.of_id, table.c.version == given.c.read_version))
    )
    return _counted(saved.returning(ONE.label("one")))


def _counted(done: Any) -> Select[Any]:
    """Fail unless it touched as many rows as expected."""
    touched = done.cte("touched")
    return select(text("1 / CAST(count(*) = CAST(:p_expected AS BIGINT) AS INTEGER)").bindparams(EXPECTED)).select_from(
        touched
    )


def _revoke() -> Update:
    given = _recordset({"revoked_at": Instant(), "id": Characters})
    return update(t.api_keys).values(revoked_at=given.c.revoked_at).where(t.api_keys.c.id == given.c.id)


def _forget(table: AnyTable, types: Types) -> Delete:
    given = _recordset(types)
    if "created_before" in types:
        return delete(table).where(table.c.created_at < given.c.created_before)
    return delete(table).where(and_(*(table.c[name] == given.c[name] for name in types)))


def _use() -> Select[Any]:
    """One use, where the limits leave one; whoever sends it holds the lock of its code."""
    u = t.promotion_uses.c
    given = _recordset({**_types(u), "uses": Integer(), "each": Integer()})
    g = given.c
    of_code = select(func.count()).select_from(t.promotion_uses).where(u.code == g.code)
    by_email = and_(u.code == g.code, u.customer_email == g.customer_email, u.customer_email != NO_TEXT)
    by_phone = and_(u.code == g.code, u.customer_phone == g.customer_phone, u.customer_phone != NO_TEXT)
    matching = union(
        select(u.booking_id).where(by_email).correlate(given), select(u.booking_id).where(by_phone).correlate(given)
    ).subquery("matching")
    of_customer = select(func.count()).select_from(matching)
    room = (
        or_(g.uses.is_(None), of_code.correlate(given).scalar_subquery() < g.uses),
        or_(g.each.is_(None), of_customer.scalar_subquery() < g.each),
    )
    used = insert(t.promotion_uses).from_select(list(u), select(*(g[c.name] for c in u)).where(*room))
    return _counted(used.returning(ONE.label("one")))


def _words() -> tuple[Any, Any]:
    """What bookings are found by, each with its list of words; and those words one by one."""
    given = _recordset({"created_at": Instant(), "booking_id": Characters, "words": Text()})
    each: Any = func.json_array_elements_text(cast(given.c.words, JSON())).table_valued("value", name="each")
    return given, each


def _add_words() -> Insert:
    given, each = _words()
    rows = select(each.c.value, given.c.created_at, given.c.booking_id).select_from(given, each)
    return insert(t.booking_words).from_select(list(t.booking_words.c), rows).on_conflict_do_nothing()


def _drop_words() -> Delete:
    given, each = _words()
    w = t.booking_words.c
    of_booking = and_(w.created_at == given.c.created_at, w.booking_id == given.c.booking_id)
    return delete(t.booking_words).where(and_(of_booking, w.word == each.c.value.collate("C")))


def _append() -> Insert:
    """Events behind the last of their streams, in the order given; whoever sends them holds the lock of all events."""
    e = t.events.c
    columns = [c for c in _columns(t.events) if c.name != "sequence"]
    given = _recordset({**_types(columns), NUMBER: Integer()})
    last = select(func.coalesce(func.max(e.sequence), ZERO)).where(e.aggregate_id == given.c.aggregate_id)
    place = func.row_number().over(partition_by=given.c.aggregate_id, order_by=given.c[NUMBER])
    values = select(*(_value(given, c) for c in columns), last.correlate(given).scalar_subquery() + place)
    return insert(t.events).from_select([*columns, e.sequence], values.order_by(given.c[NUMBER]))


def _enqueue() -> Insert:
    """Jobs in the order given; one that is behind another of its ordering key has no due time yet."""
    columns = _columns(t.jobs)
    raw = _recordset({**_types(columns), NUMBER: Integer()})
    place = func.row_number().over(partition_by=raw.c.ordering_key, order_by=raw.c[NUMBER]).label("place")
    given = select(*raw.c, place).subquery("given")
    others = t.jobs.alias("others")
    # Not EXISTS, which may be answered from a list of all unfinished jobs: a first one is looked for by the index.
    first = select(func.min(others.c.position)).where(_unfinished(others, given.c.ordering_key)).correlate(given)
    waiting = first.scalar_subquery().is_not(None)
    behind = and_(given.c.ordering_key != NO_TEXT, or_(given.c.place > ONE, waiting))
    due = case((behind, null()), else_=given.c.due_at)
    values = [due if c.name == "due_at" else _value(given, c) for c in columns]
    return (
        insert(t.jobs)
        .from_select(columns, select(*values).order_by(given.c[NUMBER]))
        .on_conflict_do_nothing(index_elements=["unique_key"], index_where=text("unique_key <> ''"))
    )


def _unfinished(others: Any, key: Any) -> ColumnElement[bool]:
    """Jobs of that ordering key that are not over, in the words of their partial index."""
    return and_(others.c.ordering_key == key, text("others.ordering_key <> ''"), others.c.finished_at.is_(None))
