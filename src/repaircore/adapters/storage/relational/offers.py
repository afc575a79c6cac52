"""Market snapshots and uses of promotion codes."""

from collections.abc import Sequence
from datetime import datetime

from repaircore.adapters.storage import rows
from repaircore.adapters.storage.encoding import LATEST, instant
from repaircore.adapters.storage.recent import RecentMarket
from repaircore.adapters.storage.relational.gathering import Gathered
from repaircore.domain.errors import NotFound
from repaircore.domain.identity import BookingId
from repaircore.domain.pricing.market import DatedSnapshot
from repaircore.domain.pricing.promotions import USED_UP, KnownAgain, Promotion, PromotionUnusable, PromotionUse
from repaircore.ports.unit_of_work import Position


class RelationalMarketSnapshots:
    """Dated snapshots of the market; append-only."""

    __slots__ = ("_gathered", "_recent")

    def __init__(self, gathered: Gathered, recent: RecentMarket) -> None:
        self._gathered = gathered
        self._recent = recent

    async def get(self, snapshot_id: str) -> DatedSnapshot:
        """Read one. Raises NotFound."""
        row = await self._gathered.reader.first("market", (snapshot_id,))
        if row is None:
            raise NotFound("market snapshot", snapshot_id)
        return rows.snapshot_from(row)

    async def newest(self, *, since: datetime, until: datetime, measured_by_core: bool = True) -> DatedSnapshot | None:
        """Read the newest that was taken from `since` until `until`."""
        if not measured_by_core:
            return await self._newest("market_newest_fed", since, until)
        if self._recent.knows(since=since, until=until):
            return self._recent.found
        look = self._recent.look()
        found = await self._newest("market_newest", since, until)
        self._recent.remember(found, until=until, look=look)
        return found

    async def _newest(self, name: str, since: datetime, until: datetime) -> DatedSnapshot | None:
        row = await self._gathered.reader.first(name, (instant(since), instant(until)))
        return None if row is None else rows.snapshot_from(row)

    async def find(self, *, limit: int, after: Position | None = None) -> Sequence[DatedSnapshot]:
        """List by `at` and id, newest first, from just behind `after`."""
        below = (LATEST, "") if after is None else (instant(after.at), after.id)
        found = await self._gathered.reader.all("market_page", (*below, limit))
        return [rows.snapshot_from(row) for row in found]

    def add(self, snapshot: DatedSnapshot) -> None:
        """Gather the insert."""
        self._gathered.write("market_add", rows.snapshot_row(snapshot))
        self._gathered.then(self._recent.forget)


class RelationalPromotionUses:
    """Uses of promotion codes."""

    __slots__ = ("_gathered",)

    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered

    async def count(self, code: str, customer: KnownAgain | None = None) -> int:
        """Count the uses, all of them or one customer's."""
        if customer is None:
            row = await self._gathered.reader.first("promotion_uses", (code,))
        else:
            parameters = (code, customer.email, code, customer.phone)
            row = await self._gathered.reader.first("promotion_uses_of_customer", parameters)
        return int(row[0]) if row else 0

    def use(self, use: PromotionUse, promotion: Promotion) -> None:
        """Gather the use, provided that the limits leave one."""
        code, customer = use.code, use.customer
        room = (promotion.uses, code, promotion.uses, promotion.each, code, customer.email, code, customer.phone)
        self._gathered.claim(
            "promotion_use",
            (*rows.use_row(use), *room, promotion.each),
            PromotionUnusable(code, USED_UP),
        )

    def give_back(self, booking_id: BookingId) -> None:
        """Gather the forgetting of a booking's uses."""
        self._gathered.write("promotion_give_back", (booking_id,))
