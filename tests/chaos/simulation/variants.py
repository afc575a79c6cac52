"""The outside as it should be, and variants of it that are broken: each of them must be found out."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from attrs import define, evolve, field, frozen

from repaircore.adapters.notifications.memory import Settings as MailSettings
from repaircore.adapters.storage.memory.registers import MemoryReplays
from repaircore.adapters.storage.memory.state import Aggregate, K, State, V
from repaircore.adapters.storage.memory.storage import MemoryUnitOfWork
from repaircore.application.operations.worker import Worker
from repaircore.ports.clock import Clock
from repaircore.ports.errors import Unavailable
from repaircore.ports.ids import Ids
from repaircore.ports.jobs import Job
from repaircore.ports.unit_of_work import Replay, Subscriptions
from tests.chaos.simulation.outside import RoughGateway, RoughJobs, RoughMailer, RoughStorage, RoughUnit
from tests.chaos.simulation.weather import Weather


@frozen(kw_only=True)
class Variant:
    """What a world is made of."""

    storage: Callable[[Weather, Clock, Ids, Subscriptions], RoughStorage] = RoughStorage
    gateway: type[RoughGateway] = RoughGateway
    mailer: Callable[..., RoughMailer] = RoughMailer
    worker: Callable[[Worker], Worker] = lambda worker: worker


HONEST = Variant()


class _HastyUnit(RoughUnit):
    """Answers first, and commits when there is time."""

    async def send(self, *, now: bool) -> None:
        later = RoughUnit(self._state, self._around, self.weather)
        later._gathered.writes, later._gathered.wakes = self._gathered.writes, self._gathered.wakes
        self._gathered.take()
        asyncio.get_running_loop().create_task(self._send_later(later))

    async def _send_later(self, later: RoughUnit) -> None:
        await self.weather.delay(0.05)
        await later.send(now=True)


class _TornUnit(RoughUnit):
    """Stores what was changed, and in a second transaction what follows from it."""

    async def send(self, *, now: bool) -> None:
        writes = self._gathered.take()
        kept = len(writes) // 2
        for part in (writes[:kept], writes[kept:]):
            self._gathered.writes = list(part)
            self._gathered.wakes = True
            await super().send(now=now)
            await self.weather.delay(0.05)


class _ForgetfulReplays(MemoryReplays):
    """Keeps no answer."""

    def add(self, replay: Replay) -> None:
        """Forget it at once."""


class _ForgetfulUnit(RoughUnit):
    """Knows no idempotency keys."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.replays = _ForgetfulReplays(self._gathered)


@define
class _LaxState(State):
    """The last writer wins."""

    def replace(self, table: dict[str, Aggregate], value: Aggregate) -> Aggregate:
        before = table[value.id]
        self.put(table, value.id, value)
        return before

    def insert(self, table: dict[K, V], key: K, value: V, constraint: str) -> None:
        if constraint == "booking.version":
            self.put(table, key, value)
        else:
            super().insert(table, key, value, constraint)


def _storage(unit: Callable[..., MemoryUnitOfWork], state: type[State] = State) -> Callable[..., RoughStorage]:
    class Broken(RoughStorage):
        def __init__(self, weather: Weather, clock: Clock, ids: Ids, subscriptions: Subscriptions) -> None:
            super().__init__(weather, clock, ids, subscriptions)
            self._state = state()
            self.jobs = RoughJobs(self._state, self._around.waking, weather)

        def unit_of_work(self) -> MemoryUnitOfWork:
            return unit(self._state, self._around, self.weather)

    return Broken


class _DeafGateway(RoughGateway):
    """Takes silence for a no."""

    def silence(self) -> Unavailable:
        return Unavailable("no answer came, so nothing was done")


def _hasty(worker: Worker) -> Worker:
    """Say that a job is done before doing it."""
    return evolve(worker, queue=_Eager(worker.queue))


@define
class _Eager:
    """A queue that marks what it hands out as done."""

    queue: Any
    lease_of: Any = field(default=None)

    async def lease(self, limit: int, **given: Any) -> Sequence[Job]:
        jobs: Sequence[Job] = await self.queue.lease(limit, **given)
        if jobs:
            await self.queue.finish_all(jobs, now=given["now"])
        return jobs

    def __getattr__(self, name: str) -> Any:
        return getattr(self.queue, name)


def _repeating(settings: MailSettings, clock: Clock, *, weather: Weather) -> RoughMailer:
    return RoughMailer(evolve(settings, deduplicates=False), clock, weather=weather)


BROKEN = {
    "answers before the commit": Variant(storage=_storage(_HastyUnit)),
    "commits in two halves": Variant(storage=_storage(_TornUnit)),
    "lets the last writer win": Variant(storage=_storage(RoughUnit, _LaxState)),
    "keeps no answers for repeated requests": Variant(storage=_storage(_ForgetfulUnit)),
    "takes the provider's silence for a no": Variant(gateway=_DeafGateway),
    "acknowledges jobs before they are done": Variant(worker=_hasty),
    "sends a message again when in doubt": Variant(mailer=_repeating),
}
