"""Listening to a server for as long as somebody subscribes, on a connection that is made anew whenever it is lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import Context
from typing import Final

from repaircore.adapters.pubsub.subscribers import Subscribers, check_topic
from repaircore.ports.errors import Unavailable
from repaircore.ports.pubsub import News

_REST: Final = 0.5  # seconds between two attempts to reach a server that stays away
_PATIENCE: Final = 3.0  # seconds for which a new subscriber waits for the server

Listen = Callable[[], Awaitable[Awaitable[None]]]
"""Begins to listen and answers what ends when the connection does. Raises Unavailable."""


class Listening:
    """Keeps the ear open. `trouble` says why it is not."""

    def __init__(self, listen: Listen, subscribers: Subscribers) -> None:
        self._listen = listen
        self._subscribers = subscribers
        self._keeping: asyncio.Task[None] | None = None
        self._open = asyncio.Event()
        self.trouble = ""

    @asynccontextmanager
    async def subscribed(self, topic: str) -> AsyncIterator[AsyncIterator[News]]:
        """Hear what is published from here on. Raises Rejected."""
        check_topic(topic)
        subscription = self._subscribers.add(topic)
        try:
            await self._begin()
            yield subscription.read()
        finally:
            self._subscribers.remove(topic, subscription)

    async def aclose(self) -> None:
        """Listen no more; subscriptions end."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})
        self._subscribers.close()

    async def _begin(self) -> None:
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep(), context=Context())
        opening = asyncio.ensure_future(self._open.wait())
        try:
            await asyncio.wait({opening}, timeout=_PATIENCE)
        finally:
            opening.cancel()

    async def _keep(self) -> None:
        while True:
            try:
                gone = await self._listen()
                if self.trouble:
                    self._subscribers.missed()
                self.trouble = ""
                self._open.set()
                await gone
                self.trouble = "the connection to the server that carries messages was lost"
            except Unavailable as error:
                self.trouble = str(error)
                await asyncio.sleep(_REST)
            finally:
                self._open.clear()
