"""The peers' tables behind our own committer and reader of PostgreSQL: their statements are prepared and share transactions as
the core's do."""

from collections.abc import Sequence
from typing import Any, Final

from bench.stores import ITEM, ORDER, Cells, Rows
from repaircore.adapters.storage.postgresql.committer import Committer
from repaircore.adapters.storage.postgresql.link import TEXTS
from repaircore.adapters.storage.postgresql.reader import PostgresqlReader
from repaircore.adapters.storage.postgresql.steps import KINDS, NAMES, Kind
from repaircore.adapters.storage.relational.gathering import Write

_WHOLE: Final = ("total_cents", "deposit_cents")
_MOMENTS: Final = ("scheduled_at", "created_at", "updated_at")


class PostgresqlStore:
    """A database of PostgreSQL, behind the committer's lanes."""

    def __init__(self, url: str, *, columns: str) -> None:
        _teach(columns)
        self._committer = Committer(url)
        self._reader = PostgresqlReader(url)

    async def book(self, booking: Cells, told: Cells) -> None:
        await self._committer.commit((Write("peers_booking_add", booking), Write("peers_told_add", told)))

    async def paid(self, event_id: str, booking_id: str, told: str, at: str) -> None:
        await self._committer.commit((Write("peers_paid", (event_id, booking_id, told, at)),))

    async def page(self, status: str, wanted: int, after: tuple[str, str] | None) -> Rows:
        if after:
            return await self._reader.all("peers_next_page", (status, *after, wanted))
        return await self._reader.all("peers_first_page", (status, wanted))

    async def one(self, id: str) -> Sequence[Any] | None:
        return await self._reader.first("peers_one", (id,))

    async def aclose(self) -> None:
        await self._committer.aclose()
        await self._reader.aclose()


def _teach(columns: str) -> None:
    """Make the suite's statements known beside the core's own."""
    cells = {
        "peers_booking_add": columns.split(","),
        "peers_told_add": ["topic", "payload", "created_at"],
        "peers_paid": ["event_id", "booking_id", "payload", "created_at"],
    }
    for table, (name, names) in enumerate(cells.items(), start=len(KINDS)):
        KINDS[name] = Kind(name, table)
        NAMES[name] = tuple(names)
    told = cells["peers_told_add"]
    texts = {
        "peers_booking_add": f"INSERT INTO bookings({columns}) {_rows(cells['peers_booking_add'])}",
        "peers_told_add": f"INSERT INTO outbox({','.join(told)}) {_rows(told)}",
        "peers_paid": _PAID.format(rows=_rows(cells["peers_paid"])),
        "peers_one": f"SELECT {ITEM},CAST(quote AS TEXT),notes FROM bookings WHERE id=$1",
        "peers_first_page": f"SELECT {ITEM} FROM bookings WHERE status=$1 {ORDER} $2",
        "peers_next_page": f"SELECT {ITEM} FROM bookings WHERE status=$1 AND (created_at,id)<($2,$3) {ORDER} $4",
    }
    TEXTS.update({name: text.encode() for name, text in texts.items()})


_PAID: Final = """
    WITH given AS (SELECT DISTINCT ON (event_id) * FROM ({rows}) AS each ORDER BY event_id),
    taken AS (
        INSERT INTO processed_events SELECT event_id, created_at FROM given ON CONFLICT DO NOTHING RETURNING event_id
    ),
    fresh AS (SELECT given.* FROM given JOIN taken USING (event_id)),
    paid AS (
        UPDATE bookings SET payment_status = 'paid', updated_at = fresh.created_at
        FROM fresh WHERE bookings.id = fresh.booking_id
    )
    INSERT INTO outbox(topic,payload,created_at) SELECT 'booking.paid', payload, created_at FROM fresh
"""


def _rows(names: Sequence[str]) -> str:
    """Write how rows that come as one JSON list are read."""
    json = ("quote", "payload")
    read = ",".join(f"CAST(r.{name} AS JSONB) AS {name}" if name in json else f"r.{name}" for name in names)
    return f"SELECT {read} FROM json_to_recordset($1) AS r({','.join(f'{name} {_type(name)}' for name in names)})"


def _type(name: str) -> str:
    if name in _MOMENTS:
        return "TIMESTAMPTZ"
    return "INTEGER" if name in _WHOLE else "TEXT"
