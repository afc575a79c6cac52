"""The snapshot in hand answers as a look would, except for what another process took in a moment ago."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import define, field, frozen
from hypothesis import given
from hypothesis import strategies as st

from repaircore.adapters.storage import rows
from repaircore.adapters.storage.recent import KEPT, RecentMarket
from repaircore.adapters.storage.relational.gathering import Gathered, Row
from repaircore.adapters.storage.relational.offers import RelationalMarketSnapshots
from repaircore.domain.actors import SYSTEM
from repaircore.domain.pricing.market import DatedSnapshot, Source

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MAX_AGE = timedelta(seconds=10)


@frozen
class Step:
    """Some time passes, and then a snapshot is taken in, by this process or by another one; or none is."""

    seconds: float
    added: str


STEPS = st.lists(st.builds(Step, st.floats(0, 5), st.sampled_from(["", "here", "elsewhere"])), max_size=12)


def snapshot(at: datetime) -> DatedSnapshot:
    return DatedSnapshot(id=f"ms_{at.isoformat()}", at=at, figures={}, source=Source.API, by=SYSTEM)


def newest(stored: list[DatedSnapshot], now: datetime) -> DatedSnapshot | None:
    return max((each for each in stored if now - MAX_AGE <= each.at <= now), key=lambda each: each.at, default=None)


def seen(recent: RecentMarket, stored: list[DatedSnapshot], now: datetime) -> DatedSnapshot | None:
    """What the adapter does."""
    if not recent.knows(since=now - MAX_AGE, until=now):
        recent.remember(newest(stored, now), until=now, look=recent.look())
    return recent.found


def stale(steps: list[Step], *, forgets: bool) -> bool:
    """Whether any answer differs from the newest snapshot by more than what came from elsewhere a moment ago."""
    recent, now = RecentMarket(), NOON
    stored: list[DatedSnapshot] = []
    for step in steps:
        now += timedelta(seconds=step.seconds)
        if step.added:
            stored.append(snapshot(now))
        if step.added == "here":
            if forgets:
                recent.forget()
            known_here = list(stored)
        else:
            known_here = [each for each in stored if now - each.at >= KEPT]
        found, least = seen(recent, stored, now), newest(known_here, now)
        if found is not None and now - found.at > MAX_AGE:
            return True
        if least is not None and (found is None or found.at < least.at):
            return True
    return False


@given(STEPS)
def test_nothing_is_missed_for_long(steps: list[Step]) -> None:
    """What this process took in is seen at once, everything else within two seconds, and nothing that is too old."""
    assert not stale(steps, forgets=True)


def test_a_process_that_does_not_forget_is_caught() -> None:
    """The law can fail: a snapshot taken in here and not forgotten about is missed."""
    assert stale([Step(0.0, ""), Step(0.5, "here")], forgets=False)


@define
class SlowReader:
    """Looks at what is stored, and answers when it is let."""

    stored: DatedSnapshot
    answers: asyncio.Event = field(factory=asyncio.Event)

    async def first(self, statement: str, parameters: Sequence[Any] = ()) -> Row | None:
        row = rows.snapshot_row(self.stored)
        await self.answers.wait()
        return row

    async def all(self, statement: str, parameters: Sequence[Any] = ()) -> Sequence[Row]:
        raise NotImplementedError

    async def far(self, statement: str, parameters: Sequence[Any] = ()) -> Sequence[Row]:
        raise NotImplementedError


async def test_taken_in_during_a_look() -> None:
    """What a look found that was under way when this process took a snapshot in is not kept: the next one sees the new one."""
    recent, reader = RecentMarket(), SlowReader(snapshot(NOON - timedelta(seconds=5)))
    market = RelationalMarketSnapshots(Gathered(reader), recent)

    look = asyncio.create_task(market.newest(since=NOON - MAX_AGE, until=NOON))
    await asyncio.sleep(0)
    reader.stored = snapshot(NOON)
    recent.forget()
    reader.answers.set()
    await look

    assert await market.newest(since=NOON - MAX_AGE, until=NOON) == snapshot(NOON)
