"""Transactions of the queue, on lanes of their own: a worker does not wait for requests, nor they for it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from attrs import define
from psycopg.abc import Transformer
from psycopg.pq.abc import PGresult

from repaircore.adapters.storage.postgresql.crew import Crew
from repaircore.adapters.storage.postgresql.errors import failed, refused
from repaircore.adapters.storage.postgresql.lane import Lane
from repaircore.adapters.storage.postgresql.link import TEXTS, Statement, Texts
from repaircore.adapters.storage.postgresql.transactions import BEGIN, COMMIT, transact
from repaircore.adapters.storage.postgresql.wire import Row, rows_of, touched

LANES: Final = 2

T = TypeVar("T")


@define(eq=False)
class _Transaction:
    """Statements, which of them matters, and who waits for what it answers."""

    statements: Sequence[Statement]
    place: int
    read: Callable[[PGresult, Transformer], Any]
    future: asyncio.Future[Any]


class Doing:
    """Runs one statement that matters, and what belongs before and after it, in one transaction and one round trip."""

    def __init__(self, url: str, texts: Texts = TEXTS) -> None:
        self._crew = Crew([Lane(url, texts=texts) for _ in range(LANES)], most=1, perform=_perform)

    async def rows(
        self, statement: Statement, *, before: Sequence[Statement] = (), after: Sequence[Statement] = ()
    ) -> list[Row]:
        """Answer the rows of the statement. Raises Unavailable."""
        return await self._do(statement, before, after, rows_of)

    async def touch(
        self, statement: Statement, *, before: Sequence[Statement] = (), after: Sequence[Statement] = ()
    ) -> int:
        """Answer how many rows the statement changed. Raises Unavailable."""
        return await self._do(statement, before, after, lambda answer, _: touched(answer))

    @property
    def processes(self) -> set[int]:
        """The server's processes that send these notifications."""
        return self._crew.processes

    async def aclose(self) -> None:
        """Finish what was asked for, then let go of the connections."""
        await self._crew.aclose()

    async def _do(
        self,
        statement: Statement,
        before: Sequence[Statement],
        after: Sequence[Statement],
        read: Callable[[PGresult, Transformer], T],
    ) -> T:
        statements = [BEGIN, *before, statement, *after, COMMIT] if before or after else [statement]
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._crew.put(_Transaction(statements, statements.index(statement), read, future))
        return await future


async def _perform(lane: Lane, transactions: Sequence[_Transaction]) -> None:
    for each in transactions:
        if each.future.cancelled():
            continue
        answers = await transact(lane, each.statements)
        error = next((answer for answer in answers if failed(answer)), None)
        if error is not None:
            raise refused(error)
        result = each.read(answers[each.place], lane.transformer)
        if not each.future.done():
            each.future.set_result(result)
