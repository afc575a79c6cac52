"""Telling by a Redis or Valkey server's channels. The database's number keeps businesses apart like the prefix does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import field, frozen
from redis.asyncio import Redis
from redis.asyncio.client import PubSub as Channel
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from repaircore.adapters.pubsub.listening import Listening
from repaircore.adapters.pubsub.subscribers import Subscribers, check_message
from repaircore.adapters.storage.urls import masked
from repaircore.domain.errors import InvalidValue
from repaircore.ports.clock import Clock
from repaircore.ports.errors import Unavailable
from repaircore.ports.pubsub import News

_PATIENCE: Final = 2.0  # seconds


@frozen(kw_only=True)
class RedisSettings:
    """`url` is `redis://host:port/database`, or `rediss://` with TLS; `prefix` begins the channel's name. After `silence` seconds
    without a word the server is asked whether it is there, and after as many more it is not."""

    url: str = field(repr=masked)
    prefix: str = "repaircore"
    silence: float = 15.0

    def __attrs_post_init__(self) -> None:
        if self.url.partition("://")[0] not in ("redis", "rediss", "valkey", "valkeys"):
            raise InvalidValue(f"{masked(self.url)} is not the address of a server: write redis://host:port/0")
        if self.silence <= 0:
            raise InvalidValue("silence must be above 0 seconds")


class RedisPubSub:
    """Tells on pooled connections and listens on one of its own."""

    def __init__(self, settings: RedisSettings) -> None:
        url = settings.url.replace("valkey", "redis", 1) if settings.url.startswith("valkey") else settings.url
        self._channel = f"{settings.prefix}:{urlsplit(url).path.strip('/') or 0}:news"
        self._silence = settings.silence
        self._client = Redis.from_url(url, socket_connect_timeout=_PATIENCE, retry=Retry(NoBackoff(), 0))
        self._subscribers = Subscribers()
        self._listening = Listening(self._listen, self._subscribers)

    @property
    def trouble(self) -> str:
        """Why messages do not come."""
        return self._listening.trouble

    async def publish(self, topic: str, message: str) -> None:
        """Tell every subscriber of the topic. Raises Rejected and Unavailable."""
        check_message(topic, message)
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._client.publish(self._channel, f"{topic} {message}".encode())
        except (RedisError, OSError, TimeoutError) as error:
            raise _unreachable(error) from error

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[News]]:
        """Hear what is published. Raises Rejected."""
        return self._listening.subscribed(topic)

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._listening.aclose()
        await self._client.aclose()

    async def _listen(self) -> Awaitable[None]:
        channel = self._client.pubsub()
        try:
            async with asyncio.timeout(_PATIENCE):
                await channel.subscribe(self._channel)
                await channel.get_message(timeout=_PATIENCE)  # that it is subscribed
        except (RedisError, OSError, TimeoutError) as error:
            await channel.aclose()  # type: ignore[no-untyped-call]
            raise _unreachable(error) from error
        return self._hear(channel)

    async def _hear(self, channel: Channel) -> None:
        """Come back when the connection broke, or leads nowhere: a line that is cut without a word looks like one with no news."""
        asked = False
        try:
            while True:
                said = await channel.get_message(ignore_subscribe_messages=True, timeout=self._silence)
                if said is not None:
                    self._heard(said)
                elif asked:
                    return
                else:
                    await channel.ping()
                asked = said is None
        except (RedisError, OSError):
            return
        finally:
            await channel.aclose()  # type: ignore[no-untyped-call]

    def _heard(self, said: Any) -> None:
        if said["type"] == "message":  # and not the answer to a question of ours
            topic, _, message = said["data"].decode().partition(" ")
            self._subscribers.tell(topic, message)


def _unreachable(error: Exception) -> Unavailable:
    return Unavailable(f"the server that carries messages cannot be reached: {type(error).__name__}", retry_after=1)


def build(settings: RedisSettings, *, clock: Clock, environment: str) -> RedisPubSub:
    """Tell by way of a server; nothing is connected before it is needed."""
    return RedisPubSub(settings)
