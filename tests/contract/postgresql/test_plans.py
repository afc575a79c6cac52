"""How PostgreSQL goes about every statement: by an index, in an empty database as in a full one."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from repaircore.adapters.storage.postgresql.lane import SESSION
from repaircore.adapters.storage.postgresql.sql import SQL

# These answer with, or count, whatever there is; the lists of jobs are for people.
WHOLE_TABLE = {"balances", "count_by_status", "rulebooks", "keys", "jobs", "jobs_state", "jobs_name", "jobs_state_name"}


FULL = """
    INSERT INTO bookings (
        id, reference, profile, status, quote_id, receipt_hash, currency, total, deposit, paid, priced, device, customer_name,
        customer_email, customer_phone, fulfilment, issue_description, notes, technician_id, search, customer_key, created_at,
        updated_at, version
    )
    SELECT
        'bk_' || n, 'R' || n, '', (ARRAY['pending', 'confirmed', 'completed', 'cancelled'])[n % 4 + 1], '', '', 'EUR', 0, 0, 0, '{}',
        '{}', '', '', '+' || n / 2, 'in_store', '', repeat('x', 100), 'tech_' || n % 3, ' jo bloggs ', 'c' || n / 2,
        timestamptz '2020-01-01Z' + n * interval '1 minute', now(), 1
    FROM generate_series(1, 30000) n
"""
EVERY_PLAN_ANEW = "SET plan_cache_mode = auto; SET max_parallel_workers_per_gather = 2"
"""What a session does by itself."""


@pytest.fixture(params=["empty", "full"])
def database(request: pytest.FixtureRequest, postgres_url: str) -> Iterator[Connection[Any]]:
    """A connection as a lane's, to a database of which the planner knows nothing, or everything."""
    with psycopg.connect(postgres_url, autocommit=True, prepare_threshold=None) as connection:
        if request.param == "full":
            connection.execute(FULL)
            connection.execute("ANALYZE bookings")
        connection.execute(SESSION)
        yield connection


@pytest.fixture
def plans(database: Connection[Any]) -> dict[str, str]:
    """The plan of every statement that has one, with its parameters unknown."""
    return {name: "\n".join(rows(database, f"EXPLAIN (GENERIC_PLAN) {sql}")) for name, sql in SQL.items()}


def rows(connection: Connection[Any], statement: str) -> list[str]:
    """Answer the first column."""
    return [str(row[0]) for row in connection.execute(statement.encode())]


def test_rows_are_found_by_index(plans: dict[str, str]) -> None:
    """Point reads, guarded writes and the queue never look at whole tables."""
    scanning = {name for name, plan in plans.items() if "Seq Scan on" in plan}

    assert scanning <= WHOLE_TABLE


def test_pages_walk_an_index(plans: dict[str, str]) -> None:
    """Page 10,000 costs what page 1 does: bounds and order come from one index, and nothing is sorted."""
    pages = {name: plan for name, plan in plans.items() if name.startswith("bookings") and "spelled" not in name}

    assert len(pages) == 40
    for name, plan in pages.items():
        assert "reference" in name or is_walk(name, plan), f"{name}\n{plan}"


def is_walk(name: str, plan: str) -> bool:
    """Whether a page lies between two keys of an index with all that it is filtered by, unless it is looked for exactly."""
    exactly = any(column in name for column in ("customer_key", "customer_phone"))
    filters = () if exactly else tuple(column for part, column in FILTERS.items() if part in name)
    conditions = "\n".join(line for line in plan.splitlines() if "Index Cond" in line)
    whole_key = f"ROW({', '.join((*filters, 'created_at', 'id'))}) <" in conditions
    return whole_key and not any(step in plan for step in ("Sort", "Gather", "Bitmap"))


FILTERS = {"technician": "technician_id", "status": "status"}


def test_pages_of_words_walk_an_index(plans: dict[str, str]) -> None:
    """A word is walked in the order of the list; only the pages of several words are put in order together."""
    pages = {name: plan for name, plan in plans.items() if "_spelled_" in name}

    assert len(pages) == 8
    for name, plan in pages.items():
        walk = plan[plan.index("SubPlan") :]
        assert "using pk_booking_words on booking_words x" in walk, name
        assert "ROW(created_at, booking_id)" in walk, name
        assert "AND (created_at = x.created_at) AND (booking_id = x.booking_id))" in walk, name
        assert "Sort" not in walk, name
    assert "Index Only Scan using pk_booking_words" in plans["word_count"]
    assert "Index Only Scan using pk_booking_words" in plans["words_spelled"]


def test_pages_of_prices_walk_an_index(plans: dict[str, str]) -> None:
    """Each way to look for changes of prices has an index in the order of the list."""
    pages = {name: plan for name, plan in plans.items() if name.startswith("price_changes")}

    assert len(pages) == 16
    for name, plan in pages.items():
        assert "Index Scan Backward using" in plan, name
        assert "Sort" not in plan, name


def test_statements_are_planned_once(database: Connection[Any]) -> None:
    """What a statement does is what the other tests see: it is not planned again for the parameters at hand."""
    for _ in range(7):
        list_of_technician(database, SQL["bookings_technician_newest"])

    assert rows(database, "SELECT generic_plans FROM pg_prepared_statements") == ["7"]


def list_of_technician(connection: Connection[Any], sql: str) -> str:
    """Answer how a page of the list is read."""
    if not rows(connection, "SELECT name FROM pg_prepared_statements"):
        connection.execute(f"PREPARE page AS {sql}".encode())
    page = "'tech_1', '-infinity', '', 'tech_1', '2020-01-20Z', 'bk_9', 20"
    return "\n".join(rows(connection, f"EXPLAIN EXECUTE page ({page})"))


@pytest.mark.parametrize("database", ["full"], indirect=True)
def test_a_walk_past_others_is_noticed(database: Connection[Any]) -> None:
    """Asked for a technician and two keys apart, PostgreSQL walks past the bookings of everybody else."""
    database.execute(EVERY_PLAN_ANEW)
    apart = SQL["bookings_technician_newest"].replace("b.technician_id, b.created_at", "b.created_at")
    apart = apart.replace("> ($1, $2, $3)", "> ($2, $3)").replace("< ($4, $5, $6)", "< ($5, $6)")
    apart = apart.replace("b.technician_id <> ''", "b.technician_id <> '' AND b.technician_id = $1 AND $4 <> ''")
    apart = apart.replace("b.technician_id DESC, ", "")
    plan = list_of_technician(database, apart)

    assert "ix_bookings_created_at_id" in plan
    assert "Filter: " in plan
    assert not is_walk("bookings_technician_newest", plan)


@pytest.mark.parametrize("database", ["full"], indirect=True)
def test_a_sort_is_noticed(database: Connection[Any]) -> None:
    """Without its index the list of a technician's bookings of a status is sorted."""
    with database.transaction(force_rollback=True):  # the database is lent again
        database.execute("DROP INDEX ix_bookings_technician_id_status_created_at_id")
        name = "bookings_status_technician_newest"
        plan = "\n".join(rows(database, f"EXPLAIN (GENERIC_PLAN) {SQL[name]}"))

    assert "Sort" in plan
    assert not is_walk(name, plan)


def test_a_walk_through_a_table_is_noticed(postgres_url: str) -> None:
    """Without its index the same statement looks at every booking."""
    with psycopg.connect(postgres_url) as connection:
        connection.execute(SESSION)
        connection.execute("DROP INDEX ix_bookings_customer_phone_created_at_id")
        sql = b"EXPLAIN (GENERIC_PLAN) SELECT id FROM bookings WHERE customer_phone = $1"
        plan = "\n".join(row[0] for row in connection.execute(sql).fetchall())
        connection.rollback()  # the database is lent again

    assert "Seq Scan on bookings" in plan
