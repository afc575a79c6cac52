"""The tables, the migrations that make them, and the SQL that uses them say the same."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import upgrade
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from attrs import evolve
from sqlalchemy import Column, MetaData, Text, create_engine
from sqlalchemy.pool import NullPool

from repaircore.adapters.storage import compiling
from repaircore.adapters.storage.head import HEAD
from repaircore.adapters.storage.migrations import alembic_config, applied_version, migrate
from repaircore.adapters.storage.rows import booking_row
from repaircore.adapters.storage.sqlite.sql import SQL
from repaircore.adapters.storage.tables import metadata
from repaircore.ports.unit_of_work import BookingFilter
from repaircore.testing.storage.lists import found, named
from repaircore.testing.storage.values import a_booking
from tests.contract.storage.harnesses import SqliteHarness


def differences(path: Path, wanted: MetaData) -> list[object]:
    """What alembic would change to get from the migrated file to those tables."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, wanted))


def test_migrations_make_the_tables(tmp_path: Path) -> None:
    """A migrated file has exactly the tables, columns, indexes and constraints that the code writes down."""
    path = tmp_path / "shop.db"
    migrate(path)

    assert differences(path, metadata) == []


def test_a_missing_migration_is_noticed(tmp_path: Path) -> None:
    """A column that no migration makes does not go unseen."""
    path = tmp_path / "shop.db"
    migrate(path)
    wanted = MetaData()
    for table in metadata.tables.values():
        table.to_metadata(wanted)
    wanted.tables["quotes"].append_column(Column("colour", Text))

    assert len(differences(path, wanted)) == 1


def test_checks_and_conditions_are_migrated(tmp_path: Path) -> None:
    """Alembic compares neither check constraints nor conditions of indexes; SQLite's own text of them tells."""
    migrated, made = tmp_path / "migrated.db", tmp_path / "made.db"
    migrate(migrated)
    engine = create_engine(f"sqlite:///{made}", poolclass=NullPool)
    metadata.create_all(engine)

    assert checks(migrated) == checks(made)
    assert len(checks(made)) >= 8
    assert conditions(migrated) == conditions(made)
    assert len(conditions(made)) >= 8


def checks(path: Path) -> set[tuple[str, str]]:
    """Answer every check constraint, with its table."""
    connection = sqlite3.connect(path)
    tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.close()
    return {
        (name, line.strip().rstrip(","))
        for name, sql in tables
        for line in sql.splitlines()
        if " CHECK " in line or "WITHOUT ROWID" in line or "AUTOINCREMENT" in line
    }


def conditions(path: Path) -> set[tuple[str, str]]:
    """Answer the condition of every partial index."""
    connection = sqlite3.connect(path)
    indexes = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'")
    found = {(name, sql.partition(" WHERE ")[2]) for name, sql in indexes}
    connection.close()
    return found


def test_head_is_the_newest_script() -> None:
    """The constant that the server compares with is the newest migration there is."""
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD


def test_migrating_again_does_nothing(tmp_path: Path) -> None:
    """The second time there is nothing to do, and the data stays."""
    path = tmp_path / "new" / "shop.db"

    assert applied_version(path) is None
    assert migrate(f"sqlite:///{path}")
    assert applied_version(path) == HEAD
    assert not migrate(path)


def test_several_programs_migrate_at_once(tmp_path: Path) -> None:
    """One does and says so, the others wait for it; nobody fails."""
    path = tmp_path / "shop.db"
    command = [
        sys.executable,
        "-c",
        f"from repaircore.adapters.storage.migrations import migrate; print(migrate({str(path)!r}))",
    ]

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda _: subprocess.check_output(command, text=True).strip(), range(4)))

    assert sorted(said) == ["False", "False", "False", "True"]
    assert applied_version(path) == HEAD


@pytest.mark.parametrize("database", compiling.SOURCES)
def test_compiled_sql_is_in_step(database: str) -> None:
    """The SQL that is carried in the package is what the statements compile to."""
    path = Path(compiling.__file__).with_name(database) / "sql.py"

    assert path.read_text(encoding="utf-8") == compiling.SOURCES[database](), (
        "run python -m repaircore.adapters.storage.compiling"
    )


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """How SQLite goes about every statement, in an empty database."""
    path = tmp_path_factory.mktemp("plans") / "shop.db"
    migrate(path)
    connection = sqlite3.connect(path)
    explained = {
        name: [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", [1] * sql.count("?"))]
        for name, sql in SQL.items()
    }
    connection.close()
    return {name: "; ".join(steps) for name, steps in explained.items()}


WHOLE_TABLE = {
    "balances",
    "catalogue_drafts",
    "count_by_status",
    "rulebooks",
    "keys",
    "jobs",
    "jobs_state",
    "jobs_name",
    "jobs_state_name",
}


OF_NO_TABLE = (
    "VIRTUAL TABLE",
    "CONSTANT",
    *(f"SCAN {rows}" for rows in ("matching", "some", "spelled", "page", "ids")),
)


def test_pages_walk_an_index(plans: dict[str, str]) -> None:
    """Page 10,000 costs what page 1 does: bounds and order come from one index, and nothing is sorted."""
    pages = {name: plan for name, plan in plans.items() if name.startswith("bookings") and "spelled" not in name}

    assert len(pages) == 40
    for name, plan in pages.items():
        assert index_of(name) in plan, name
        assert "TEMP B-TREE" not in plan, name


def index_of(name: str) -> str:
    """The walk of a page of bookings: along what is looked for exactly, or else between two keys with all that it is filtered by."""
    exact = next((column for column in ("customer_key", "customer_phone", "reference") if column in name), None)
    if exact == "reference":
        return "sqlite_autoindex_bookings_2 (reference=?)"
    if exact:
        return f"({exact}=? AND (created_at,id)>(?,?) AND (created_at,id)<(?,?))"
    key = [*(column for part, column in FILTERS.items() if part in name), "created_at", "id"]
    columns, places = ",".join(key), ",".join("?" for _ in key)
    return f"(({columns})>({places}) AND ({columns})<({places}))"


FILTERS = {"technician": "technician_id", "status": "status"}


def test_pages_of_words_walk_an_index(plans: dict[str, str]) -> None:
    """A word is walked in the order of the list; only the pages of several words are put in order together."""
    pages = {name: plan for name, plan in plans.items() if "_spelled_" in name}

    assert len(pages) == 8
    for name, plan in pages.items():
        walk, rest = plan.split("SCAN page")
        assert "SEARCH x USING PRIMARY KEY (word=? AND (created_at,booking_id)>(?,?)" in walk, name
        assert "TEMP B-TREE" not in walk, name
        assert "SEARCH b USING INDEX" in rest, name
    assert "SEARCH booking_words USING PRIMARY KEY (word>? AND word<?)" in plans["word_count"]


def test_pages_of_prices_walk_an_index(plans: dict[str, str]) -> None:
    """Each way to look for changes of prices has an index in the order of the list."""
    pages = {name: plan for name, plan in plans.items() if name.startswith("price_changes")}

    assert len(pages) == 16
    for name, plan in pages.items():
        assert "TEMP B-TREE" not in plan, name
        assert name == "price_changes" or "USING INDEX ix_price_changes" in plan, name


def test_nothing_else_looks_at_whole_tables(plans: dict[str, str]) -> None:
    """Point reads, guarded writes and the queue find their rows by index."""
    scanning = {
        name
        for name, plan in plans.items()
        if any(step.startswith("SCAN") and not any(word in step for word in OF_NO_TABLE) for step in plan.split("; "))
    }

    assert scanning <= WHOLE_TABLE


def test_opening_imports_no_sqlalchemy(tmp_path: Path) -> None:
    """A server that finds its database migrated starts without SQLAlchemy and alembic."""
    path = tmp_path / "shop.db"
    migrate(path)
    program = f"""
import sys
from repaircore.adapters.clock.system import SystemClock
from repaircore.adapters.storage.migrations import migrate
from repaircore.adapters.storage.sqlite import open_sqlite
migrate({str(path)!r})
open_sqlite({str(path)!r}, clock=SystemClock(), ids=None, subscriptions=lambda event: ())
print(sorted({{"sqlalchemy", "alembic", "aiohttp"}} & sys.modules.keys()))
"""

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert said.strip() == "[]"


def test_what_was_published_before_there_were_publications(tmp_path: Path) -> None:
    """Rulebooks of an older database come into force when they say, in the order in which they were published."""
    path = tmp_path / "shop.db"
    upgrade_to(path, "0001")
    connection = sqlite3.connect(path)
    for version, moment in (("b", "2025-06-01T00:00:00+01:00"), ("a", "2026-01-01T00:00:00+00:00")):
        content = f'{{"effective_from":"{moment}","version":"{version}"}}'
        connection.execute(
            "INSERT INTO rulebooks (version, content, published_at) VALUES (?, ?, ?)",
            (version, content, "2026-02-01T00:00:00.000000+00:00"),
        )
    connection.commit()
    connection.close()

    migrate(path)

    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT number, version, effective_from, approver FROM rulebook_publications ORDER BY number"
    ).fetchall()
    connection.close()
    assert rows == [
        (1, "b", "2025-05-31T23:00:00.000000+00:00", ""),
        (2, "a", "2026-01-01T00:00:00.000000+00:00", ""),
    ]


def upgrade_to(path: Path, revision: str) -> None:
    """Migrate a new file as far as that revision."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        upgrade(config, revision)


async def test_bookings_of_an_older_database_are_found(tmp_path: Path) -> None:
    """Words of bookings that were there before there were words are found as those of new ones."""
    path = tmp_path / "shop.db"
    upgrade_to(path, "0005")
    bookings = [evolve(a_booking(n), customer=named(name)) for n, name in ((1, "Zoë Łukasz"), (2, "Jo Bloggs"))]
    connection = sqlite3.connect(path)
    for booking in bookings:
        connection.execute(SQL["booking_add"], booking_row(booking))
    connection.execute("UPDATE bookings SET search = 'zoë łukasz iphone 13 pro'")
    connection.commit()
    connection.close()

    harness = SqliteHarness(path)

    assert await found(harness, BookingFilter(text="lukasz")) == bookings[:1]
    assert await found(harness, BookingFilter(text="bloggs iph")) == bookings[1:]
    await harness.storage.aclose()
