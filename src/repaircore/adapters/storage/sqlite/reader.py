"""Reading what is committed: short reads at once, reads without a bound on a thread of their own."""

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from repaircore.adapters.storage.sqlite.connections import connect_to_read
from repaircore.adapters.storage.sqlite.errors import refusal

Row = tuple[Any, ...]


class Reader:
    """Two read-only connections: one on the event loop's thread, where a point read is cheaper than asking another thread."""

    def __init__(self, path: Path) -> None:
        near, far = connect_to_read(path), connect_to_read(path)
        self._near, self._far = near.cursor(), far.cursor()
        self._connections = near, far
        self._thread = ThreadPoolExecutor(1, "repaircore-read")

    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Answer every row of a short read. Raises Unavailable."""
        return _rows(self._near, sql, parameters)

    def first(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """Answer the first row of a short read. Raises Unavailable."""
        rows = _rows(self._near, sql, parameters)
        return rows[0] if rows else None

    async def far(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Answer every row of a read that may take long. Raises Unavailable."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, _rows, self._far, sql, parameters)

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
