"""Every statement, written once in SQLAlchemy Core and compiled ahead of time to each database's SQL.

`python -m repaircore.adapters.storage.compiling` does that; a test keeps the result in step. So the running server
imports SQL text, and SQLAlchemy only where there is something to migrate. Parameters are positional: the columns in the
order of the table, then what the condition asks for, in the order written here.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress, product
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Table,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    true,
    tuple_,
    union,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ClauseElement

from repaircore.adapters.storage import tables as t
from repaircore.adapters.storage.finding import booking_lists
from repaircore.adapters.storage.wording import Beside, IsOpen

Statements = Mapping[str, ClauseElement]

Literal = ColumnElement[Any]

ONE: Literal = literal_column("1")
ZERO: Literal = literal_column("0")
NOTHING_SAID: Literal = literal_column("''")
QUEUED: Literal = literal_column("'queued'")
LEASED: Literal = literal_column("'leased'")
DONE: Literal = literal_column("'done'")
DEAD: Literal = literal_column("'dead'")


def all_statements() -> Statements:
    """Answer every statement by name."""
    return {**aggregates(), **booking_lists(), **streams(), **registers(), **catalogues(), **offers(), **work()}


def aggregates() -> Statements:
    """Quotes, bookings with their history, payments, ledger entries."""
    return {
        "quote_add": _insert(t.quotes),
        "quote_save": _save(t.quotes, but=("facts", "priced")),
        "quote": _all(t.quotes, t.quotes.c.id == _bind("id")),
        "quotes_oldest": _all(t.quotes, t.quotes.c.id > _bind("above")).order_by(t.quotes.c.id).limit(_bind("limit")),
        "quotes_newest": _all(t.quotes, t.quotes.c.id < _bind("below"))
        .order_by(t.quotes.c.id.desc())
        .limit(_bind("limit")),
        "booking_add": _insert(t.bookings),
        "booking_save": _save(t.bookings),
        "booking": _all(t.bookings, t.bookings.c.id == _bind("id")),
        "history_add": _insert(t.booking_history),
        "history": _all(t.booking_history, t.booking_history.c.booking_id == _bind("id")).order_by(
            t.booking_history.c.version
        ),
        "payment_add": _insert(t.payments),
        "payment_save": _save(t.payments),
        "payment": _all(t.payments, t.payments.c.id == _bind("id")),
        "payments_of_booking": _all(t.payments, t.payments.c.booking_id == _bind("booking_id")).order_by(
            t.payments.c.created_at, t.payments.c.id
        ),
        "payments_open": _all(t.payments, and_(IsOpen(), t.payments.c.created_at < _bind("created_before")))
        .where(tuple_(t.payments.c.created_at, t.payments.c.id) > tuple_(_bind("above"), _bind("above_id")))
        .order_by(t.payments.c.created_at, t.payments.c.id)
        .limit(_bind("limit")),
        "entry_add": _insert(t.ledger_entries),
        "posting_add": _insert(t.ledger_postings),
        "entries_of_booking": select(
            *_columns(t.ledger_entries),
            t.ledger_postings.c.account,
            t.ledger_postings.c.currency,
            t.ledger_postings.c.amount,
        )
        .join_from(t.ledger_entries, t.ledger_postings)
        .where(t.ledger_entries.c.booking_id == _bind("booking_id"))
        .order_by(t.ledger_entries.c.position, t.ledger_postings.c.number),
        "balances": select(
            t.ledger_postings.c.account,
            t.ledger_postings.c.currency,
            cast(func.sum(t.ledger_postings.c.amount), BigInteger),
        ).group_by(t.ledger_postings.c.account, t.ledger_postings.c.currency),
    }


def streams() -> Statements:
    """Events."""
    e = t.events.c
    last = select(func.coalesce(func.max(e.sequence), ZERO)).where(e.aggregate_id == _bind("stream"))
    return {
        "event_add": insert(t.events).values(
            **{**_parameters(t.events), "sequence": last.scalar_subquery() + ONE},
        ),
        "events_of": _all(t.events, e.aggregate_id == _bind("aggregate_id")).order_by(e.sequence),
        "events_after": _all(t.events, e.position > _bind("position")).order_by(e.position).limit(_bind("limit")),
    }


def registers() -> Statements:
    """Rulebooks, the inbox, API keys, kept answers."""
    replay_key = and_(t.replays.c.scope == _bind("scope"), t.replays.c.key == _bind("key"))
    message = and_(t.inbox.c.provider == _bind("provider"), t.inbox.c.event_id == _bind("event_id"))
    return {
        "rulebook_add": _insert(t.rulebooks),
        "rulebook": select(t.rulebooks.c.content).where(t.rulebooks.c.version == _bind("version")),
        "rulebooks": select(t.rulebooks.c.content).order_by(t.rulebooks.c.position),
        "publication_add": _insert(t.rulebook_publications),
        "publications": _all(t.rulebook_publications, t.rulebook_publications.c.number > _bind("after")).order_by(
            t.rulebook_publications.c.number
        ),
        "draft_add": _insert(t.rulebook_drafts),
        "draft": _all(t.rulebook_drafts, t.rulebook_drafts.c.id == _bind("id")),
        "inbox_add": _insert(t.inbox),
        "inbox": _all(t.inbox, message),
        "key_add": _insert(t.api_keys),
        "key_by_hash": _all(t.api_keys, t.api_keys.c.key_hash == _bind("key_hash")),
        "key": _all(t.api_keys, t.api_keys.c.id == _bind("id")),
        "keys": select(*t.api_keys.c).order_by(t.api_keys.c.created_at, t.api_keys.c.id),
        "key_revoke": update(t.api_keys).values(revoked_at=_bind("revoked_at")).where(t.api_keys.c.id == _bind("id")),
        "replay_add": _insert(t.replays),
        "replay": _all(t.replays, replay_key),
        "replay_prune": delete(t.replays).where(t.replays.c.created_at < _bind("created_before")),
    }


def catalogues() -> Statements:
    """Versions and drafts of the catalogue, and changes of prices."""
    v, d = t.catalogue_versions.c, t.catalogue_drafts.c
    return {
        "catalogue_keep": sqlite.insert(t.catalogue_contents)
        .values(**_parameters(t.catalogue_contents))
        .on_conflict_do_nothing(index_elements=[t.catalogue_contents.c.hash]),
        "catalogue_content": select(t.catalogue_contents.c.content).where(t.catalogue_contents.c.hash == _bind("hash")),
        "catalogue_publish": _insert(t.catalogue_versions),
        "catalogue_versions": _all(t.catalogue_versions, v.number > _bind("after")).order_by(v.number),
        "catalogue_draft_add": _insert(t.catalogue_drafts),
        "catalogue_draft": _all(t.catalogue_drafts, d.id == _bind("id")),
        "catalogue_drafts": select(*d).order_by(d.drafted_at.desc(), d.id.desc()).limit(_bind("limit")),
        "price_change_add": _insert(t.price_changes),
        **{prices_name(wishes): _prices(wishes) for wishes in _wishes()},
    }


PRICE_WISHES: Final = ("device", "service", "subject", "batch")
"""What changes of prices are looked for by, in the order of the parameters."""


def prices_name(wishes: Sequence[str]) -> str:
    """Name the statement that looks for changes of prices by those columns."""
    return "_".join(("price_changes", *wishes))


def _wishes() -> Iterator[tuple[str, ...]]:
    for said in product((False, True), repeat=len(PRICE_WISHES)):
        yield tuple(compress(PRICE_WISHES, said))


def _prices(wishes: Sequence[str]) -> Any:
    """Walk one index: that of the narrowest wish; the others only have to fit."""
    c = t.price_changes.c
    lead = next((wish for wish in ("batch", "subject") if wish in wishes), "")
    fits = [(Beside(c[wish]) if lead and wish != lead else c[wish]) == _bind(wish) for wish in wishes]
    found = _all(t.price_changes, and_(*fits, c.position < _bind("before_position")))
    return found.order_by(c.position.desc()).limit(_bind("limit"))


def offers() -> Statements:
    """Market snapshots, and uses of promotion codes.

    A use is only inserted where the limits leave one, which the database decides while nobody else writes; a limit that is
    NULL leaves any number.
    """
    m, u = t.market_snapshots.c, t.promotion_uses.c
    taken = and_(m.at >= _bind("since"), m.at <= _bind("until"))
    newest_first = (m.at.desc(), m.id.desc())
    by_email = and_(u.code == _bind("code"), u.customer_email == _bind("email"), u.customer_email != NOTHING_SAID)
    by_phone = and_(u.code == _bind("code"), u.customer_phone == _bind("phone"), u.customer_phone != NOTHING_SAID)
    by_customer = union(select(u.booking_id).where(by_email), select(u.booking_id).where(by_phone)).subquery("matching")
    of_customer = select(func.count()).select_from(by_customer)
    of_code = select(func.count()).where(u.code == _bind("code"))
    room = (
        or_(_bind("uses").is_(None), of_code.scalar_subquery() < _bind("uses")),
        or_(_bind("each").is_(None), of_customer.scalar_subquery() < _bind("each")),
    )
    return {
        "market_add": _insert(t.market_snapshots),
        "market": _all(t.market_snapshots, m.id == _bind("id")),
        "market_newest": _all(t.market_snapshots, taken).order_by(*newest_first).limit(ONE),
        "market_newest_fed": _all(t.market_snapshots, and_(taken, m.source != literal_column("'core'")))
        .order_by(*newest_first)
        .limit(ONE),
        "market_page": _all(t.market_snapshots, tuple_(m.at, m.id) < tuple_(_bind("below"), _bind("below_id")))
        .order_by(*newest_first)
        .limit(_bind("limit")),
        "promotion_use": insert(t.promotion_uses).from_select(
            [column.name for column in t.promotion_uses.c],
            select(*_parameters(t.promotion_uses).values()).where(*room),
        ),
        "promotion_uses": of_code,
        "promotion_uses_of_customer": of_customer,
        "promotion_give_back": delete(t.promotion_uses).where(u.booking_id == _bind("booking_id")),
        "orders_of_customer": _orders_of_customer(),
        "count_by_status": select(t.bookings.c.status, func.count()).group_by(t.bookings.c.status),
    }


def _orders_of_customer() -> ClauseElement:
    """Two walks instead of one condition with `or`, which PostgreSQL could only answer from bitmaps."""
    b = t.bookings.c
    columns = b.id, b.status, b.currency, b.customer_key, b.customer_phone, b.total
    by_email, by_phone = b.customer_key == _bind("email"), b.customer_phone == _bind("phone")
    orders = union(select(*columns).where(by_email), select(*columns).where(by_phone)).subquery("matching").c
    alike = orders.status, orders.currency, orders.customer_key, orders.customer_phone
    return select(*alike, func.count(), func.sum(orders.total)).group_by(*alike)


def work() -> Statements:
    """Jobs."""
    j = t.jobs.c
    given: Any = select(literal_column("value")).select_from(func.json_each(_bind("positions")).table_valued("value"))
    held = and_(j.position == _bind("position"), j.lease == _bind("lease"), j.state == LEASED)
    pair: Any = func.json_each(_bind("leases")).table_valued("value")
    leases = select(
        func.json_extract(pair.c.value, literal_column("'$[0]'")),
        func.json_extract(pair.c.value, literal_column("'$[1]'")),
    )
    unfinished = and_(j.ordering_key == _bind("key"), literal_column("ordering_key <> ''"), j.finished_at.is_(None))
    behind = exists(select(ONE).select_from(t.jobs).where(unfinished))
    after_others = case((behind, null()), else_=_bind("due_at"))
    first = select(func.min(j.position)).where(unfinished).scalar_subquery()
    free = {"state": QUEUED, "run_at": _bind("run_at"), "last_error": _bind("last_error")}
    ended = {"due_at": null(), "finished_at": _bind("finished_at")}
    is_due = j.due_at.is_not(None)
    newest = (j.position.desc(),)
    sides = {"": [], "_state": [j.state == _bind("state")]}
    names: dict[str, list[ColumnElement[bool]]] = {"": [], "_name": [j.name == _bind("name")]}
    return {
        "job_add": _enqueue(_parameters(t.jobs)),
        "job_add_in_order": _enqueue({**_parameters(t.jobs), "due_at": after_others}),
        "jobs_due": _all(t.jobs, and_(is_due, j.due_at <= _bind("now")))
        .order_by(j.due_at, j.position)
        .limit(_bind("limit")),
        "jobs_lease": update(t.jobs)
        .values(state=LEASED, due_at=_bind("until"), attempts=j.attempts + ONE, lease=j.lease + ONE)
        .where(j.position.in_(given)),
        "job_extend": update(t.jobs).values(due_at=_bind("until")).where(held),
        "jobs_finish": update(t.jobs)
        .values(state=DONE, last_error=NOTHING_SAID, **ended)
        .where(and_(tuple_(j.position, j.lease).in_(leases), j.state == LEASED))
        .returning(j.position, j.lease),
        "job_bury": update(t.jobs).values(state=DEAD, last_error=_bind("last_error"), **ended).where(held),
        "job_retry": update(t.jobs).values(due_at=_bind("due_at"), **free).where(held),
        "job_promote": update(t.jobs).values(due_at=j.run_at).where(and_(j.position == first, j.state == QUEUED)),
        "job": _all(t.jobs, j.position == _bind("position")),
        "job_replay": update(t.jobs)
        .values(state=QUEUED, run_at=_bind("now"), due_at=after_others, attempts=ZERO, finished_at=null())
        .where(and_(j.position == _bind("position"), j.state == DEAD)),
        "job_next_due": select(func.min(j.due_at)).where(is_due),
        "jobs_prune": delete(t.jobs).where(
            j.position.in_(
                select(j.position)
                .where(and_(j.finished_at.is_not(None), j.finished_at < _bind("done_before"), j.state == DONE))
                .limit(_bind("limit"))
            )
        ),
        **{
            f"jobs{state}{name}": _all(t.jobs, and_(true(), *sides[state], *names[name]))
            .order_by(*newest)
            .limit(_bind("limit"))
            for state, name in product(sides, names)
        },
    }


def _bind(name: str) -> Any:
    return bindparam(f"p_{name}")


def _columns(table: Table) -> list[Any]:
    return [column for column in table.c if column.name != "position"]


def _parameters(table: Table) -> dict[str, Any]:
    return {column.name: _bind(column.name) for column in _columns(table)}


def _insert(table: Table) -> ClauseElement:
    return insert(table).values(**_parameters(table))


def _enqueue(values: dict[str, Any]) -> ClauseElement:
    known = sqlite.insert(t.jobs).values(**values)
    return known.on_conflict_do_nothing(
        index_elements=[t.jobs.c.unique_key], index_where=literal_column("unique_key <> ''")
    )


def _save(table: Table, *, but: Sequence[str] = ()) -> ClauseElement:
    values = {name: value for name, value in _parameters(table).items() if name != "id" and name not in but}
    return update(table).values(**values).where(table.c.id == _bind("of_id"), table.c.version == _bind("read_version"))


def _all(table: Table, condition: ColumnElement[bool]) -> Any:
    return select(*table.c).where(condition)
