"""What only a server between processes can do to them: be there, and say nothing."""

import asyncio

from redis.asyncio import Redis

from repaircore.adapters.pubsub.redis import RedisPubSub, RedisSettings
from repaircore.ports.pubsub import News
from tests.servers.valkey import running_valkey

_SILENT = 3.0  # seconds


async def test_a_server_that_says_nothing() -> None:
    """A line that stays open and leads nowhere is noticed, and made anew; who subscribes hears that something may be missed."""
    with running_valkey() as valkey:
        pubsub = RedisPubSub(RedisSettings(url=valkey.url, silence=0.2))
        async with pubsub.subscribe("rulebooks") as news, Redis.from_url(valkey.url) as person:
            await asyncio.sleep(1)
            said_while_quiet = pubsub.trouble
            await person.execute_command("CLIENT", "PAUSE", int(_SILENT * 1000), "ALL")  # type: ignore[no-untyped-call]

            await asyncio.sleep(_SILENT * 0.8)
            said_meanwhile = pubsub.trouble
            missed = await asyncio.wait_for(anext(news), 10)
            said_afterwards = pubsub.trouble
            await pubsub.publish("rulebooks", "2026-2")
            heard = await asyncio.wait_for(anext(news), 10)
        await pubsub.aclose()

    assert said_while_quiet == ""
    assert said_meanwhile
    assert missed == News(missed=True)
    assert heard == News("2026-2")
    assert said_afterwards == ""
