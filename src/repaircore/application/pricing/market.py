"""Snapshots of the market: taken in from people, files and the core's own bookings; quotes use the newest that is not too old."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from repaircore.application.pricing.pricebook import PriceBook
from repaircore.domain.actors import SYSTEM, Actor
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.errors import NotFound
from repaircore.domain.pricing.facts import MarketSnapshot
from repaircore.domain.pricing.market import DatedSnapshot, Source, figures_asked, taken
from repaircore.ports.clock import Clock
from repaircore.ports.ids import Ids
from repaircore.ports.jobs import Job
from repaircore.ports.unit_of_work import Position, UnitOfWork, UnitOfWorkFactory

MEASURE_MARKET = "pricing.measure_market"
SNAPSHOT = "ms"

QUEUE = (Status.CONFIRMED, Status.IN_PROGRESS)


@frozen
class Market:
    """The market room. `max_age` is how old a snapshot may be for a quote to use it. What people and files report is known to
    everybody, or asked for by the rulebook in force."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    ids: Ids
    max_age: timedelta
    prices: PriceBook

    async def add(
        self,
        figures: Mapping[str, int],
        *,
        by: Actor,
        at: datetime | None = None,
        source: Source = Source.API,
        note: str = "",
    ) -> DatedSnapshot:
        """Keep what was measured, just now or `at` an aware moment. Raises InvalidValue."""
        asked = await self._asked()
        async with self.unit_of_work() as work:
            snapshot = self._taken(work, figures, by=by, at=at, source=source, note=note, asked=asked)
            await work.commit()
        return snapshot

    async def add_all(
        self, measured: Sequence[tuple[datetime | None, Mapping[str, int]]], *, by: Actor, note: str = ""
    ) -> tuple[DatedSnapshot, ...]:
        """Keep what a file holds, all of it or nothing. Raises InvalidValue."""
        asked = await self._asked()
        async with self.unit_of_work() as work:
            snapshots = tuple(
                self._taken(work, figures, by=by, at=at, source=Source.FILE, note=note, asked=asked)
                for at, figures in measured
            )
            await work.commit()
        return snapshots

    def _taken(
        self,
        work: UnitOfWork,
        figures: Mapping[str, int],
        *,
        by: Actor,
        at: datetime | None,
        source: Source,
        note: str,
        asked: frozenset[str],
    ) -> DatedSnapshot:
        now, id = self.clock.now(), self.ids.new(SNAPSHOT)
        snapshot = taken(id, figures, at=at or now, now=now, source=source, by=by, note=note, asked=asked)
        work.market.add(snapshot)
        return snapshot

    async def _asked(self) -> frozenset[str]:
        now = self.clock.now()
        await self.prices.follow(self.unit_of_work, now)
        try:
            return figures_asked(self.prices.current(now).conditional)
        except NotFound:  # no rulebook is in force
            return frozenset()

    async def get(self, snapshot_id: str) -> DatedSnapshot:
        """Read one. Raises NotFound."""
        async with self.unit_of_work() as work:
            return await work.market.get(snapshot_id)

    async def find(self, *, limit: int, after: Position | None = None) -> Sequence[DatedSnapshot]:
        """List a page, newest first."""
        async with self.unit_of_work() as work:
            return await work.market.find(limit=limit, after=after)

    async def current(self) -> DatedSnapshot | None:
        """Answer the snapshot that a quote would use at this moment; None when there is none, or all are too old."""
        async with self.unit_of_work() as work:
            return await self._newest(work, self.clock.now())

    async def facts(self, work: UnitOfWork, at: datetime) -> MarketSnapshot:
        """Answer what a quote of that moment uses; the empty snapshot where there is none."""
        newest = await self._newest(work, at)
        return MarketSnapshot() if newest is None else newest.facts()

    async def _newest(self, work: UnitOfWork, at: datetime) -> DatedSnapshot | None:
        return await work.market.newest(since=at - self.max_age, until=at)


@frozen
class MeasureMarket:
    """Periodic job: the core counts its own bookings. What people fed in and is not too old stays beside it."""

    market: Market

    async def __call__(self, job: Job) -> None:
        room = self.market
        now = room.clock.now()
        async with room.unit_of_work() as work:
            fed = await work.market.newest(since=now - room.max_age, until=now, measured_by_core=False)
            counted = own_figures(await work.bookings.count_by_status())
        figures = {**(fed.figures if fed else {}), **counted}
        await room.add(figures, by=SYSTEM, at=now, source=Source.CORE)


def own_figures(counts: Mapping[Status, int]) -> dict[str, int]:
    """Answer the figures that the core knows by itself: jobs waiting to be done, and jobs waiting for parts."""
    return {
        "queue_length": sum(counts.get(status, 0) for status in QUEUE),
        "parts_waiting": counts.get(Status.WAITING_PARTS, 0),
    }
