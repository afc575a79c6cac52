"""Reading what is committed: short reads at once, reads without a bound on a thread of their own."""

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from repaircore.adapters.storage.sqlite.connections import connect_to_read
from repaircore.adapters.storage.sqlite.errors import refusal
from repaircore.adapters.storage.sqlite.sql import SQL

Row = tuple[Any, ...]


class Reader:
    """Two read-only connections: one on the event loop's thread, where a point read is cheaper than asking another thread."""

    def __init__(self, path: Path) -> None:
        near, far = connect_to_read(path), connect_to_read(path)
        self._near, self._far = near.cursor(), far.cursor()
        self._connections = near, far
        self._thread = ThreadPoolExecutor(1, "repaircore-read")

    async def all(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Answer every row of a short read, without giving way to anybody. Raises Unavailable."""
        return self.rows(SQL[statement], parameters)

    async def first(self, statement: str, parameters: Sequence[Any] = ()) -> Row | None:
        """Answer the first row of a short read, without giving way to anybody. Raises Unavailable."""
        rows = self.rows(SQL[statement], parameters)
        return rows[0] if rows else None

    async def far(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Answer every row of a read that may take long. Raises Unavailable."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, _rows, self._far, SQL[statement], parameters)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Answer every row of any SQL, at once. Raises Unavailable."""
        return _rows(self._near, sql, parameters)

    def close(self) -> None:
        """Let go of the file."""
        self._thread.shutdown()
        for connection in self._connections:
            connection.close()


def _rows(cursor: sqlite3.Cursor, sql: str, parameters: Sequence[Any]) -> list[Row]:
    try:
        return cursor.execute(sql, parameters).fetchall()
    except sqlite3.Error as error:
        raise refusal(error) from error
