"""Programs that are broken on purpose. They are made in a process of their own, before it becomes a server or a worker."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Self

from attrs import define, evolve, field

from repaircore.ports.errors import AlreadyExists, Conflict, Unavailable
from repaircore.ports.jobs import Job
from repaircore.wiring import core as composing
from repaircore.wiring import opening

HASTY, EAGER, NAMELESS = "answers before the commit", "acknowledges before handling", "names each message anew"
KEYLESS, DEAF = "keeps no answers", "takes every commit for a success"


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


@define
class _Storage(_Around):
    """A database whose units of work are broken."""

    unit: Callable[[Any], Any]

    def unit_of_work(self) -> Any:
        return self.unit(self.real.unit_of_work())


@define
class _Unit(_Around):
    async def __aenter__(self) -> Self:
        await self.real.__aenter__()
        return self

    async def __aexit__(self, *given: Any) -> None:
        await self.real.__aexit__(*given)


@define
class _HastyUnit(_Unit):
    """Answers first, and commits when there is time."""

    _later: list["asyncio.Task[None]"] = field(factory=list, init=False)

    async def __aexit__(self, *given: Any) -> None:
        """What was gathered is still under way."""

    async def commit(self, *, now: bool = False) -> None:
        self._later.append(asyncio.create_task(self._commit(now)))

    async def _commit(self, now: bool) -> None:
        await asyncio.sleep(0.2)
        await self.real.commit(now=now)


class _NoReplays:
    """Forgets every answer at once."""

    async def get(self, scope: str, key: str) -> None:
        return None

    def add(self, replay: object) -> None:
        return None


class _KeylessUnit(_Unit):
    """Knows no idempotency keys."""

    @property
    def replays(self) -> _NoReplays:
        return _NoReplays()


class _DeafUnit(_Unit):
    """Takes every commit for a success."""

    async def commit(self, *, now: bool = False) -> None:
        await asyncio.sleep(0.3)  # everybody decides before anybody is stored
        with suppress(Conflict, AlreadyExists, Unavailable):
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


def _stored_in(unit: Callable[[Any], Any]) -> None:
    real = vars(opening)["open_storage"]

    async def open_storage(*given: Any, **named: Any) -> Any:
        return _Storage(await real(*given, **named), unit)

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
    HASTY: lambda: _stored_in(_HastyUnit),
    KEYLESS: lambda: _stored_in(_KeylessUnit),
    DEAF: lambda: _stored_in(_DeafUnit),
    EAGER: lambda: _composed_with("queue", _EagerQueue),
    NAMELESS: lambda: _composed_with("mailer", _FreshMailer),
}
