"""One connection, for as long as it lives: many statements go out together, and all answers come back in one round trip.

psycopg connects; after that libpq's pipeline is driven from the event loop directly, which costs a third of what cursors do.
The socket is watched all the time, so that a server that goes away is noticed by a connection that rests as well.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from psycopg import AsyncConnection, OperationalError
from psycopg.abc import Transformer
from psycopg.adapt import Transformer as OwnTransformer
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
from psycopg.types.numeric import IntLoader
from psycopg.types.string import TextLoader

from repaircore.adapters.storage.postgresql.sql import SQL

Parameters = tuple[bytes | None, ...]
Statement = tuple[str, Parameters]
"""The name of a statement, and its parameters."""

Notified = Callable[[int, bytes], None]
"""Told of each notification: the process that sent it, and what it says."""

Answers = list[PGresult]
"""What became of the statements of one group, in order; after the first error nothing more was done."""

COMMANDS: Final = {
    "begin": "BEGIN ISOLATION LEVEL READ COMMITTED",
    "commit": "COMMIT",
    "rollback": "ROLLBACK",
    "listen": "LISTEN repaircore_jobs",
    "listen_news": "LISTEN repaircore_news",
    "publish_news": "SELECT pg_notify('repaircore_news', $1)",
    "migrations": "SELECT to_regclass('alembic_version')",
    "applied": "SELECT version_num FROM alembic_version",
}
Texts = Mapping[str, bytes]
"""What statements say, by their names."""

TEXTS: Final = {name: sql.encode() for name, sql in {**SQL, **COMMANDS}.items()}
PATIENCE: Final = 30.0
"""Seconds after which a server that neither answers nor hangs up is given up; it gives up statements sooner itself."""

LOOKS_EVERY: Final = 0.5
"""Seconds between looks at a socket of which the event loop says nothing. When a server was killed, uvloop was seen to drop
connections that were reset from those that it watches, one in a few, and to tell nobody: their requests waited for all of PATIENCE."""


class Lost(Exception):
    """The connection broke. `answers` holds what was heard until then, group by group."""

    def __init__(self, reason: str, answers: Sequence[Answers] = ()) -> None:
        super().__init__(reason)
        self.answers = answers


class Link:
    """A connection in pipeline mode. One exchange at a time."""

    def __init__(self, connection: AsyncConnection[Any], *, notified: Notified, texts: Texts = TEXTS) -> None:
        self._connection = connection
        self._pgconn = connection.pgconn
        self._notified = notified
        self._texts = texts
        self._loop = asyncio.get_running_loop()
        self._prepared: set[str] = set()
        self._heard: list[Answers] = []
        self._group: Answers = []
        self._missing = 0
        self._waiting: asyncio.Future[list[Answers]] | None = None
        self._writing = False
        self.gone: asyncio.Future[None] = self._loop.create_future()
        self.transformer = transformer_of(connection)
        self._pgconn.enter_pipeline_mode()
        self.socket = self._pgconn.socket
        self._loop.add_reader(self.socket, self._readable)
        self._look = self._loop.call_later(LOOKS_EVERY, self._look_again)

    @property
    def alive(self) -> bool:
        """Whether nothing was heard of its end."""
        return not self.gone.done()

    @property
    def process(self) -> int:
        """The server's process, by which it signs notifications."""
        return self._pgconn.backend_pid

    async def exchange(self, groups: Sequence[Sequence[Statement]]) -> list[Answers]:
        """Send every group as a transaction or a part of one, and answer what became of each. Raises Lost."""
        new = [
            name for name in dict.fromkeys(name for group in groups for name, _ in group) if name not in self._prepared
        ]
        try:
            self._send(new, groups)
        except OperationalError as error:
            self.lose(str(error))
            raise Lost(str(error)) from error
        overdue = self._loop.call_later(PATIENCE, self.lose, "the server does not answer")
        try:
            heard = await self._wait()
        except asyncio.CancelledError:
            self.lose("nobody waits for the answer")
            raise
        finally:
            overdue.cancel()
        return self._after_preparing(new, heard)

    def lose(self, reason: str) -> None:
        """Give the connection up; whoever waits for an answer is told what was heard so far."""
        if not self.alive:
            return
        self.gone.set_result(None)
        self._look.cancel()
        self._loop.remove_reader(self.socket)
        if self._writing:
            self._loop.remove_writer(self.socket)
        self._pgconn.finish()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(Lost(reason.strip(), [*self._heard, self._group]))

    def _send(self, new: Sequence[str], groups: Sequence[Sequence[Statement]]) -> None:
        pgconn = self._pgconn
        for name in new:
            pgconn.send_prepare(name.encode(), self._texts[name])
            pgconn.pipeline_sync()
        for group in groups:
            for name, parameters in group:
                pgconn.send_query_prepared(name.encode(), parameters)
            pgconn.pipeline_sync()
        self._heard, self._group, self._missing = [], [], len(new) + len(groups)
        self._waiting = self._loop.create_future()
        self._writable()

    async def _wait(self) -> list[Answers]:
        assert self._waiting is not None
        try:
            return await self._waiting
        finally:
            self._waiting = None

    def _after_preparing(self, new: Sequence[str], heard: list[Answers]) -> list[Answers]:
        """Remember what was prepared. When something could not be, its error stands for the answers of every group."""
        failed = [answers for answers in heard[: len(new)] if answers[0].status == ExecStatus.FATAL_ERROR]
        if failed:
            self.lose("a statement could not be prepared")
            return failed[:1] * (len(heard) - len(new))
        self._prepared.update(new)
        return heard[len(new) :]

    def _writable(self) -> None:
        """Hand over to the socket what it takes, and come back for the rest."""
        try:
            more = self._pgconn.flush() == 1
        except OperationalError as error:
            self.lose(str(error))
            return
        if more is not self._writing:
            self._writing = more
            if more:
                self._loop.add_writer(self.socket, self._writable)
            else:
                self._loop.remove_writer(self.socket)

    def _look_again(self) -> None:
        self._look = self._loop.call_later(LOOKS_EVERY, self._look_again)
        self._readable()

    def _readable(self) -> None:
        pgconn = self._pgconn
        try:
            pgconn.consume_input()
            self._collect()
        except OperationalError as error:
            self.lose(str(error))
            return
        while (notification := pgconn.notifies()) is not None:
            self._notified(notification.be_pid, notification.extra)

    def _collect(self) -> None:
        pgconn = self._pgconn
        while self._missing and not pgconn.is_busy():
            answer = pgconn.get_result()
            if answer is None:
                continue
            if answer.status == ExecStatus.PIPELINE_SYNC:
                self._heard.append(self._group)
                self._group = []
                self._missing -= 1
            else:
                self._group.append(answer)
        if not self._missing and self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(self._heard)


def transformer_of(connection: AsyncConnection[Any]) -> Transformer:
    """Read moments and JSON as the texts they are sent as, which the rows' own decoders expect, and sums as whole numbers."""
    for name, loader in (("timestamptz", TextLoader), ("json", TextLoader), ("numeric", IntLoader)):
        connection.adapters.register_loader(name, loader)
    return OwnTransformer(connection)
