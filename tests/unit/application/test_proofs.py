"""Old quotes, proved from storage."""

import pytest
from attrs import evolve

from repaircore.application.pricing.pricebook import PriceBook
from repaircore.application.pricing.quotes import Quoting
from repaircore.domain.pricing.quote import Quote
from tests.unit.application.conftest import Shop


@pytest.fixture
async def quote(shop: Shop) -> Quote:
    """An urgent screen."""
    return await shop.core.pricing.quote(device="iphone-13-pro", items=["screen-repair"], urgency="urgent")


@pytest.fixture
def elsewhere(shop: Shop) -> Quoting:
    """Another process on the same storage, which has loaded no rulebook."""
    return evolve(shop.core.pricing, prices=PriceBook(shop.core.pricing.prices.catalogue))


async def test_a_rulebook_that_is_not_loaded(elsewhere: Quoting, quote: Quote) -> None:
    """It is read from storage: the quote recomputes and explains itself."""
    proof = await elsewhere.verify(quote.id)
    rules = await elsewhere.explain(quote.id)

    assert (proof.matches, proof.recomputed_hash) == (True, quote.receipt_hash)
    assert any(rule.fired for rule in rules)


async def test_a_rulebook_that_never_was(shop: Shop, quote: Quote) -> None:
    """Somebody wrote another version into the storage: no match, and no error."""
    async with shop.storage.unit_of_work() as work:
        work.quotes.save(evolve(quote, rulebook_version="1999-1", version=quote.version + 1))
        await work.commit()

    proof = await shop.core.pricing.verify(quote.id)

    assert (proof.matches, proof.recomputed_hash, proof.differs) == (False, "", ("rulebook_version",))


async def test_a_version_exchanged_for_another(shop: Shop, quote: Quote) -> None:
    """The receipt is traced to the rulebook that gave it."""
    compiled = shop.core.pricing.prices.version(quote.rulebook_version)
    await shop.core.publish(evolve(compiled.rulebook, version="2025-2"))
    async with shop.storage.unit_of_work() as work:
        work.quotes.save(evolve(quote, rulebook_version="2025-2", version=quote.version + 1))
        await work.commit()

    proof = await shop.core.pricing.verify(quote.id)

    assert (proof.matches, proof.differs) == (False, ("rulebook_version",))
