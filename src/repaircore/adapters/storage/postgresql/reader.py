"""Reading what is committed: short reads that wait at the same moment share a round trip, long ones have lanes of their own."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from attrs import define

from repaircore.adapters.storage.postgresql.crew import Crew
from repaircore.adapters.storage.postgresql.errors import STALE, failed, state_of
from repaircore.adapters.storage.postgresql.lane import Lane, unreachable
from repaircore.adapters.storage.postgresql.link import TEXTS, Answers, Lost, Parameters, Texts
from repaircore.adapters.storage.postgresql.wire import Row, parameters, rows_of

NEAR_LANES: Final = 2
FAR_LANES: Final = 4
MOST_READS: Final = 16
"""How many short reads share a round trip at most."""

_TRIES: Final = 3


@define(eq=False)
class _Read:
    """What somebody asks, and who waits for it."""

    statement: str
    parameters: Parameters
    future: asyncio.Future[list[Row]]


class PostgresqlReader:
    """Reads by the names of statements. A read whose connection breaks is asked again: nothing was changed by it."""

    def __init__(self, url: str, texts: Texts = TEXTS) -> None:
        self._near = Crew([Lane(url, texts=texts) for _ in range(NEAR_LANES)], most=MOST_READS, perform=_read)
        self._far = Crew([Lane(url, texts=texts) for _ in range(FAR_LANES)], most=1, perform=_read)

    async def all(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Answer every row of a short read."""
        return await _ask(self._near, statement, parameters)

    async def first(self, statement: str, parameters: Sequence[Any] = ()) -> Row | None:
        """Answer the first row of a short read."""
        rows = await _ask(self._near, statement, parameters)
        return rows[0] if rows else None

    async def far(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Answer every row of a read that may take long."""
        return await _ask(self._far, statement, parameters)

    async def aclose(self) -> None:
        """Answer what was asked, then let go of the connections."""
        await asyncio.gather(self._near.aclose(), self._far.aclose())


async def _ask(crew: Crew[_Read], statement: str, values: Sequence[Any]) -> list[Row]:
    read = _Read(statement, parameters(values), asyncio.get_running_loop().create_future())
    crew.put(read)
    return await read.future


async def _read(lane: Lane, reads: Sequence[_Read]) -> None:
    wanted = [read for read in reads if not read.future.cancelled()]
    answers = await _patiently(lane, wanted)
    for read, (answer,) in zip(wanted, answers, strict=True):
        if read.future.done():
            continue
        try:
            read.future.set_result(rows_of(answer, lane.transformer))
        except Exception as error:
            read.future.set_exception(error)


async def _patiently(lane: Lane, reads: Sequence[_Read]) -> list[Answers]:
    groups = [[(read.statement, read.parameters)] for read in reads]
    for left in reversed(range(_TRIES)):
        try:
            answers = await lane.exchange(groups)
        except Lost as lost:
            if not left:
                raise unreachable(lost) from lost
            continue
        if not left or not any(failed(answer) and state_of(answer) in STALE for (answer,) in answers):
            return answers
        lane.close()
    raise AssertionError("the last try answers or raises")
