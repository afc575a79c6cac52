"""How PostgreSQL goes about every statement: by an index, in an empty database as in a full one."""

import psycopg
import pytest

from repaircore.adapters.storage.postgresql.lane import SESSION
from repaircore.adapters.storage.postgresql.sql import SQL

# These answer with, or count, whatever there is; the lists of jobs are for people.
WHOLE_TABLE = {"balances", "count_by_status", "rulebooks", "keys", "jobs", "jobs_state", "jobs_name", "jobs_state_name"}


@pytest.fixture
def plans(postgres_url: str) -> dict[str, str]:
    """The plan of every statement that has one, with its parameters unknown."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(SESSION)
        return {
            name: "\n".join(row[0] for row in connection.execute(b"EXPLAIN (GENERIC_PLAN) " + sql.encode()).fetchall())
            for name, sql in SQL.items()
        }


def test_rows_are_found_by_index(plans: dict[str, str]) -> None:
    """Point reads, guarded writes and the queue never look at whole tables."""
    scanning = {name for name, plan in plans.items() if "Seq Scan on" in plan}

    assert scanning <= WHOLE_TABLE


def test_pages_walk_an_index(plans: dict[str, str]) -> None:
    """Page 10,000 costs what page 1 does: bounds and order come from one index, and nothing is sorted."""
    pages = {name: plan for name, plan in plans.items() if name.startswith("bookings") and "spelled" not in name}

    assert len(pages) == 40
    for name, plan in pages.items():
        conditions = [line for line in plan.splitlines() if "Index Cond" in line]
        assert "reference" in name or any("ROW(created_at, id)" in condition for condition in conditions), name
        assert "reference" in name or "Sort" not in plan, name


def test_pages_of_words_walk_an_index(plans: dict[str, str]) -> None:
    """A word is walked in the order of the list; only the pages of several words are put in order together."""
    pages = {name: plan for name, plan in plans.items() if "_spelled_" in name}

    assert len(pages) == 8
    for name, plan in pages.items():
        walk = plan[plan.index("SubPlan") :]
        assert "using pk_booking_words on booking_words x" in walk, name
        assert "ROW(created_at, booking_id)" in walk, name
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


def test_a_walk_through_a_table_is_noticed(postgres_url: str) -> None:
    """Without its index the same statement looks at every booking."""
    with psycopg.connect(postgres_url) as connection:
        connection.execute(SESSION)
        connection.execute("DROP INDEX ix_bookings_customer_phone_created_at_id")
        sql = b"EXPLAIN (GENERIC_PLAN) SELECT id FROM bookings WHERE customer_phone = $1"
        plan = "\n".join(row[0] for row in connection.execute(sql).fetchall())
        connection.rollback()  # the database is lent again

    assert "Seq Scan on bookings" in plan
