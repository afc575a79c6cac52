"""The least program that gives the same answers: aiohttp, one SQLite connection, one transaction for each write, nothing else.

Its answers were recorded from the real server; it validates, signs and logs nothing. `python -m bench.baseline FOLDER`.
"""

import os
import sqlite3
import sys
from itertools import count
from pathlib import Path

from aiohttp import web

DATABASE = "baseline.db"
QUOTE, BOOKING, RECEIVED, ITEM = "quote.json", "booking.json", "received.json", "item.json"
_CREATE = "CREATE TABLE IF NOT EXISTS documents (id TEXT PRIMARY KEY, at INTEGER NOT NULL, body BLOB NOT NULL)"
_INDEX = "CREATE INDEX IF NOT EXISTS documents_page ON documents (at, id)"
_ADD = "INSERT INTO documents (id, at, body) VALUES (?, ?, ?)"
_PAGE = "SELECT body FROM documents ORDER BY at DESC, id DESC LIMIT 20"
_ONE = "SELECT body FROM documents WHERE id = ?"


def prepare(folder: Path, item: bytes, ids: list[str]) -> None:
    """Make its database, with one document for each id."""
    connection = _connect(folder)
    connection.execute("BEGIN")
    connection.executemany(_ADD, [(id, at, item) for at, id in enumerate(ids)])
    connection.execute("COMMIT")
    connection.close()


def _connect(folder: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / DATABASE, isolation_level=None)
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", _CREATE, _INDEX):
        connection.execute(statement)
    return connection


class Baseline:
    """The handlers."""

    def __init__(self, folder: Path) -> None:
        self._connection = _connect(folder)
        self._quote, self._booking, self._received = (
            (folder / name).read_bytes() for name in (QUOTE, BOOKING, RECEIVED)
        )
        self._numbers = count(self._connection.execute("SELECT count(*) FROM documents").fetchone()[0])

    async def health(self, request: web.Request) -> web.Response:
        return _json(b'{"status":"ok"}')

    async def quote(self, request: web.Request) -> web.Response:
        self._add(await request.read(), 1)
        return _json(self._quote, 201)

    async def book(self, request: web.Request) -> web.Response:
        self._add(await request.read(), 2)
        return _json(self._booking, 201)

    async def page(self, request: web.Request) -> web.Response:
        bodies = [body for (body,) in self._connection.execute(_PAGE)]
        return _json(b'{"items":[' + b",".join(bodies) + b'],"next_cursor":null}')

    async def one(self, request: web.Request) -> web.Response:
        return _json(self._connection.execute(_ONE, (request.match_info["id"],)).fetchone()[0])

    async def webhook(self, request: web.Request) -> web.Response:
        self._add(await request.read(), 2)
        return _json(self._received)

    def _add(self, body: bytes, rows: int) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        for _ in range(rows):
            at = next(self._numbers)
            self._connection.execute(_ADD, (f"new_{at}", at, body))
        self._connection.execute("COMMIT")


def _json(body: bytes, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, content_type="application/json")


def main(folder: Path, port: int) -> None:
    """Serve until told to stop."""
    from uvloop import new_event_loop

    baseline, app = Baseline(folder), web.Application()
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
    main(Path(sys.argv[1]), int(os.environ["PORT"]))
