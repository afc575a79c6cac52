"""A server that is there and says nothing."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from repaircore.adapters.clock.memory import ManualClock
from repaircore.adapters.limits.fallback import FallbackLimits
from repaircore.adapters.limits.memory import MemoryLimits
from repaircore.adapters.limits.redis import RedisLimits, RedisSettings
from repaircore.ports.errors import Unavailable
from repaircore.ports.limits import Limit
from tests.servers.valkey import running_valkey

LIMIT = Limit("read", 100, 60)


@pytest.fixture
async def silent_url() -> AsyncIterator[str]:
    """It takes connections and never answers."""

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    server.close()
    await server.wait_closed()


async def test_silence_is_not_waited_out(silent_url: str) -> None:
    """However many ask at once, each has its answer soon; the next ones do not ask at all."""
    server = RedisLimits(RedisSettings(url=silent_url, patience_ms=1000, connections=2))
    limits = FallbackLimits(server, MemoryLimits(ManualClock()), clock=ManualClock(), report=lambda trouble: None)
    began = time.monotonic()

    verdicts = await asyncio.gather(*(limits.hit(LIMIT, "ana") for _ in range(50)))

    assert all(each.admitted for each in verdicts)
    assert time.monotonic() - began < 20  # one after another on two connections they would take 25
    assert limits.trouble.endswith("TimeoutError") or limits.trouble.endswith("ConnectionError")
    await limits.aclose()


async def test_a_crowd_on_few_connections(valkey_url: str) -> None:
    """Three hundred at once wait their turn for two connections, and none is lost."""
    limits = RedisLimits(RedisSettings(url=valkey_url, patience_ms=20_000, connections=2))

    verdicts = await asyncio.gather(*(limits.hit(LIMIT, "ana") for _ in range(300)))

    assert sum(each.admitted for each in verdicts) == 100
    await limits.aclose()


async def test_a_server_that_starts_again() -> None:
    """After a look that finds it back, what is asked goes to the new one, on connections that work."""
    with running_valkey() as valkey:
        limits = RedisLimits(RedisSettings(url=valkey.url, patience_ms=5000))
        await asyncio.gather(*(limits.hit(LIMIT, "ana") for _ in range(50)))
        valkey.kill()
        with pytest.raises(Unavailable):
            await limits.hit(LIMIT, "ana")
        with pytest.raises(Unavailable):
            await limits.check()

        valkey.start()
        await limits.check()

        verdicts = await asyncio.gather(*(limits.hit(LIMIT, "ana") for _ in range(50)))
        assert min(each.remaining for each in verdicts) == 50
        await limits.aclose()
