"""SQLite, embedded: the default."""

from repaircore.adapters.storage.sqlite.storage import SqliteStorage, open_sqlite

__all__ = ["SqliteStorage", "open_sqlite"]
