"""A PostgreSQL that lets nobody in without the password."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from tests.servers.postgres import GUARDED, running_postgres

PASSWORD: Final = "hu&sh %/@"


@contextmanager
def guarded_postgres() -> Iterator[str]:
    """Run one of one's own, and answer the URL, which has no password in it."""
    with running_postgres(durable=False) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {GUARDED} SUPERUSER LOGIN PASSWORD '{PASSWORD}'".encode())
        yield f"postgresql://{GUARDED}@{server.url.partition('@')[2]}"
