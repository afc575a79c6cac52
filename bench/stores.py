"""The peers' tables behind our own committer and reader of SQLite; `stores_postgresql.py` has those of PostgreSQL.

Only the statements are the suite's: how they are gathered, sent in shared transactions and prepared is what the core does. Moments
are texts in UTC without an offset, as the suite writes them.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from sqlite3 import Cursor
from typing import Any, Final, Protocol

from repaircore.adapters.storage.sqlite.committer import Committer
from repaircore.adapters.storage.sqlite.connections import connect
from repaircore.adapters.storage.sqlite.reader import Reader

Cells = tuple[Any, ...]
Rows = Sequence[Sequence[Any]]

ITEM: Final = (
    "id,ticket,status,payment_status,customer_name,customer_email,customer_phone,"
    "model_id,total_cents,deposit_cents,scheduled_at,created_at"
)
ORDER: Final = "ORDER BY created_at DESC,id DESC LIMIT"


class Store(Protocol):
    """What the peers keep, and how they find it."""

    async def book(self, booking: Cells, told: Cells) -> None:
        """Keep a booking and its message to the world in one transaction."""
        ...

    async def paid(self, event_id: str, booking_id: str, told: str, at: str) -> None:
        """Keep a payment and its message, once for each event."""
        ...

    async def page(self, status: str, wanted: int, after: tuple[str, str] | None) -> Rows:
        """Answer the newest, or those behind that moment and id."""
        ...

    async def one(self, id: str) -> Sequence[Any] | None:
        """Answer one, with its quote and its notes."""
        ...

    async def aclose(self) -> None:
        """Finish, and let go."""
        ...


class SqliteStore:
    """A file of SQLite, behind the one writer."""

    def __init__(self, path: Path, *, columns: str, synchronous: str) -> None:
        self._committer = Committer(connect(path, synchronous=synchronous), busy_timeout=10.0)
        self._reader = Reader(path)
        self._add = f"INSERT INTO bookings({columns}) VALUES({','.join('?' * 15)})"

    async def book(self, booking: Cells, told: Cells) -> None:
        await self._committer.run(partial(_send, ((self._add, booking), (_TELL, told))))

    async def paid(self, event_id: str, booking_id: str, told: str, at: str) -> None:
        await self._committer.run(partial(_paid, event_id, booking_id, told, at))

    async def page(self, status: str, wanted: int, after: tuple[str, str] | None) -> Rows:
        if after:
            behind = f"SELECT {ITEM} FROM bookings WHERE status=? AND (created_at,id)<(?,?) {ORDER} ?"
            return self._reader.rows(behind, (status, *after, wanted))
        return self._reader.rows(f"SELECT {ITEM} FROM bookings WHERE status=? {ORDER} ?", (status, wanted))

    async def one(self, id: str) -> Sequence[Any] | None:
        rows = self._reader.rows(f"SELECT {ITEM},quote,notes FROM bookings WHERE id=?", (id,))
        return rows[0] if rows else None

    async def aclose(self) -> None:
        await self._committer.aclose()
        self._reader.close()


_TELL: Final = "INSERT INTO outbox(topic,payload,created_at) VALUES(?,?,?)"


def _send(writes: Sequence[tuple[str, Cells]], cursor: Cursor) -> None:
    for sql, parameters in writes:
        cursor.execute(sql, parameters)


def _paid(event_id: str, booking_id: str, told: str, at: str, cursor: Cursor) -> None:
    if cursor.execute("INSERT INTO processed_events VALUES(?,?) ON CONFLICT DO NOTHING", (event_id, at)).rowcount:
        cursor.execute("UPDATE bookings SET payment_status='paid',updated_at=? WHERE id=?", (at, booking_id))
        cursor.execute(_TELL, ("booking.paid", told, at))
