"""One transaction's worth of reading and gathered writing."""

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from attrs import frozen

from repaircore.adapters.storage.jobs import job_cells
from repaircore.adapters.storage.recent import RecentMarket
from repaircore.adapters.storage.relational.aggregates import (
    RelationalBookings,
    RelationalLedger,
    RelationalPayments,
    RelationalQuotes,
)
from repaircore.adapters.storage.relational.catalogues import RelationalCatalogues
from repaircore.adapters.storage.relational.gathering import Gathered, Reader, Write
from repaircore.adapters.storage.relational.offers import RelationalMarketSnapshots, RelationalPromotionUses
from repaircore.adapters.storage.relational.registers import (
    RelationalApiKeys,
    RelationalEvents,
    RelationalInbox,
    RelationalReplays,
    RelationalRulebooks,
)
from repaircore.adapters.storage.rows import event_cells
from repaircore.adapters.storage.waking import Waking
from repaircore.domain.events import Event
from repaircore.ports.clock import Clock
from repaircore.ports.jobs import NewJob
from repaircore.ports.unit_of_work import Subscriptions


class Committer(Protocol):
    """Sends writes to the database."""

    async def commit(self, writes: Sequence[Write]) -> None:
        """Send them all in one transaction, or none; come back when they are on disk. Raises what refuses them, or Unavailable."""
        ...


@frozen
class Surroundings:
    """What every unit of work of one database shares."""

    reader: Reader
    committer: Committer
    clock: Clock
    subscriptions: Subscriptions
    waking: Waking
    market: RecentMarket


class RelationalUnitOfWork:
    """Gathers writes; `commit` sends them all in one transaction, or none."""

    __slots__ = ("_around", "_gathered")

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._gathered = Gathered(around.reader)

    @property
    def quotes(self) -> RelationalQuotes:
        """Quotes by id."""
        return RelationalQuotes(self._gathered)

    @property
    def bookings(self) -> RelationalBookings:
        """Bookings by id, with their history."""
        return RelationalBookings(self._gathered)

    @property
    def payments(self) -> RelationalPayments:
        """Payments by id."""
        return RelationalPayments(self._gathered)

    @property
    def ledger(self) -> RelationalLedger:
        """The double-entry ledger."""
        return RelationalLedger(self._gathered)

    @property
    def events(self) -> RelationalEvents:
        """The event streams."""
        return RelationalEvents(self._gathered)

    @property
    def rulebooks(self) -> RelationalRulebooks:
        """Published rulebooks."""
        return RelationalRulebooks(self._gathered)

    @property
    def catalogues(self) -> RelationalCatalogues:
        """Versions of the catalogue, and the history of prices."""
        return RelationalCatalogues(self._gathered)

    @property
    def market(self) -> RelationalMarketSnapshots:
        """Dated snapshots of the market."""
        return RelationalMarketSnapshots(self._gathered, self._around.market)

    @property
    def promotions(self) -> RelationalPromotionUses:
        """Uses of promotion codes."""
        return RelationalPromotionUses(self._gathered)

    @property
    def inbox(self) -> RelationalInbox:
        """Verified webhooks."""
        return RelationalInbox(self._gathered)

    @property
    def api_keys(self) -> RelationalApiKeys:
        """API keys by hash."""
        return RelationalApiKeys(self._gathered)

    @property
    def replays(self) -> RelationalReplays:
        """Answers kept for idempotency keys."""
        return RelationalReplays(self._gathered)

    def record(self, *events: Event) -> None:
        """Append events to their streams, and enqueue a job for each subscriber of each."""
        for event in events:
            self._gathered.write("event_add", event_cells(event))
            self.enqueue(*self._around.subscriptions(event))

    def enqueue(self, *jobs: NewJob) -> None:
        """Enqueue work in the same transaction."""
        for job in jobs:
            name = "job_add_in_order" if job.ordering_key else "job_add"
            self._gathered.write(name, job_cells(job, now=self._around.clock.now()))
            self._gathered.then(self._around.waking.wake)

    async def commit(self, *, now: bool = False) -> None:
        """Send everything gathered, all or nothing; the unit is empty afterwards. Raises Conflict, AlreadyExists or Unavailable.

        Always at once, whatever `now` says.
        """
        writes, told = self._gathered.take()
        if writes:
            await self._around.committer.commit(writes)
        for tell in told:
            tell()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gathered.take()
