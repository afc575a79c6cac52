"""PostgreSQL: for many servers and workers, or when a business has outgrown one file."""

from repaircore.adapters.storage.postgresql.storage import PostgresqlStorage, open_postgresql

__all__ = ["PostgresqlStorage", "open_postgresql"]
