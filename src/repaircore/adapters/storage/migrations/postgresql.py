"""Migrating a PostgreSQL database."""

from typing import Any, Final

import psycopg

from repaircore.adapters.storage.head import HEAD
from repaircore.adapters.storage.urls import masked
from repaircore.ports.errors import Unavailable

_LOCK: Final = 0x7265706169726372  # ours alone: "repaircr"
_PATIENCE: Final = 10  # seconds until a server that does not answer is given up
_TABLE: Final = "SELECT to_regclass('alembic_version')"
_VERSION: Final = "SELECT version_num FROM alembic_version"


def upgrade(url: str) -> bool:
    """Bring a database to head in one transaction; answer False when another machine did so meanwhile."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import NullPool

    from repaircore.adapters.storage.migrations.scripts import run

    engine = create_engine("postgresql+psycopg://", creator=lambda: _connect(url), poolclass=NullPool)
    try:
        with engine.begin() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            found = _applied(driver)
            if found != HEAD:
                run(connection, found=found)
    except DBAPIError as error:
        raise Unavailable(f"the database was not migrated, and is as it was: {error.orig}") from error
    return found != HEAD


def applied_version(url: str) -> str | None:
    """Answer the migration that a database is at; None for none. Raises Unavailable when the server cannot be reached."""
    with _connect(url) as connection:
        return _applied(connection)


def _applied(connection: psycopg.Connection) -> str | None:
    if connection.execute(_TABLE).fetchone() == (None,):
        return None
    row = connection.execute(_VERSION).fetchone()
    return row[0] if row else None


def _connect(url: str) -> psycopg.Connection:
    try:
        return psycopg.connect(url, connect_timeout=_PATIENCE, application_name="repaircore migrate")
    except psycopg.Error as error:
        raise Unavailable(f"cannot open the database {masked(url)}: {str(error).strip()}") from None
