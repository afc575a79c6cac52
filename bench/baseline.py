"""The least program that gives the same answers: aiohttp, one transaction for each write, nothing else.

On SQLite it has one connection; on PostgreSQL psycopg's pool of as many as the server of a small shop would be given. Its answers
were recorded from the real server; it validates, signs and logs nothing. `python -m bench.baseline FOLDER [URL]`.
"""

import os
import sqlite3
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Protocol

from aiohttp import web

DATABASE = "baseline.db"
QUOTE, BOOKING, RECEIVED, ITEM = "quote.json", "booking.json", "received.json", "item.json"
_CONNECTIONS = 16
_CREATE = "CREATE TABLE IF NOT EXISTS documents (id TEXT PRIMARY KEY, at INTEGER NOT NULL, body {binary} NOT NULL)"
_INDEX = "CREATE INDEX IF NOT EXISTS documents_page ON documents (at, id)"
_COUNT = "SELECT count(*) FROM documents"
_ADD = "INSERT INTO documents (id, at, body) VALUES (?, ?, ?)"
_ADD_THERE = "INSERT INTO documents (id, at, body) VALUES (%s, %s, %s)"
_PAGE = "SELECT body FROM documents ORDER BY at DESC, id DESC LIMIT 20"
_ONE = "SELECT body FROM documents WHERE id = ?"
_ONE_THERE = "SELECT body FROM documents WHERE id = %s"

Document = tuple[str, int, bytes]


def prepare(folder: Path, item: bytes, ids: Sequence[str], *, url: str = "") -> None:
    """Make its database, with one document for each id."""
    documents = [(id, at, item) for at, id in enumerate(ids)]
    if url:
        import psycopg

        with psycopg.connect(url, autocommit=True) as there:
            there.execute(_CREATE.format(binary="BYTEA").encode())
            there.execute(_INDEX)
            with there.transaction():
                there.cursor().executemany(_ADD_THERE, documents)
            there.execute("VACUUM ANALYZE documents")
        return
    connection = _connect(folder)
    connection.execute("BEGIN")
    connection.executemany(_ADD, documents)
    connection.execute("COMMIT")
    connection.close()


def _connect(folder: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / DATABASE, isolation_level=None)
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", _CREATE.format(binary="BLOB"), _INDEX):
        connection.execute(statement)
    return connection


class Store(Protocol):
    """Where documents are."""

    async def open(self) -> int:
        """Connect; answer how many documents there are."""
        ...

    async def add(self, documents: Sequence[Document]) -> None:
        """Keep them, in one transaction."""
        ...

    async def page(self) -> list[bytes]:
        """Answer the newest twenty."""
        ...

    async def one(self, id: str) -> bytes:
        """Answer one."""
        ...


class Sqlite:
    """One connection, on the event loop's thread."""

    def __init__(self, folder: Path) -> None:
        self._connection = _connect(folder)

    async def open(self) -> int:
        number: int = self._connection.execute(_COUNT).fetchone()[0]
        return number

    async def add(self, documents: Sequence[Document]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        for document in documents:
            self._connection.execute(_ADD, document)
        self._connection.execute("COMMIT")

    async def page(self) -> list[bytes]:
        return [body for (body,) in self._connection.execute(_PAGE)]

    async def one(self, id: str) -> bytes:
        body: bytes = self._connection.execute(_ONE, (id,)).fetchone()[0]
        return body


class Postgresql:
    """A pool of connections, each with its statements prepared."""

    def __init__(self, url: str) -> None:
        from psycopg_pool import AsyncConnectionPool

        self._pool = AsyncConnectionPool(
            url,
            min_size=_CONNECTIONS,
            max_size=_CONNECTIONS,
            open=False,
            kwargs={"autocommit": True, "prepare_threshold": 0},
        )

    async def open(self) -> int:
        await self._pool.open(wait=True)
        async with self._pool.connection() as connection:
            (number,) = await (await connection.execute(_COUNT)).fetchone() or (0,)
        return int(number)

    async def add(self, documents: Sequence[Document]) -> None:
        async with self._pool.connection() as connection, connection.transaction():
            for document in documents:
                await connection.execute(_ADD_THERE, document)

    async def page(self) -> list[bytes]:
        async with self._pool.connection() as connection:
            return [body for (body,) in await (await connection.execute(_PAGE)).fetchall()]

    async def one(self, id: str) -> bytes:
        async with self._pool.connection() as connection:
            (body,) = await (await connection.execute(_ONE_THERE, (id,))).fetchone() or (b"",)
        return bytes(body)


class Baseline:
    """The handlers."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._store = store
        self._quote, self._booking, self._received = (
            (folder / name).read_bytes() for name in (QUOTE, BOOKING, RECEIVED)
        )
        self._numbers = count()

    async def open(self, app: web.Application) -> None:
        self._numbers = count(await self._store.open())

    async def health(self, request: web.Request) -> web.Response:
        return _json(b'{"status":"ok"}')

    async def quote(self, request: web.Request) -> web.Response:
        await self._add(await request.read(), 1)
        return _json(self._quote, 201)

    async def book(self, request: web.Request) -> web.Response:
        await self._add(await request.read(), 2)
        return _json(self._booking, 201)

    async def page(self, request: web.Request) -> web.Response:
        return _json(b'{"items":[' + b",".join(await self._store.page()) + b'],"next_cursor":null}')

    async def one(self, request: web.Request) -> web.Response:
        return _json(await self._store.one(request.match_info["id"]))

    async def webhook(self, request: web.Request) -> web.Response:
        await self._add(await request.read(), 2)
        return _json(self._received)

    async def _add(self, body: bytes, rows: int) -> None:
        numbers = [next(self._numbers) for _ in range(rows)]
        await self._store.add([(f"new_{at}", at, body) for at in numbers])


def _json(body: bytes, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, content_type="application/json")


def main(folder: Path, port: int, url: str = "") -> None:
    """Serve until told to stop."""
    from uvloop import new_event_loop

    baseline, app = Baseline(folder, Postgresql(url) if url else Sqlite(folder)), web.Application()
    app.on_startup.append(baseline.open)
    app.add_routes(
        [
            web.get("/health", baseline.health),
            web.post("/v1/quotes", baseline.quote),
            web.post("/v1/bookings", baseline.book),
            web.get("/v1/bookings", baseline.page),
            web.get("/v1/bookings/{id}", baseline.one),
            web.post("/v1/webhooks/sandbox", baseline.webhook),
        ]
    )
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None, loop=new_event_loop())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(os.environ["PORT"]), *sys.argv[2:])
