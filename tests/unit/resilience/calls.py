"""Calls that a test ends when and how it likes."""

import asyncio
from collections.abc import Awaitable, Callable

from attrs import define, field

from repaircore.adapters.resilience.breaker import AsyncBreaker
from repaircore.ports.errors import Unavailable


@define(eq=False)
class OpenCall:
    """A call under way through a breaker; `answers` ends it well, `fails` with an error."""

    breaker: AsyncBreaker
    started: bool = field(default=False, init=False)
    _end: "asyncio.Future[str]" = field(factory=lambda: asyncio.get_running_loop().create_future(), init=False)
    task: "asyncio.Task[str]" = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.task = asyncio.ensure_future(self.breaker.guard(self._provider))

    async def answers(self) -> None:
        """End it well."""
        self._end.set_result("answer")
        await asyncio.wait([self.task])

    async def fails(self, error: Exception | None = None) -> None:
        """End it with an error."""
        self._end.set_exception(error or Unavailable("down"))
        await asyncio.wait([self.task])

    async def is_cancelled(self) -> None:
        """Have its caller go away."""
        self.task.cancel()
        await asyncio.wait([self.task])

    async def _provider(self) -> str:
        self.started = True
        return await self._end


async def under_way(breaker: AsyncBreaker) -> OpenCall:
    """Start a call and let it get as far as it can."""
    call = OpenCall(breaker)
    await asyncio.sleep(0)
    return call


def failing(error: Exception) -> Callable[[], Awaitable[str]]:
    """A provider that raises this."""

    async def call() -> str:
        raise error

    return call


async def answering() -> str:
    """A provider that is well."""
    return "answer"


async def trip(breaker: AsyncBreaker) -> None:
    """Fail as often as it takes."""
    for _ in range(breaker.fail_max):
        try:
            await breaker.guard(failing(Unavailable("down")))
        except Unavailable:
            continue
