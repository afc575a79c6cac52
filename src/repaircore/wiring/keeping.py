"""Keeping the database that the settings name: backing up, restoring, copying."""

from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from repaircore.adapters.storage.keeping.backups import Keeper, make_backup, restore_backup
from repaircore.adapters.storage.keeping.container import Manifest
from repaircore.adapters.storage.keeping.copying import Copied, copy_database
from repaircore.adapters.storage.keeping.showing import Show
from repaircore.adapters.storage.urls import is_postgresql
from repaircore.wiring.databases import MEMORY, check_database, database_file, server_url
from repaircore.wiring.settings import ConfigurationError, DatabaseSettings

__all__ = ["Copied", "Manifest", "backup", "copy", "restore"]


def backup(
    settings: DatabaseSettings, data: Path, file: Path, *, at: datetime, show: Show, programs: Path | None = None
) -> Manifest:
    """Write the database into a file, while servers go on. `programs` is the folder of PostgreSQL's programs, if not in PATH."""
    keeper = _keeper(settings, data, programs)
    return make_backup(keeper, file, program=version("repaircore"), at=at, show=show)


def restore(
    settings: DatabaseSettings,
    data: Path,
    file: Path,
    *,
    replace: bool,
    despite_faults: bool,
    show: Show,
    programs: Path | None = None,
) -> Manifest:
    """Put a verified backup in the database's place."""
    keeper = _keeper(settings, data, programs)
    return restore_backup(keeper, file, replace=replace, despite_faults=despite_faults, show=show)


def copy(source: DatabaseSettings, target: DatabaseSettings, data: Path, *, show: Show) -> Copied:
    """Copy one database into another, which is empty."""
    return copy_database(_address(source, data), _address(target, data), show)


def _keeper(settings: DatabaseSettings, data: Path, programs: Path | None) -> Keeper:
    address = _address(settings, data)
    if isinstance(address, Path):
        from repaircore.adapters.storage.keeping.sqlite_backup import SqliteKeeper

        return SqliteKeeper(address)
    from repaircore.adapters.storage.keeping.postgresql_backup import PostgresqlKeeper
    from repaircore.adapters.storage.keeping.tools import Tools

    return PostgresqlKeeper(address, Tools(programs))


def _address(settings: DatabaseSettings, data: Path) -> str | Path:
    check_database(settings)
    if settings.url == MEMORY:
        raise ConfigurationError("database.url: memory: is kept nowhere, so there is nothing to keep")
    return server_url(settings) if is_postgresql(settings.url) else database_file(settings, data).resolve()
