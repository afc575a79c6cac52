"""Migrations, carried in the package. Alembic is imported only when there is something to migrate."""

from pathlib import Path
from typing import Any

from repaircore.adapters.storage.head import HEAD
from repaircore.adapters.storage.urls import is_postgresql


def migrate(url: str | Path) -> bool:
    """Bring the database to head, all or nothing; answer whether there was anything to do.

    A file of SQLite is created where there is none. Several processes, on several machines, may try at once: one migrates, the
    others wait for it. Raises Unavailable when the database cannot be reached, or was migrated by a newer program.
    """
    if applied_version(url) == HEAD:
        return False
    done: bool = _database(url).upgrade(url)
    return done


def applied_version(url: str | Path) -> str | None:
    """Answer the migration that a database is at; None for none. Raises Unavailable when PostgreSQL cannot be reached."""
    found: str | None = _database(url).applied_version(url)
    return found


def alembic_config() -> Any:
    """Answer alembic's configuration, which needs no file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def _database(url: str | Path) -> Any:
    """A program loads the driver that it uses, and no other."""
    if is_postgresql(url):
        from repaircore.adapters.storage.migrations import postgresql

        return postgresql
    from repaircore.adapters.storage.migrations import sqlite

    return sqlite
