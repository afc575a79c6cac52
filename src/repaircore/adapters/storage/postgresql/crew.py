"""Lanes that share one queue: whoever is free takes what waits."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from repaircore.adapters.storage.postgresql.lane import Lane
from repaircore.ports.errors import Unavailable


class Waiting(Protocol):
    """Something that somebody waits for."""

    @property
    def future(self) -> asyncio.Future[Any]: ...


T = TypeVar("T", bound=Waiting)


class Crew(Generic[T]):
    """Hands what waits to the first free lane, up to `most` at a time; what comes while all are busy waits and goes together.

    There is no timer: with a lane free, a lone item goes at once.
    """

    def __init__(
        self, lanes: Sequence[Lane], *, most: int, perform: Callable[[Lane, Sequence[T]], Awaitable[None]]
    ) -> None:
        self._lanes = lanes
        self._free = list(lanes)
        self._most = most
        self._perform = perform
        self._waiting: deque[T] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._starting = False
        self._closed = False

    def put(self, item: T) -> None:
        """Queue something. Raises Unavailable when closed."""
        if self._closed:
            raise Unavailable("the database is closed")
        self._waiting.append(item)
        if self._free and not self._starting:
            self._starting = True
            task = asyncio.get_running_loop().create_task(self._drive(self._free.pop()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    @property
    def processes(self) -> set[int]:
        """The server's processes at the other ends."""
        return {lane.process for lane in self._lanes}

    async def aclose(self) -> None:
        """Finish what was asked for, then let go of the connections."""
        self._closed = True
        while self._tasks:
            await asyncio.wait(self._tasks)
        for lane in self._lanes:
            lane.close()

    async def _drive(self, lane: Lane) -> None:
        self._starting = False
        try:
            while self._waiting:
                await self._work(lane, [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))])
        finally:
            self._free.append(lane)

    async def _work(self, lane: Lane, items: Sequence[T]) -> None:
        """Whatever happens, nobody waits for ever."""
        try:
            await self._perform(lane, items)
        except Exception as error:
            for item in items:
                if not item.future.done():
                    item.future.set_exception(error)
