"""Migrations, carried in the package. Alembic is imported only when there is something to migrate."""

import sqlite3
from pathlib import Path
from typing import Any

from repaircore.adapters.storage.head import HEAD
from repaircore.adapters.storage.sqlite.connections import connect, database_path


def migrate(url: str | Path) -> bool:
    """Bring the database to head, all or nothing, creating it where there is none; answer whether there was anything to do.

    Several processes may try at once: one migrates, the others wait for it.
    """
    path = database_path(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    if applied_version(path) == HEAD:
        return False
    _upgrade(path)
    return True


def applied_version(path: Path) -> str | None:
    """Answer the migration that a database file is at; None for none, or where there is no database."""
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


def alembic_config() -> Any:
    """Answer alembic's configuration, which needs no file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def _upgrade(path: Path) -> None:
    from alembic.command import upgrade
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    engine = create_engine("sqlite://", creator=lambda: connect(path, busy_timeout=30), poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        upgrade(config, "head")
