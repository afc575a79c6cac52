"""Snapshots of the market, through the whole core."""

from datetime import timedelta
from pathlib import Path

import pytest

from repaircore.application.pricing.market import MEASURE_MARKET, MeasureMarket
from repaircore.domain.booking.lifecycle import Action
from repaircore.domain.errors import InvalidValue
from repaircore.domain.identity import JobId
from repaircore.domain.pricing.market import Source
from repaircore.ports.jobs import Job, JobState
from repaircore.wiring.core import MarketTerms
from repaircore.wiring.settings import ConfigurationError, load_settings
from tests.unit.application.conftest import EXAMPLE, STAFF, Shop
from tests.unit.application.offering import quoted


async def test_quotes_use_the_newest_snapshot(shop: Shop) -> None:
    """The newest that is not older than a day; else none. Its figures stay on the quote."""
    market = shop.core.market
    assert (await quoted(shop)).facts.market.id == "ms_none"
    old = await market.add({"queue_length": 3}, by=STAFF)
    shop.clock.advance(timedelta(hours=1))
    new = await market.add({"queue_length": 12}, by=STAFF)
    await market.add({"queue_length": 1}, by=STAFF, at=old.at)

    quote = await quoted(shop)

    assert (quote.facts.market.id, dict(quote.facts.market.figures)) == (new.id, {"queue_length": 12})
    shop.clock.advance(timedelta(hours=24))
    assert await market.current() == new
    shop.clock.advance(timedelta(seconds=1))
    assert await market.current() is None
    assert (await quoted(shop)).facts.market.id == "ms_none"
    assert (await shop.core.pricing.verify(quote.id)).matches


@pytest.mark.parametrize(
    ("figures", "hours", "pointer"),
    [
        ({"queue_length": 1}, 1, "/at"),
        ({}, 0, "/figures"),
        ({"Queue/Length": 1}, 0, "/figures/Queue~1Length"),
        ({"queue_length": 10**9 + 1}, 0, "/figures/queue_length"),
        ({"queuelength": 1}, 0, "/figures/queuelength"),
        ({"queue_length": 1, "demand": -1}, 0, "/figures/demand"),
        ({"parts_availability": 101}, 0, "/figures/parts_availability"),
        ({f"figure_{number}": 1 for number in range(51)}, 0, "/figures"),
    ],
)
async def test_what_is_no_measurement(shop: Shop, figures: dict[str, int], hours: int, pointer: str) -> None:
    """A time to come, no figures, too many, strange names, names that nobody asks for, numbers that cannot be."""
    with pytest.raises(InvalidValue) as refused:
        await shop.core.market.add(figures, by=STAFF, at=shop.clock.now() + timedelta(hours=hours))

    assert refused.value.pointer == pointer


async def test_the_core_counts_its_own_bookings(shop: Shop) -> None:
    """Confirmed and running jobs are the queue; what people fed in stays beside it until it is too old."""
    await shop.core.market.add({"competitor_index": 97, "queue_length": 0}, by=STAFF)
    for _ in range(3):
        booking = await shop.booked("standard")
        await shop.core.booking.move(booking.id, Action.CONFIRM, by=STAFF)
    for action in (Action.START, Action.WAIT_FOR_PARTS):
        await shop.core.booking.move(booking.id, action, by=STAFF, reason="a screen is on its way")
    measure = MeasureMarket(shop.core.market)
    job = Job(
        id=JobId("job_1"),
        name="",
        payload={},
        state=JobState.LEASED,
        run_at=shop.clock.now(),
        attempts=1,
        lease=1,
        created_at=shop.clock.now(),
    )

    await measure(job)

    measured = await shop.core.market.current()
    assert measured is not None
    assert measured.source is Source.CORE
    assert measured.figures == {"competitor_index": 97, "queue_length": 2, "parts_waiting": 1}
    shop.clock.advance(timedelta(hours=25))
    await measure(job)
    later = await shop.core.market.current()
    assert later is not None
    assert "competitor_index" not in later.figures


def test_measuring_is_a_matter_of_settings() -> None:
    """Off unless a business wants it."""
    assert MarketTerms().periodic() == ()
    (job,) = MarketTerms(measure_every=timedelta(minutes=15)).periodic()
    assert (job.name, job.every) == (MEASURE_MARKET, 900.0)


@pytest.mark.parametrize("setting", ["max_age_minutes", "measure_every_minutes"])
def test_no_time_is_below_zero(tmp_path: Path, setting: str) -> None:
    """A wrong setting is told before anything runs."""
    business = (EXAMPLE / "business.toml").read_text()
    (tmp_path / "business.toml").write_text(f"{business}\n[market]\n{setting} = -1\n")

    with pytest.raises(ConfigurationError, match="market: minutes must not be below zero"):
        load_settings(tmp_path / "business.toml")
