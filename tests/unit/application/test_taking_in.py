"""Another process's rulebook is taken in while quotes go on: once, a piece at a time, and in force only when it is ready."""

import asyncio
from datetime import UTC, datetime

from attrs import evolve

from repaircore.adapters.clock.memory import ManualClock
from repaircore.adapters.ids.memory import PredictableIds
from repaircore.adapters.storage.memory import MemoryStorage
from repaircore.application.notifications.subscriptions import subscriptions
from repaircore.application.pricing.pricebook import LOOK_EVERY, PriceBook
from repaircore.domain.pricing.publications import Publication
from repaircore.domain.pricing.receipt import content_hash
from tests.unit.pricing.shop import REVIVA, REVIVA_CATALOGUE

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
LATER = NOON + LOOK_EVERY


def stored() -> MemoryStorage:
    """A storage with nothing in it."""
    return MemoryStorage(clock=ManualClock(NOON), ids=PredictableIds(), subscriptions=subscriptions)


async def published(storage: MemoryStorage, number: int) -> None:
    """Publish a version of its own, as another process does."""
    async with storage.unit_of_work() as work:
        version = str(number)
        work.rulebooks.add(evolve(REVIVA, version=version), at=NOON)
        work.rulebooks.publish(
            Publication(number=number, version=version, effective_from=NOON, published_at=NOON, approver="Dana Example")
        )
        await work.commit()


async def test_the_old_rulebook_stays_until_the_new_one_is_ready() -> None:
    """Who asks during a load is answered at once, by the rulebook that was in force."""
    storage, prices = stored(), PriceBook(REVIVA_CATALOGUE)
    await published(storage, 1)
    await prices.follow(storage.unit_of_work, NOON)
    await published(storage, 2)

    loading = asyncio.create_task(prices.follow(storage.unit_of_work, LATER))
    await asyncio.sleep(0)
    await prices.follow(storage.unit_of_work, LATER + LOOK_EVERY)
    meanwhile, still = prices.current(LATER).rulebook.version, not loading.done()
    await loading

    assert (meanwhile, still, prices.current(LATER).rulebook.version) == ("1", True, "2")


async def test_two_at_once_take_it_in_once() -> None:
    """However many look at the same moment, each publication is known once, with the hash of its content."""
    storage, prices = stored(), PriceBook(REVIVA_CATALOGUE)
    for number in (1, 2, 3):
        await published(storage, number)

    async def look() -> None:
        async with storage.unit_of_work() as work:
            await prices.take_in(work)

    await asyncio.gather(look(), look(), look())

    assert [each.number for each in prices.publications] == [1, 2, 3]
    assert prices.current(NOON).content_hash == content_hash(evolve(REVIVA, version="3"))
