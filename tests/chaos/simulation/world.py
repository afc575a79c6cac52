"""One world, made from one number: what is in it, how the storm goes over it, and how it comes to rest."""

import asyncio
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from repaircore.adapters.clock.system import SystemClock
from repaircore.adapters.ids.memory import PredictableIds
from repaircore.adapters.notifications.memory import Settings as MailSettings
from repaircore.application.notifications.subscriptions import message_key, subscriptions
from repaircore.domain.events import Event
from repaircore.domain.payments.payment import FactKind, PaymentStatus
from repaircore.ports.jobs import JobState, NewJob
from repaircore.ports.notifications import Rendered
from tests.chaos.simulation.journal import Journal
from tests.chaos.simulation.loop import VirtualLoop
from tests.chaos.simulation.people import Courier, Customer
from tests.chaos.simulation.servers import Server
from tests.chaos.simulation.variants import Variant
from tests.chaos.simulation.weather import Weather

_BEGIN = 1_767_603_600_000_000_000  # a Monday morning in nanoseconds
_STORM = 10.0  # seconds
_PATIENCE = 240  # looks, half a minute apart, until everything has come to rest


class World:
    """Everything there is. What outlives a server is here; what does not is in `Server`."""

    def __init__(self, seed: int, variant: Variant) -> None:
        self.variant = variant
        self.loop = VirtualLoop()
        self.chance = Random(seed)
        self.weather = Weather(self.chance)
        self.journal = Journal()
        self.promised: dict[str, str] = {}  # the job that each event causes
        self.clock, self.ids = SystemClock(lambda: _BEGIN + int(self.loop.now * 1e9)), PredictableIds()
        self.storage = variant.storage(self.weather, self.clock, self.ids, self._subscriptions)
        self.gateway = variant.gateway(clock=self.clock, weather=self.weather)
        self.mailer = variant.mailer(MailSettings(), self.clock, weather=self.weather)
        self.templates = PlainTemplates()
        self.servers = [Server(self), Server(self)]

    def run(self) -> None:
        """Let it all happen."""
        self.loop.run_until_complete(self._live())

    async def _live(self) -> None:
        for server in self.servers:
            server.start()
        begun = [asyncio.ensure_future(each) for each in (self._storm(), self._death(), Courier(self).live())]
        await asyncio.gather(*(Customer(self, name).live() for name in ("ada", "ben", "cleo")))
        await begun[0]
        await begun[1]
        await self._settle()

    async def _storm(self) -> None:
        await asyncio.sleep(_STORM)
        self.weather.stormy = False

    async def _death(self) -> None:
        """Kill a server every now and then; another takes its place."""
        while self.weather.stormy:
            await asyncio.sleep(self.chance.expovariate(1.5))
            server = self.chance.choice(self.servers)
            server.kill()
            await asyncio.sleep(self.chance.expovariate(8))
            server.start()

    async def _settle(self) -> None:
        for _ in range(_PATIENCE):
            await asyncio.sleep(30)
            if self._is_quiet():
                return
        self.journal.wrong.append("it never came to rest")

    def _is_quiet(self) -> bool:
        state = self.storage.state
        jobs = all(held.job.state in (JobState.DONE, JobState.DEAD) for held in state.jobs.values())
        captured = (held.order.key for held in self.gateway.payments.values() if held.sum(FactKind.CAPTURED).amount)
        known = (state.payments.get(key) for key in captured)
        return jobs and all(each is not None and each.status is PaymentStatus.SUCCEEDED for each in known)

    def _subscriptions(self, event: Event) -> Sequence[NewJob]:
        jobs = subscriptions(event)
        self.promised.update((message_key(event), job.unique_key) for job in jobs)
        return jobs


class PlainTemplates:
    """Templates that say their own name: what is written in messages is not the question here."""

    def render(self, name: str, context: Mapping[str, Any]) -> Rendered:
        """Answer a message of one line."""
        return Rendered(subject=name, text=name, html=f"<p>{name}</p>")
