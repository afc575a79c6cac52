"""The one writer of an SQLite file: whatever waits while a commit is on its way to the disk shares the next transaction.

Statements run on the event loop's thread, for they take microseconds and a second thread would fight it for the
interpreter; only what waits for the disk or for another process, COMMIT and a contended BEGIN, goes to a thread of its own.
There is no timer: a lone unit is committed at once.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from time import monotonic, sleep
from typing import Any, Final, TypeVar

from attrs import define

from repaircore.adapters.storage.relational.gathering import Write
from repaircore.adapters.storage.sqlite.applying import apply
from repaircore.adapters.storage.sqlite.errors import refusal
from repaircore.adapters.storage.sqlite.turnstile import Turnstile
from repaircore.ports.errors import Unavailable

_MOMENT: Final = 0.0005
"""Seconds between two looks whether another process has let go of the file."""

T = TypeVar("T")
Work = Callable[[sqlite3.Cursor], T]
"""What one unit does inside the transaction. Raising undoes it, and it alone; it may be undone and run again."""

MOST_UNITS: Final = 64
"""How many units share a transaction at most, so that none holds up the event loop for long."""


@define(eq=False)
class _Unit:
    """What somebody waits for, and what came of it."""

    work: Work[Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class Committer:
    """Runs units of work in shared transactions. `run` comes back only when the unit is on disk."""

    def __init__(self, connection: sqlite3.Connection, *, busy_timeout: float) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._turnstile = Turnstile(_file_of(connection))
        self._busy_timeout = busy_timeout
        self._thread = ThreadPoolExecutor(1, "repaircore-commit")
        self._waiting: deque[_Unit] = deque()
        self._batch: list[_Unit] = []
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    async def run(self, work: Work[T]) -> T:
        """Do the work in the next transaction and commit it. Raises what the work raises, or Unavailable."""
        if self._closed:
            raise Unavailable("the database is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.append(_Unit(work, future))
        if self._idle.is_set():
            self._idle.clear()
            loop.call_soon(self._begin)
        return await future

    async def commit(self, writes: Sequence[Write]) -> None:
        """Send what a unit of work gathered. Raises Conflict, AlreadyExists or Unavailable."""
        await self.run(partial(apply, writes))

    async def aclose(self) -> None:
        """Finish what was asked for, then let go of the connection."""
        self._closed = True
        await self._idle.wait()
        self._thread.shutdown()
        self._connection.close()
        self._turnstile.close()

    def _begin(self) -> None:
        if self._turnstile.enter():
            try:
                self._cursor.execute("BEGIN IMMEDIATE")
            except sqlite3.Error:
                self._in_thread(partial(self._begin_patiently, is_in=True), self._begun)
            else:
                self._turnstile.leave()
                self._fill()
        else:
            self._in_thread(partial(self._begin_patiently, is_in=False), self._begun)

    def _begin_patiently(self, *, is_in: bool) -> None:
        """Wait for other processes, first at the turnstile and then in it; on this thread that holds nobody up."""
        until = monotonic() + self._busy_timeout
        try:
            while not is_in:
                is_in = self._turnstile.enter() or _patience_is_over(until)
            while not self._can_begin(until):
                sleep(_MOMENT)
        finally:
            self._turnstile.leave()

    def _can_begin(self, until: float) -> bool:
        try:
            self._cursor.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
            return False
        return True

    def _begun(self, error: BaseException | None) -> None:
        if error is None:
            self._fill()
        else:
            self._take()
            self._fail_all(error)

    def _take(self) -> None:
        """Make a batch of what waits, except what was given up meanwhile."""
        while self._waiting and len(self._batch) < MOST_UNITS:
            unit = self._waiting.popleft()
            if not unit.future.cancelled():
                self._batch.append(unit)

    def _fill(self) -> None:
        """Run a batch of units, and send to the disk what did not fail."""
        self._take()
        try:
            self._run_batch()
        except sqlite3.Error as error:
            self._fail_all(error)
        else:
            if all(unit.error for unit in self._batch):
                self._give_up()
            else:
                self._in_thread(self._commit, self._committed)

    def _run_batch(self) -> None:
        """Run units side by side; when one fails, run them again, each undone by itself. Raises when the transaction is lost."""
        execute = self._cursor.execute
        execute("SAVEPOINT batch")
        try:
            for unit in self._batch:
                unit.result = unit.work(self._cursor)
        except Exception:
            if not self._connection.in_transaction:
                raise
            execute("ROLLBACK TO batch")
            for unit in self._batch:
                self._run_alone(unit)

    def _run_alone(self, unit: _Unit) -> None:
        execute = self._cursor.execute
        execute("SAVEPOINT unit")
        try:
            unit.result = unit.work(self._cursor)
        except Exception as error:
            unit.error = refusal(error)
            if not self._connection.in_transaction:
                raise  # a savepoint outside of a transaction would commit by itself
            execute("ROLLBACK TO unit")
        execute("RELEASE unit")

    def _commit(self) -> None:
        try:
            self._cursor.execute("COMMIT")
        except sqlite3.Error:
            self._roll_back()
            raise

    def _committed(self, error: BaseException | None) -> None:
        if error is None:
            self._settle()
        else:
            self._fail_all(error)

    def _roll_back(self) -> None:
        """End the transaction, unless SQLite has done so itself."""
        with suppress(sqlite3.Error):
            self._cursor.execute("ROLLBACK")

    def _fail_all(self, error: BaseException) -> None:
        """Nothing of this batch is on disk; whoever already knows why keeps their own reason."""
        for unit in self._batch:
            unit.error = unit.error or refusal(error)
        self._give_up()

    def _give_up(self) -> None:
        self._roll_back()
        self._settle()

    def _settle(self) -> None:
        settled, self._batch = self._batch, []
        for unit in settled:
            if unit.future.cancelled():
                continue
            if unit.error is None:
                unit.future.set_result(unit.result)
            else:
                unit.future.set_exception(unit.error)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._begin)
        else:
            self._idle.set()

    def _in_thread(self, job: Callable[[], None], then: Callable[[BaseException | None], None]) -> None:
        loop = asyncio.get_running_loop()

        def report(done: Future[None]) -> None:
            loop.call_soon_threadsafe(then, done.exception())

        self._thread.submit(job).add_done_callback(report)


def _patience_is_over(until: float) -> bool:
    sleep(_MOMENT)
    return monotonic() > until


def _file_of(connection: sqlite3.Connection) -> str:
    file: str = connection.execute("PRAGMA database_list").fetchone()[2]
    return file
