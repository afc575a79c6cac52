"""Migrating a file of SQLite."""

import sqlite3
from pathlib import Path

from repaircore.adapters.storage.head import HEAD
from repaircore.adapters.storage.sqlite.connections import connect, database_path


def upgrade(url: str | Path) -> bool:
    """Bring a file to head in one transaction, creating it where there is none; answer False when another program did so meanwhile."""
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    from repaircore.adapters.storage.migrations.scripts import run

    path = database_path(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)  # customers' data: for others to read only once its owner says so
    engine = create_engine("sqlite://", creator=lambda: connect(path, busy_timeout=30), poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        found = applied_version(path)
        if found != HEAD:
            run(connection, found=found)
    return found != HEAD


def applied_version(url: str | Path) -> str | None:
    """Answer the migration that a file is at; None for none, or where there is no file."""
    path = database_path(url)
    if not path.exists():
        return None
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return None
    finally:
        connection.close()
    return row[0] if row else None
