"""A database in memory that keeps every promise but the last: it forgets when the program ends."""

import asyncio
from functools import partial
from types import TracebackType
from typing import Self

from attrs import define

from repaircore.adapters.storage.memory.aggregates import MemoryBookings, MemoryLedger, MemoryPayments, MemoryQuotes
from repaircore.adapters.storage.memory.catalogues import MemoryCatalogues
from repaircore.adapters.storage.memory.gathering import Gathered
from repaircore.adapters.storage.memory.jobs import MemoryJobs, enqueue
from repaircore.adapters.storage.memory.offers import MemoryMarketSnapshots, MemoryPromotionUses
from repaircore.adapters.storage.memory.registers import (
    MemoryApiKeys,
    MemoryEvents,
    MemoryInbox,
    MemoryReplays,
    MemoryRulebooks,
    append,
)
from repaircore.adapters.storage.memory.state import State
from repaircore.adapters.storage.waking import Waking
from repaircore.domain.events import Event
from repaircore.ports.clock import Clock
from repaircore.ports.errors import Unavailable
from repaircore.ports.ids import Ids
from repaircore.ports.jobs import NewJob
from repaircore.ports.unit_of_work import Subscriptions


@define
class Surroundings:
    """What every unit of work of one database shares."""

    clock: Clock
    subscriptions: Subscriptions
    waking: Waking
    closed: bool = False


class MemoryStorage:
    """The embedded database's twin, for tests and for trying things out."""

    def __init__(self, clock: Clock, ids: Ids, subscriptions: Subscriptions) -> None:
        self._state = State()
        self._around = Surroundings(clock, subscriptions, Waking(clock))
        self.jobs = MemoryJobs(self._state, self._around.waking)

    def unit_of_work(self) -> "MemoryUnitOfWork":
        """Open a unit of work."""
        return MemoryUnitOfWork(self._state, self._around)

    async def health(self) -> None:
        """Answer until it is closed. Raises Unavailable."""
        if self._around.closed:
            raise Unavailable("the database is closed")

    async def aclose(self) -> None:
        """Finish what is being committed, then take no more."""
        self._around.closed = True
        await asyncio.sleep(0)


class MemoryUnitOfWork:
    """Gathers writes; `commit` does them all, or none."""

    def __init__(self, state: State, around: Surroundings) -> None:
        self._state = state
        self._around = around
        self._gathered = gathered = Gathered(state)
        self.quotes = MemoryQuotes(gathered)
        self.bookings = MemoryBookings(gathered)
        self.payments = MemoryPayments(gathered)
        self.ledger = MemoryLedger(gathered)
        self.events = MemoryEvents(gathered)
        self.rulebooks = MemoryRulebooks(gathered)
        self.catalogues = MemoryCatalogues(gathered)
        self.market = MemoryMarketSnapshots(gathered)
        self.promotions = MemoryPromotionUses(gathered)
        self.inbox = MemoryInbox(gathered)
        self.api_keys = MemoryApiKeys(gathered)
        self.replays = MemoryReplays(gathered)

    def record(self, *events: Event) -> None:
        """Append events to their streams, and enqueue a job for each subscriber of each."""
        for event in events:
            self._gathered.write(partial(append, event=event))
            self.enqueue(*self._around.subscriptions(event))

    def enqueue(self, *jobs: NewJob) -> None:
        """Enqueue work in the same transaction."""
        for job in jobs:
            self._gathered.write(partial(enqueue, new=job, now=self._around.clock.now()))
            self._gathered.wakes = True

    async def commit(self, *, now: bool = False) -> None:
        """Do everything gathered, all or nothing; the unit is empty afterwards. Raises Conflict, AlreadyExists or Unavailable.

        Always at once, whatever `now` says.
        """
        wakes, writes = self._gathered.wakes, self._gathered.take()
        if writes and self._around.closed:
            raise Unavailable("the database is closed")
        await asyncio.sleep(0)  # as with any other database, others get a turn between reading and writing
        self._state.transact(writes)
        if wakes:
            self._around.waking.wake()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gathered.take()
