"""What units of work gathered, done to SQLite."""

import sqlite3
from collections.abc import Sequence

from repaircore.adapters.storage.relational.gathering import Write
from repaircore.adapters.storage.sqlite.sql import SQL
from repaircore.ports.errors import Conflict


def apply(writes: Sequence[Write], cursor: sqlite3.Cursor) -> None:
    """Send the writes in order. Raises Conflict, or its own refusal, when a guarded one finds no row."""
    execute = cursor.execute
    for statement, cells, guarded, refusal in writes:
        execute(SQL[statement], cells)
        if guarded and cursor.rowcount != 1:
            raise refusal or Conflict("somebody else changed this first: read it again")
