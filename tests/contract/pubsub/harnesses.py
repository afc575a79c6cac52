"""The ways of telling under test."""

import psycopg
from attrs import define, frozen
from redis.asyncio import Redis

from repaircore.adapters.pubsub.memory import MemoryPubSub
from repaircore.adapters.pubsub.postgresql import PostgresqlPubSub, PostgresqlSettings
from repaircore.adapters.pubsub.redis import RedisPubSub, RedisSettings
from repaircore.ports.pubsub import PubSub

_LISTENERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'LISTEN repaircore_news%'
"""


@define
class InProcess:
    """One process has one end."""

    one: PubSub
    other: PubSub

    @classmethod
    def of(cls, kind: type[MemoryPubSub] = MemoryPubSub) -> "InProcess":
        """Both ends are the same."""
        end = kind()
        return cls(end, end)


@frozen
class OverPostgresql:
    """Two processes on one database."""

    url: str
    one: PostgresqlPubSub
    other: PostgresqlPubSub

    @classmethod
    def at(cls, url: str) -> "OverPostgresql":
        """Two ends there."""
        settings = PostgresqlSettings(url=url)
        return cls(url, PostgresqlPubSub(settings), PostgresqlPubSub(settings))

    async def interrupt(self) -> None:
        """End the sessions that listen."""
        async with await psycopg.AsyncConnection.connect(self.url, autocommit=True) as connection:
            ended = await (await connection.execute(_LISTENERS)).fetchall()
            assert ended


@frozen
class OverValkey:
    """Two processes on one server."""

    url: str
    one: RedisPubSub
    other: RedisPubSub

    @classmethod
    def at(cls, url: str) -> "OverValkey":
        """Two ends there."""
        settings = RedisSettings(url=url)
        return cls(url, RedisPubSub(settings), RedisPubSub(settings))

    async def interrupt(self) -> None:
        """End the sessions that listen."""
        async with Redis.from_url(self.url) as client:
            assert await client.client_kill_filter(_type="pubsub")
