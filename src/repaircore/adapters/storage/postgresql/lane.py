"""A lane to the server: one connection at a time, made when somebody needs it, and made anew when it broke."""

import asyncio
from collections.abc import Sequence
from typing import Final

from psycopg import AsyncConnection, Error, OperationalError
from psycopg.abc import Transformer

from repaircore.adapters.storage.postgresql.link import TEXTS, Answers, Link, Notified, Statement, Texts
from repaircore.ports.errors import Unavailable

PATIENCE: Final = 3.0
"""Seconds for which whoever needs a connection waits until the server is back; restarting takes it one or two."""

_FIRST_REST, _LONGEST_REST = 0.02, 0.5

# Every statement here finds its rows by an index, also while the planner still takes its table for empty. It is planned once for all
# parameters: planned for each anew, a list takes longer in a full database, and may walk past the bookings of others.
SESSION: Final = (
    "SET TIME ZONE 'UTC'; SET DateStyle = 'ISO'; SET client_encoding = 'UTF8'; SET jit = off; SET enable_seqscan = off;"
    " SET enable_bitmapscan = off; SET enable_incremental_sort = off; SET enable_hashjoin = off; SET enable_mergejoin = off;"
    " SET max_parallel_workers_per_gather = 0; SET plan_cache_mode = force_generic_plan; SET statement_timeout = '20s';"
    " SET idle_in_transaction_session_timeout = '10s'"
)
_HOPELESS: Final = ("28", "3D", "42")  # a wrong password, no such database, no permission: waiting does not help


class Lane:
    """Exchanges statements for answers, one exchange at a time, whatever becomes of the connection in between."""

    def __init__(self, url: str, *, notified: Notified = lambda process, said: None, texts: Texts = TEXTS) -> None:
        self._url = url
        self._notified = notified
        self._texts = texts
        self._link: Link | None = None

    async def exchange(self, groups: Sequence[Sequence[Statement]]) -> list[Answers]:
        """Send the groups. Raises Unavailable when nothing was sent, Lost when the connection broke on the way."""
        return await (await self.connected()).exchange(groups)

    async def connected(self) -> Link:
        """Answer the connection, made now if there is none. Raises Unavailable when the server stays away."""
        if self._link is None or not self._link.alive:
            self._link = await self._connect()
        return self._link

    @property
    def transformer(self) -> Transformer:
        """Reads the answers of the connection at hand."""
        assert self._link is not None
        return self._link.transformer

    @property
    def process(self) -> int:
        """The server's process at the other end; zero without a connection."""
        return self._link.process if self._link is not None and self._link.alive else 0

    def close(self) -> None:
        """Let go of the connection."""
        if self._link is not None:
            self._link.lose("closed")

    async def _connect(self) -> Link:
        rest, loop = _FIRST_REST, asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        while True:
            try:
                return Link(await self._open(), notified=self._notified, texts=self._texts)
            except OperationalError as error:
                if (error.sqlstate or "")[:2] in _HOPELESS or loop.time() + rest > until:
                    raise unreachable(error) from error
            except Error as error:
                raise unreachable(error) from error
            await asyncio.sleep(rest)
            rest = min(_LONGEST_REST, rest * 2)

    async def _open(self) -> AsyncConnection[tuple[object, ...]]:
        connection = await AsyncConnection.connect(
            self._url,
            autocommit=True,
            prepare_threshold=None,
            connect_timeout=5,
            application_name="repaircore",
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=30_000,
        )
        try:
            await connection.execute(SESSION)
        except BaseException:
            await connection.close()
            raise
        return connection


def unreachable(error: BaseException) -> Unavailable:
    """Say that nothing could be asked. The driver's words name host and user, never the password."""
    return Unavailable(f"the database cannot be reached: {str(error).strip()}", retry_after=1)
