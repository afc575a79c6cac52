"""One transaction's worth of reading and gathered writing on SQLite."""

from functools import partial
from types import TracebackType
from typing import Self

from attrs import frozen

from repaircore.adapters.storage.jobs import job_cells
from repaircore.adapters.storage.recent import RecentMarket
from repaircore.adapters.storage.rows import event_cells
from repaircore.adapters.storage.sqlite.aggregates import SqliteBookings, SqliteLedger, SqlitePayments, SqliteQuotes
from repaircore.adapters.storage.sqlite.catalogues import SqliteCatalogues
from repaircore.adapters.storage.sqlite.committer import Committer
from repaircore.adapters.storage.sqlite.gathering import Gathered, apply
from repaircore.adapters.storage.sqlite.offers import SqliteMarketSnapshots, SqlitePromotionUses
from repaircore.adapters.storage.sqlite.reader import Reader
from repaircore.adapters.storage.sqlite.registers import (
    SqliteApiKeys,
    SqliteEvents,
    SqliteInbox,
    SqliteReplays,
    SqliteRulebooks,
)
from repaircore.adapters.storage.sqlite.sql import SQL
from repaircore.adapters.storage.waking import Waking
from repaircore.domain.events import Event
from repaircore.ports.clock import Clock
from repaircore.ports.jobs import NewJob
from repaircore.ports.unit_of_work import Subscriptions


@frozen
class Surroundings:
    """What every unit of work of one database shares."""

    reader: Reader
    committer: Committer
    clock: Clock
    subscriptions: Subscriptions
    waking: Waking
    market: RecentMarket


class SqliteUnitOfWork:
    """Gathers writes; `commit` sends them all in one transaction, or none."""

    __slots__ = ("_around", "_gathered")

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._gathered = Gathered(around.reader)

    @property
    def quotes(self) -> SqliteQuotes:
        """Quotes by id."""
        return SqliteQuotes(self._gathered)

    @property
    def bookings(self) -> SqliteBookings:
        """Bookings by id, with their history."""
        return SqliteBookings(self._gathered)

    @property
    def payments(self) -> SqlitePayments:
        """Payments by id."""
        return SqlitePayments(self._gathered)

    @property
    def ledger(self) -> SqliteLedger:
        """The double-entry ledger."""
        return SqliteLedger(self._gathered)

    @property
    def events(self) -> SqliteEvents:
        """The event streams."""
        return SqliteEvents(self._gathered)

    @property
    def rulebooks(self) -> SqliteRulebooks:
        """Published rulebooks."""
        return SqliteRulebooks(self._gathered)

    @property
    def catalogues(self) -> SqliteCatalogues:
        """Versions of the catalogue, and the history of prices."""
        return SqliteCatalogues(self._gathered)

    @property
    def market(self) -> SqliteMarketSnapshots:
        """Dated snapshots of the market."""
        return SqliteMarketSnapshots(self._gathered, self._around.market)

    @property
    def promotions(self) -> SqlitePromotionUses:
        """Uses of promotion codes."""
        return SqlitePromotionUses(self._gathered)

    @property
    def inbox(self) -> SqliteInbox:
        """Verified webhooks."""
        return SqliteInbox(self._gathered)

    @property
    def api_keys(self) -> SqliteApiKeys:
        """API keys by hash."""
        return SqliteApiKeys(self._gathered)

    @property
    def replays(self) -> SqliteReplays:
        """Answers kept for idempotency keys."""
        return SqliteReplays(self._gathered)

    def record(self, *events: Event) -> None:
        """Append events to their streams, and enqueue a job for each subscriber of each."""
        for event in events:
            self._gathered.write(SQL["event_add"], event_cells(event))
            self.enqueue(*self._around.subscriptions(event))

    def enqueue(self, *jobs: NewJob) -> None:
        """Enqueue work in the same transaction."""
        for job in jobs:
            name = "job_add_in_order" if job.ordering_key else "job_add"
            self._gathered.write(SQL[name], job_cells(job, now=self._around.clock.now()))
            self._gathered.then(self._around.waking.wake)

    async def commit(self, *, now: bool = False) -> None:
        """Send everything gathered, all or nothing; the unit is empty afterwards. Raises Conflict, AlreadyExists or Unavailable.

        Always at once, whatever `now` says.
        """
        writes, told = self._gathered.take()
        if writes:
            await self._around.committer.run(partial(apply, writes))
        for tell in told:
            tell()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gathered.take()
