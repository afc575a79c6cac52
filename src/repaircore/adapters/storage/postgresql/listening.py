"""Hearing of work that other processes enqueued, on a connection that is made anew for as long as somebody listens."""

import asyncio
from collections.abc import Callable

from repaircore.adapters.storage.postgresql.lane import Lane
from repaircore.adapters.storage.postgresql.link import Link, Lost
from repaircore.adapters.storage.waking import Waking
from repaircore.ports.errors import Unavailable

_REST = 1.0  # seconds between two attempts to reach a server that stays away


class Listening:
    """Wakes whoever waits when another process commits work. This process wakes its own worker itself, which is quicker."""

    def __init__(self, url: str, *, own: Callable[[], set[int]], waking: Waking) -> None:
        self._lane = Lane(url, notified=self._notified)
        self._own = own
        self._waking = waking
        self._beginning = asyncio.Lock()
        self._keeping: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Listen from now on, if nobody does yet. Raises Unavailable."""
        if self._keeping is not None:
            return
        async with self._beginning:
            if self._keeping is None:
                self._keeping = asyncio.create_task(self._keep(await self._listen()))

    async def aclose(self) -> None:
        """Listen no more."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})
        self._lane.close()

    async def _listen(self) -> Link:
        link = await self._lane.connected()
        try:
            await link.exchange([[("listen", ())]])
        except Lost as lost:
            raise Unavailable(f"the database cannot be reached: {lost}", retry_after=1) from lost
        return link

    async def _keep(self, link: Link) -> None:
        while True:
            await asyncio.shield(link.gone)
            link = await self._back()
            self._waking.wake()  # for whatever was enqueued meanwhile

    async def _back(self) -> Link:
        while True:
            try:
                return await self._listen()
            except Unavailable:
                await asyncio.sleep(_REST)

    def _notified(self, process: int, said: bytes) -> None:
        if process not in self._own():
            self._waking.wake()
