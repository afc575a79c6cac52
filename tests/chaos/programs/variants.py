"""Programs that are broken on purpose. They are made in a process of their own, before it becomes a server or a worker."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, evolve, field

from repaircore.ports.jobs import Job
from repaircore.wiring import core as composing
from repaircore.wiring import opening

HASTY, EAGER, FORGETFUL = "answers before the commit", "acknowledges before handling", "has no idempotency"


def become(variant: str) -> None:
    """Break this process in that way; an empty one is as it should be."""
    if variant:
        _BREAKING[variant]()


@define
class _Around:
    """Everything of the real thing but what a variant breaks."""

    real: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


class _HastyStorage(_Around):
    """Answers first, and commits when there is time."""

    def unit_of_work(self) -> "_HastyUnit":
        return _HastyUnit(self.real.unit_of_work())


@define
class _HastyUnit(_Around):
    _later: list["asyncio.Task[None]"] = field(factory=list, init=False)

    async def __aenter__(self) -> "_HastyUnit":
        await self.real.__aenter__()
        return self

    async def __aexit__(self, *given: Any) -> None:
        """What was gathered is still under way."""

    async def commit(self, *, now: bool = False) -> None:
        self._later.append(asyncio.create_task(self._commit(now)))

    async def _commit(self, now: bool) -> None:
        await asyncio.sleep(0.2)
        await self.real.commit(now=now)


class _EagerQueue(_Around):
    """Marks as done what it hands out."""

    async def lease(self, limit: int, **given: Any) -> Sequence[Job]:
        jobs: Sequence[Job] = await self.real.lease(limit, **given)
        if jobs:
            await self.real.finish_all(jobs, now=given["now"])
        return jobs


class _FreshMailer(_Around):
    """Sends each message under a name of its own, so that nobody can tell a repetition."""

    async def send(self, message: Any) -> None:
        loop = asyncio.get_running_loop()
        await self.real.send(evolve(message, key=f"{message.key}/{loop.time()}"))


def _hasty() -> None:
    real = vars(opening)["open_storage"]

    async def open_storage(*given: Any, **named: Any) -> Any:
        return _HastyStorage(await real(*given, **named))

    vars(opening)["open_storage"] = open_storage


def _composed_with(room: str, wrap: Callable[[Any], Any]) -> None:
    real = vars(opening)["compose"]

    def compose(business: Any, prices: Any, providers: composing.Providers, **named: Any) -> composing.Core:
        made: composing.Core = real(
            business, prices, evolve(providers, **{room: wrap(getattr(providers, room))}), **named
        )
        return made

    vars(opening)["compose"] = compose


_BREAKING: Mapping[str, Callable[[], None]] = {
    HASTY: _hasty,
    EAGER: lambda: _composed_with("queue", _EagerQueue),
    FORGETFUL: lambda: _composed_with("mailer", _FreshMailer),
}
