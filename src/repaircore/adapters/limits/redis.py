"""Counting on a Redis or Valkey server, for all processes together, with the scripts of the `limits` package.

An answer that does not come soon is no answer: whoever asks has a request to serve.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import field, frozen
from limits.aio.storage import RedisStorage
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from repaircore.adapters.limits.window import verdict
from repaircore.adapters.storage.urls import masked
from repaircore.domain.errors import InvalidValue
from repaircore.ports.clock import Clock
from repaircore.ports.errors import Unavailable
from repaircore.ports.limits import Limit, Verdict


@frozen(kw_only=True)
class RedisSettings:
    """`url` is `redis://host:port/database`, or `rediss://` with TLS; `prefix` begins every key. `patience_ms` is how long a
    request waits for the count at most, `connections` how many a process holds at most."""

    url: str = field(repr=masked)
    prefix: str = "repaircore"
    patience_ms: int = 250
    connections: int = 16

    def __attrs_post_init__(self) -> None:
        if self.url.partition("://")[0] not in ("redis", "rediss", "valkey", "valkeys"):
            raise InvalidValue(f"{masked(self.url)} is not the address of a server: write redis://host:port/0")
        if self.patience_ms < 1 or self.connections < 1:
            raise InvalidValue("patience_ms and connections must be at least 1")


class RedisLimits:
    """Counts by the server's clock; a name's windows begin with its first request."""

    trouble = ""

    def __init__(self, settings: RedisSettings) -> None:
        url = settings.url.replace("valkey", "redis", 1) if settings.url.startswith("valkey") else settings.url
        self._patience = settings.patience_ms / 1000
        self._pool = BlockingConnectionPool.from_url(
            url,
            max_connections=settings.connections,
            timeout=self._patience,
            socket_connect_timeout=self._patience,
            retry=Retry(NoBackoff(), 0),
        )
        self._storage = RedisStorage(
            f"async+{url}",
            implementation="redispy",
            key_prefix=f"{settings.prefix}:limits",
            connection_pool=self._pool,  # type: ignore[arg-type]
        )

    async def hit(self, limit: Limit, who: str) -> Verdict:
        """Count a request, if the limit admits it. Raises Unavailable."""
        name = f"{limit.name}/{limit.seconds}/{who}"
        async with self._soon():
            admitted = await self._storage.acquire_sliding_window_entry(name, limit.amount, limit.seconds)
            previous, _, current, ttl = await self._storage.get_sliding_window(name, limit.seconds)
        left = min(float(limit.seconds), max(0.0, ttl - limit.seconds))
        return verdict(limit, previous, current, left, admitted=admitted)

    async def check(self) -> None:
        """Ask whether the server answers, on a new connection: those at rest may lead to a server that is gone. Raises Unavailable."""
        async with self._soon():
            await self._pool.disconnect(inuse_connections=False)
            answers = await self._storage.check()
        if not answers:
            raise Unavailable("the server that counts requests does not answer")

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._pool.disconnect()

    @asynccontextmanager
    async def _soon(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._patience):
                yield
        except (RedisError, OSError, TimeoutError) as error:
            raise Unavailable(f"the server that counts requests cannot be reached: {type(error).__name__}") from error


def build(settings: RedisSettings, *, clock: Clock, environment: str) -> RedisLimits:
    """Count on a server; nothing is connected before the first request."""
    return RedisLimits(settings)
