"""Market snapshots and uses of promotion codes in memory."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from attrs import frozen

from repaircore.adapters.storage.memory.gathering import Gathered
from repaircore.adapters.storage.memory.state import State
from repaircore.domain.errors import NotFound
from repaircore.domain.identity import BookingId
from repaircore.domain.pricing.market import DatedSnapshot, Source
from repaircore.domain.pricing.promotions import USED_UP, KnownAgain, Promotion, PromotionUnusable, PromotionUse
from repaircore.ports.unit_of_work import Position


@frozen
class MemoryMarketSnapshots:
    """Dated snapshots of the market; append-only."""

    _gathered: Gathered

    async def get(self, snapshot_id: str) -> DatedSnapshot:
        """Read one. Raises NotFound."""
        snapshot = self._gathered.state.market.get(snapshot_id)
        if snapshot is None:
            raise NotFound("market snapshot", snapshot_id)
        return snapshot

    async def newest(self, *, since: datetime, until: datetime, measured_by_core: bool = True) -> DatedSnapshot | None:
        """Read the newest that was taken from `since` until `until`."""
        for snapshot in self._newest_first():
            if since <= snapshot.at <= until and (measured_by_core or snapshot.source is not Source.CORE):
                return snapshot
        return None

    async def find(self, *, limit: int, after: Position | None = None) -> Sequence[DatedSnapshot]:
        """List by `at` and id, newest first, from just behind `after`."""
        found = self._newest_first()
        if after is not None:
            found = [each for each in found if _place(each) < (after.at, after.id)]
        return found[:limit]

    def add(self, snapshot: DatedSnapshot) -> None:
        """Gather the insert."""
        self._gathered.write(lambda state: state.insert(state.market, snapshot.id, snapshot, "market_snapshot.id"))

    def _newest_first(self) -> list[DatedSnapshot]:
        return sorted(self._gathered.state.market.values(), key=_place, reverse=True)


def _place(snapshot: DatedSnapshot) -> tuple[datetime, str]:
    return snapshot.at, snapshot.id


@frozen
class MemoryPromotionUses:
    """Uses of promotion codes."""

    _gathered: Gathered

    async def count(self, code: str, customer: KnownAgain | None = None) -> int:
        """Count the uses, all of them or one customer's."""
        return _count(self._gathered.state.promotion_uses.values(), code, customer)

    def use(self, use: PromotionUse, promotion: Promotion) -> None:
        """Gather the use, provided that the limits leave one."""

        def write(state: State) -> None:
            uses = state.promotion_uses.values()
            if _is_reached(promotion.uses, _count(uses, use.code)) or _is_reached(
                promotion.each, _count(uses, use.code, use.customer)
            ):
                raise PromotionUnusable(use.code, USED_UP)
            state.insert(state.promotion_uses, (use.code, use.booking_id), use, "promotion.booking")

        self._gathered.write(write)

    def give_back(self, booking_id: BookingId) -> None:
        """Gather the forgetting of a booking's uses."""

        def write(state: State) -> None:
            for key in [key for key in state.promotion_uses if key[1] == booking_id]:
                state.drop(state.promotion_uses, key)

        self._gathered.write(write)


def _is_reached(limit: int | None, used: int) -> bool:
    return limit is not None and used >= limit


def _count(uses: Iterable[PromotionUse], code: str, customer: KnownAgain | None = None) -> int:
    return sum(use.code == code and (customer is None or _is_of(use, customer)) for use in uses)


def _is_of(use: PromotionUse, customer: KnownAgain) -> bool:
    return (bool(customer.email) and use.customer.email == customer.email) or (
        bool(customer.phone) and use.customer.phone == customer.phone
    )
