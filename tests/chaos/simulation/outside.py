"""The twins in memory as the outside really is: slow, deaf at times, and silent when it has acted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from attrs import define, field

from repaircore.adapters.notifications.memory import MemoryMailer
from repaircore.adapters.payments.memory.gateway import MemoryGateway
from repaircore.adapters.storage.memory.jobs import MemoryJobs
from repaircore.adapters.storage.memory.state import State
from repaircore.adapters.storage.memory.storage import MemoryStorage, MemoryUnitOfWork, Surroundings
from repaircore.adapters.storage.waking import Waking
from repaircore.domain.identity import PaymentId
from repaircore.ports.clock import Clock
from repaircore.ports.errors import Conflict, OutcomeUnknown, Unavailable
from repaircore.ports.ids import Ids
from repaircore.ports.jobs import Job
from repaircore.ports.notifications import Message
from repaircore.ports.payments import Order, Outcome
from repaircore.ports.unit_of_work import Subscriptions
from tests.chaos.simulation.weather import Weather


class RoughUnit(MemoryUnitOfWork):
    """A unit of work whose commit may be lost on the way there, lost on the way back, or refused."""

    def __init__(self, state: State, around: Surroundings, weather: Weather) -> None:
        super().__init__(state, around)
        self.weather = weather

    async def __aenter__(self) -> Self:
        await self.weather.delay()
        if self.weather.strikes("database away", 0.02):
            raise Unavailable("the database cannot be reached")
        return self

    async def commit(self, *, now: bool = False) -> None:
        """Commit, as far as the weather lets it."""
        weather = self.weather
        await weather.delay()
        if weather.strikes("commit lost before", 0.05):
            self._gathered.take()
            raise Unavailable("the connection broke before the commit")
        if weather.strikes("commit conflict", 0.05):
            self._gathered.take()
            raise Conflict("somebody else changed this first")
        await self.send(now=now)
        await weather.delay()
        if weather.strikes("commit lost after", 0.05):
            raise Unavailable("the connection broke before the commit was confirmed")

    async def send(self, *, now: bool) -> None:
        """Store what was gathered."""
        await super().commit(now=now)


class RoughJobs(MemoryJobs):
    """A queue that cannot always be reached, and whose answers get lost."""

    def __init__(self, state: State, waking: Waking, weather: Weather) -> None:
        super().__init__(state, waking)
        self.weather = weather

    async def lease(self, limit: int, *, now: datetime, seconds: float) -> Sequence[Job]:
        """Take jobs; when the answer is lost, they wait for their leases to run out."""
        await self._reached()
        jobs = await super().lease(limit, now=now, seconds=seconds)
        await self._heard()
        return jobs

    async def finish_all(self, jobs: Sequence[Job], *, now: datetime) -> int:
        """Mark them done."""
        await self._reached()
        done = await super().finish_all(jobs, now=now)
        await self._heard()
        return done

    async def retry(self, job: Job, *, run_at: datetime, error: str) -> bool:
        """Put it back."""
        await self._reached()
        return await super().retry(job, run_at=run_at, error=error)

    async def _reached(self) -> None:
        await self.weather.delay()
        if self.weather.strikes("queue away", 0.02):
            raise Unavailable("the database cannot be reached")

    async def _heard(self) -> None:
        await self.weather.delay()
        if self.weather.strikes("queue unheard", 0.02):
            raise Unavailable("the connection broke before the commit was confirmed")


class RoughStorage(MemoryStorage):
    """A database that outlives every program."""

    def __init__(self, weather: Weather, clock: Clock, ids: Ids, subscriptions: Subscriptions) -> None:
        super().__init__(clock, ids, subscriptions)
        self.weather = weather
        self.jobs: RoughJobs = RoughJobs(self._state, self._around.waking, weather)

    @property
    def state(self) -> State:
        """What is stored, for who checks it at the end."""
        return self._state

    def unit_of_work(self) -> MemoryUnitOfWork:
        """Open a unit of work."""
        return RoughUnit(self._state, self._around, self.weather)


@define(kw_only=True)
class RoughGateway(MemoryGateway):
    """A provider that is down at times, and whose answers get lost whether it acted or not."""

    weather: Weather

    async def sale(self, order: Order) -> Outcome:
        """Open a payment."""
        await self.weather.delay(0.05)
        if self.weather.strikes("provider away", 0.1):
            self.fail_next(Unavailable("the provider is closed"))
        elif self.weather.strikes("provider acted unheard", 0.2):
            self.fail_next(self.silence(), acts=True)
        elif self.weather.strikes("provider never asked", 0.2):
            self.fail_next(OutcomeUnknown("no answer came"))
        outcome = await super().sale(order)
        await self.weather.delay(0.05)
        return outcome

    async def look_up(self, key: PaymentId) -> Outcome | None:
        """Ask what became of a key."""
        await self.weather.delay(0.05)
        if self.weather.strikes("provider away", 0.1):
            raise Unavailable("the provider is closed")
        return await super().look_up(key)

    def silence(self) -> OutcomeUnknown | Unavailable:
        """How it is told that an answer did not come."""
        return OutcomeUnknown("no answer came")


@define(kw_only=True)
class RoughMailer(MemoryMailer):
    """A mail server that is down at times, and whose answers get lost."""

    weather: Weather = field()

    async def send(self, message: Message) -> None:
        """Hand the message over."""
        await self.weather.delay(0.05)
        self.is_down = self.weather.strikes("mail away", 0.1)
        self.loses_reply = self.weather.strikes("mail unheard", 0.1)
        await super().send(message)
        await self.weather.delay(0.05)
