"""What the migrations make of a PostgreSQL database."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Engine, MetaData, Text, create_engine
from sqlalchemy.pool import NullPool

from repaircore.adapters.storage.head import HEAD
from repaircore.adapters.storage.migrations import applied_version, migrate
from repaircore.adapters.storage.tables import metadata
from repaircore.ports.errors import Unavailable

COLUMNS = """
    SELECT table_name, column_name, udt_name, collation_name, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 'alembic_version'::regclass
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"

TYPES = {"text", "json", "timestamptz", "int8", "int4", "bool", "bytea"}


def rows(url: str, statement: str) -> set[tuple[object, ...]]:
    """Everything that one statement answers."""
    with psycopg.connect(url, autocommit=True) as connection:
        return set(connection.execute(statement.encode()).fetchall())


def execute(url: str, statement: str) -> None:
    """Run one statement."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def engine(url: str) -> Engine:
    """SQLAlchemy's way to the same database."""
    return create_engine(url.replace("postgresql:", "postgresql+psycopg:"), poolclass=NullPool)


def differences(url: str, wanted: MetaData) -> list[object]:
    """What alembic would change to get from the migrated database to those tables."""
    with engine(url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, wanted))


def test_migrations_make_the_tables(postgres_url: str) -> None:
    """A migrated database has exactly the tables, columns, indexes and constraints that the code writes down."""
    assert differences(postgres_url, metadata) == []


def test_a_missing_migration_is_noticed(postgres_url: str) -> None:
    """A column that no migration makes does not go unseen."""
    wanted = MetaData()
    for table in metadata.tables.values():
        table.to_metadata(wanted)
    wanted.tables["quotes"].append_column(Column("colour", Text))

    assert len(differences(postgres_url, wanted)) == 1


@pytest.mark.parametrize("catalogue", [COLUMNS, CONSTRAINTS, INDEXES], ids=["columns", "constraints", "indexes"])
def test_migrated_and_made_databases_are_alike(postgres_url: str, empty_postgres_url: str, catalogue: str) -> None:
    """PostgreSQL's own catalogue says the same of a migrated database and of one that is made from the tables."""
    execute(empty_postgres_url, "CREATE TABLE alembic_version ()")
    metadata.create_all(engine(empty_postgres_url))

    assert rows(postgres_url, catalogue) == rows(empty_postgres_url, catalogue)


def test_columns_are_of_few_types(postgres_url: str) -> None:
    """Text sorts by code point whatever the server's language, JSON is kept as written, moments know their zone, amounts are wide."""
    columns = rows(postgres_url, COLUMNS)

    assert {kind for _, _, kind, *_ in columns} == TYPES
    assert {collation for _, _, kind, collation, *_ in columns if kind == "text"} == {"C"}
    assert ("payments", "amount", "int8", None, "NO", None) in columns


def test_laws_that_the_database_keeps(postgres_url: str) -> None:
    """Amounts below zero and states that there are not are refused by the database itself."""
    laws = {name: law for _, name, law in rows(postgres_url, CONSTRAINTS)}

    assert "(amount >= 0)" in str(laws["ck_payments_amounts"])
    assert "'waiting_parts'" in str(laws["ck_bookings_status"])
    assert len([name for name in laws if str(name).startswith("ck_")]) >= 18


def test_indexes_over_some_rows(postgres_url: str) -> None:
    """Due jobs, and the one open payment for each purpose of a booking, are found by indexes that hold nothing else."""
    indexes = {name: index for _, name, index in rows(postgres_url, INDEXES)}

    assert str(indexes["ix_jobs_due"]).endswith("WHERE (due_at IS NOT NULL)")
    assert str(indexes["uq_payments_open"]).startswith("CREATE UNIQUE")
    assert str(indexes["uq_payments_open"]).endswith("WHERE open")


def test_migrating_again_does_nothing(empty_postgres_url: str) -> None:
    """The second time there is nothing to do."""
    assert applied_version(empty_postgres_url) is None
    assert migrate(empty_postgres_url)
    assert applied_version(empty_postgres_url) == HEAD
    assert not migrate(empty_postgres_url)


def test_several_machines_migrate_at_once(empty_postgres_url: str) -> None:
    """One does and says so; the others wait for it and have nothing to do."""
    program = "import sys; from repaircore.adapters.storage.migrations import migrate; print(migrate(sys.argv[1]))"

    def told(_: int) -> str:
        command = [sys.executable, "-c", program, empty_postgres_url]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        return (done.stdout + done.stderr).strip()

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(told, range(4)))

    assert answers == ["False", "False", "False", "True"]
    assert applied_version(empty_postgres_url) == HEAD


def test_all_or_nothing(empty_postgres_url: str) -> None:
    """A migration that fails leaves the database as it was, and the refusal says what stood in its way."""
    execute(empty_postgres_url, "CREATE TABLE quotes (mine text)")

    with pytest.raises(Unavailable, match=r'is as it was.*"quotes" already exists'):
        migrate(empty_postgres_url)
    assert rows(empty_postgres_url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == {("quotes",)}


def test_a_database_of_a_newer_program(postgres_url: str) -> None:
    """It is left alone, and the refusal says which migration it is at."""
    execute(postgres_url, "UPDATE alembic_version SET version_num = '9999'")
    try:
        with pytest.raises(Unavailable, match=r"at migration 9999.*install the newer version"):
            migrate(postgres_url)
        assert applied_version(postgres_url) == "9999"
    finally:
        execute(postgres_url, f"UPDATE alembic_version SET version_num = '{HEAD}'")


def test_a_server_that_is_not_there() -> None:
    """The refusal names the address, and not the password."""
    with pytest.raises(Unavailable) as refused:
        migrate("postgresql://shop:hush@127.0.0.1:1/shop")

    assert "postgresql://shop:***@127.0.0.1:1/shop" in str(refused.value)
    assert "hush" not in str(refused.value)
