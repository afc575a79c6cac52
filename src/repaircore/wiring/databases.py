"""The database that the settings name: checked, migrated and opened."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from repaircore.adapters.storage.urls import is_postgresql, masked
from repaircore.application.notifications.subscriptions import subscriptions
from repaircore.ports.clock import Clock
from repaircore.ports.errors import PortError
from repaircore.ports.ids import Ids
from repaircore.wiring.settings import ConfigurationError, DatabaseSettings

MEMORY = "memory:"


def check_database(settings: DatabaseSettings) -> None:
    """Look at the settings alone. Raises ConfigurationError for a database that this installation cannot open."""
    if is_postgresql(settings.url):
        if find_spec("psycopg") is None:
            raise ConfigurationError(
                f"database.url: {masked(settings.url)} needs the driver of PostgreSQL: pip install repaircore[postgresql]"
            )
    elif settings.url != MEMORY:
        database_file(settings, Path())


def database_file(settings: DatabaseSettings, data: Path) -> Path:
    """Answer where the embedded database is. Raises ConfigurationError for any other kind of database."""
    scheme, _, path = settings.url.partition(":///")
    if scheme != "sqlite" or not path:
        raise ConfigurationError(
            f"database.url: {masked(settings.url)!r} is not a database this version opens: "
            "write sqlite:///path, postgresql://user@host/name or memory:"
        )
    return data / path


def server_url(settings: DatabaseSettings) -> str:
    """Answer the URL of a PostgreSQL server with the password, which comes from the environment, as an option of its own."""
    password = "".join(settings.password)
    if not password:
        return settings.url
    return f"{settings.url}{'&' if '?' in settings.url else '?'}password={quote(password, safe='')}"


def sandbox_anchor(settings: DatabaseSettings, data: Path) -> Path | None:
    """Answer the file that the payment sandbox keeps its state beside; None when nothing is kept."""
    if is_postgresql(settings.url):
        return data / "var" / "repaircore"
    return None if settings.url == MEMORY else database_file(settings, data)


def migrate_database(settings: DatabaseSettings, data: Path) -> bool:
    """Bring the database to this version; answer whether there was anything to do.

    A file is created where there is none; a PostgreSQL database must be there. Raises ConfigurationError, or Unavailable when
    the database cannot be reached.
    """
    check_database(settings)
    if settings.url == MEMORY:
        return False
    from repaircore.adapters.storage.migrations import migrate

    return migrate(server_url(settings) if is_postgresql(settings.url) else database_file(settings, data))


def migrated_by_opening(settings: DatabaseSettings) -> bool:
    """Whether opening the core migrates, unless it is told otherwise: an embedded database has one program, a server many."""
    return not is_postgresql(settings.url)


async def open_storage(settings: DatabaseSettings, data: Path, *, clock: Clock, ids: Ids, queue: Any = None) -> Any:
    """Open the database; `queue` is the class of PostgreSQL's job queue where it is not the embedded one. Raises Unavailable when
    the database cannot be reached, or PostgreSQL is not at this version's migration."""
    check_database(settings)
    if is_postgresql(settings.url):
        return await _open_postgresql(server_url(settings), clock=clock, ids=ids, queue=queue)
    if settings.url == MEMORY:
        from repaircore.adapters.storage.memory import MemoryStorage

        return MemoryStorage(clock=clock, ids=ids, subscriptions=subscriptions)
    from repaircore.adapters.storage.sqlite import open_sqlite

    return open_sqlite(
        database_file(settings, data),
        clock=clock,
        ids=ids,
        subscriptions=subscriptions,
        synchronous=settings.synchronous,
    )


async def _open_postgresql(url: str, *, clock: Clock, ids: Ids, queue: Any) -> Any:
    from repaircore.adapters.storage.postgresql import open_postgresql

    chosen = {} if queue is None else {"queue": queue}
    storage = open_postgresql(url, clock=clock, ids=ids, subscriptions=subscriptions, **chosen)
    try:
        await storage.health()
    except PortError:
        await storage.aclose()
        raise
    return storage
