"""Telling by PostgreSQL's LISTEN and NOTIFY, on one channel, by way of the same links that the storage uses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager

from attrs import field, frozen

from repaircore.adapters.pubsub.listening import Listening
from repaircore.adapters.pubsub.subscribers import Subscribers, check_message
from repaircore.adapters.storage.postgresql.lane import Lane
from repaircore.adapters.storage.postgresql.link import Link, Lost, Statement
from repaircore.adapters.storage.urls import is_postgresql, masked
from repaircore.domain.errors import InvalidValue
from repaircore.ports.clock import Clock
from repaircore.ports.errors import Unavailable
from repaircore.ports.pubsub import News


@frozen(kw_only=True)
class PostgresqlSettings:
    """`url` is the business's own database, unless another is named."""

    url: str = field(repr=masked)

    def __attrs_post_init__(self) -> None:
        if not is_postgresql(self.url):
            raise InvalidValue(f"{masked(self.url)} is no PostgreSQL database: write postgresql://user@host/name")


class PostgresqlPubSub:
    """Tells on one connection and listens on another, each made when it is needed."""

    def __init__(self, settings: PostgresqlSettings) -> None:
        self._subscribers = Subscribers()
        self._listening = Listening(self._listen, self._subscribers)
        self._hearing = Lane(settings.url, notified=self._notified)
        self._telling = Lane(settings.url)
        self._turn = asyncio.Lock()

    @property
    def trouble(self) -> str:
        """Why messages do not come."""
        return self._listening.trouble

    async def publish(self, topic: str, message: str) -> None:
        """Tell every subscriber of the topic. Raises Rejected and Unavailable."""
        check_message(topic, message)
        async with self._turn:
            await _said(await self._telling.connected(), ("publish_news", (f"{topic} {message}".encode(),)))

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[News]]:
        """Hear what is published. Raises Rejected."""
        return self._listening.subscribed(topic)

    async def aclose(self) -> None:
        """Let go of both connections."""
        await self._listening.aclose()
        self._hearing.close()
        self._telling.close()

    async def _listen(self) -> Awaitable[None]:
        link = await self._hearing.connected()
        await _said(link, ("listen_news", ()))
        return asyncio.shield(link.gone)

    def _notified(self, process: int, payload: bytes) -> None:
        topic, _, message = payload.decode().partition(" ")
        self._subscribers.tell(topic, message)


async def _said(link: Link, statement: Statement) -> None:
    try:
        await link.exchange([[statement]])
    except Lost as lost:
        raise Unavailable(f"the database cannot be reached: {lost}", retry_after=1) from lost


def build(settings: PostgresqlSettings, *, clock: Clock, environment: str) -> PostgresqlPubSub:
    """Tell by way of the database; nothing is connected before it is needed."""
    return PostgresqlPubSub(settings)
