"""What happens when the shared count is lost."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from attrs import define, field

from repaircore.adapters.clock.memory import ManualClock
from repaircore.adapters.limits.fallback import FallbackLimits
from repaircore.adapters.limits.memory import MemoryLimits
from repaircore.ports.errors import Unavailable
from repaircore.ports.limits import Limit, Verdict

LIMIT = Limit("read", 2, 600)


class Server(MemoryLimits):
    """A shared counter that can be away."""

    away = False
    asked = 0
    hanging: asyncio.Event | None = None

    async def hit(self, limit: Limit, who: str) -> Verdict:
        self.asked += 1
        if who == "late" and self.hanging is not None:
            await self.hanging.wait()
            raise Unavailable("heard too late")
        await asyncio.sleep(0)
        await self.check()
        return await super().hit(limit, who)

    async def check(self) -> None:
        if self.away:
            raise Unavailable("the server is away")


@define
class Scene:
    """A counter that falls back, the server behind it, and what was reported."""

    clock: ManualClock = field(factory=ManualClock)
    told: list[str] = field(factory=list)
    server: Server = field(init=False)
    limits: FallbackLimits = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.server = Server(self.clock)
        self.limits = FallbackLimits(self.server, MemoryLimits(self.clock), clock=self.clock, report=self.told.append)

    async def until(self, wanted: Callable[[], bool]) -> None:
        """Let a second after the other pass."""
        async with asyncio.timeout(10):
            while not wanted():
                await asyncio.sleep(0)
                self.clock.advance(timedelta(seconds=1))


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_the_server_is_lost(scene: Scene) -> None:
    """The request that found out is counted here like all that follow, and the limit holds here."""
    scene.server.away = True

    verdicts = [await scene.limits.hit(LIMIT, "ana") for _ in range(3)]

    assert [each.admitted for each in verdicts] == [True, True, False]
    assert scene.limits.trouble == "each process counts for itself: the server is away"
    await scene.limits.aclose()


async def test_nobody_waits_for_a_dead_server(scene: Scene) -> None:
    """Only the first requests ask it; what is known to be lost is left alone."""
    scene.server.away = True
    for _ in range(50):
        await scene.limits.hit(LIMIT, "ana")

    assert scene.server.asked == 1
    await scene.limits.aclose()


async def test_said_once(scene: Scene) -> None:
    """Many requests that find out together are one report."""
    scene.server.away = True

    await asyncio.gather(*(scene.limits.hit(LIMIT, str(number)) for number in range(20)))

    assert scene.told == ["each process counts for itself: the server is away"]
    await scene.limits.aclose()


async def test_it_comes_back_by_itself(scene: Scene) -> None:
    """When the server answers again it counts again, what it counted before included."""
    await scene.limits.hit(LIMIT, "ana")
    scene.server.away = True
    await scene.limits.hit(LIMIT, "ana")

    scene.server.away = False
    await scene.until(lambda: not scene.limits.trouble)

    assert scene.told[-1] == ""
    assert (await scene.limits.hit(LIMIT, "ana")).remaining == 0
    await scene.limits.aclose()


async def test_lost_again(scene: Scene) -> None:
    """Each loss and each return is told once."""
    for _ in range(2):
        scene.server.away = True
        await scene.limits.hit(LIMIT, "ana")
        scene.server.away = False
        await scene.until(lambda: not scene.limits.trouble)

    assert [bool(each) for each in scene.told] == [True, False, True, False]
    await scene.limits.aclose()


async def test_bad_news_that_is_old(scene: Scene) -> None:
    """A request that hung through the loss and the return does not count as another loss."""
    scene.server.hanging = asyncio.Event()
    late = asyncio.create_task(scene.limits.hit(LIMIT, "late"))
    await asyncio.sleep(0)
    scene.server.away = True
    await scene.limits.hit(LIMIT, "ana")
    scene.server.away = False
    await scene.until(lambda: not scene.limits.trouble)

    scene.server.hanging.set()

    assert (await late).admitted
    assert scene.limits.trouble == ""
    await scene.limits.aclose()
