"""Idempotency keys: the effect and the answer stand or fall together."""

import asyncio
from datetime import timedelta

import pytest
from attrs import evolve

from repaircore.application.booking.book import BookQuote
from repaircore.application.operations.once import InProgress, KeyReused, Once
from repaircore.domain.actors import GUEST
from repaircore.domain.booking.booking import BookingRequest
from repaircore.domain.booking.contact import Fulfilment
from repaircore.domain.errors import QuoteUsed
from repaircore.domain.identity import QuoteId
from repaircore.ports.unit_of_work import BookingFilter
from tests.unit.application.conftest import Shop


async def a_quote(shop: Shop) -> QuoteId:
    return (await shop.core.pricing.quote(device="iphone-13-pro", items=["screen-repair"])).id


def a_request(shop: Shop) -> BookingRequest:
    return BookingRequest(
        customer=shop.core.booking.contact("Ann", "ann@example.com", "+442079460123"),
        issue_description="cracked from a fall",
        fulfilment=Fulfilment.IN_STORE,
    )


async def book(shop: Shop, quote: QuoteId, key: str, fingerprint: str = "body", once: Once | None = None) -> bytes:
    """What an entrypoint does with a key."""
    async with (once or shop.core.once).attempt("guest POST /v1/bookings", key, fingerprint) as attempt:
        if attempt.replay is not None:
            return attempt.replay.body
        booking = await shop.core.booking.request(quote, a_request(shop), by=GUEST)
        return (await attempt.answer(201, {}, booking.id.encode())).body


async def bookings(shop: Shop) -> list[str]:
    return [booking.id for booking in await shop.core.booking.find(BookingFilter(), limit=100)]


async def test_the_same_key_twice(shop: Shop) -> None:
    """The repeat gets the first answer, and nothing happens again."""
    quote = await a_quote(shop)

    first, second = await book(shop, quote, "k"), await book(shop, quote, "k")

    assert first == second
    assert [first.decode()] == await bookings(shop)


async def test_the_same_key_for_another_request(shop: Shop) -> None:
    """A key belongs to one request."""
    quote = await a_quote(shop)
    await book(shop, quote, "k")

    with pytest.raises(KeyReused):
        await book(shop, quote, "k", fingerprint="another body")


async def test_a_hundred_at_once(shop: Shop) -> None:
    """In one process, while one runs the others are told so."""
    quote = await a_quote(shop)

    results = await asyncio.gather(*(book(shop, quote, "k") for _ in range(100)), return_exceptions=True)

    assert len(await bookings(shop)) == 1
    assert {type(result) for result in results} <= {bytes, InProgress}
    assert any(isinstance(result, bytes) for result in results)


async def test_two_processes_with_one_key(shop: Shop) -> None:
    """Between processes the database decides; the slower one has no effect and gives the faster one's answer."""
    quotes = [await a_quote(shop), await a_quote(shop)]
    processes = [Once(shop.storage.unit_of_work, shop.clock) for _ in quotes]

    first, second = await asyncio.gather(
        *(book(shop, quote, "k", once=process) for quote, process in zip(quotes, processes, strict=True))
    )

    assert first == second
    assert [first.decode()] == await bookings(shop)


async def crash(shop: Shop, quote: QuoteId, booking: BookQuote) -> None:
    """A request that dies between its work and its answer."""
    async with shop.core.once.attempt("guest POST /v1/bookings", "k", "body"):
        await booking(quote, a_request(shop), by=GUEST)
        raise ConnectionError


async def test_a_crash_before_the_answer(shop: Shop) -> None:
    """What was not answered did not happen: the repeat does it."""
    quote = await a_quote(shop)

    with pytest.raises(ConnectionError):
        await crash(shop, quote, shop.core.booking.request)
    assert await bookings(shop) == []

    assert await book(shop, quote, "k")
    assert len(await bookings(shop)) == 1


async def test_an_effect_that_commits_alone_is_caught(shop: Shop) -> None:
    """The test above can fail: a use case that does not join the attempt leaves its work behind, and the repeat finds it."""
    quote = await a_quote(shop)
    alone = evolve(shop.core.booking.request, unit_of_work=shop.storage.unit_of_work)

    with pytest.raises(ConnectionError):
        await crash(shop, quote, alone)

    assert len(await bookings(shop)) == 1
    with pytest.raises(QuoteUsed):
        await book(shop, quote, "k")


@pytest.mark.parametrize("housekeeping", [True, False])
async def test_after_a_day(shop: Shop, housekeeping: bool) -> None:
    """Keys are remembered for a day and then forgotten, by the housekeeping, and by the clock where that has not come yet."""
    await book(shop, await a_quote(shop), "k")
    shop.clock.advance(timedelta(hours=25))
    if housekeeping:
        await shop.core.operations.worker.drain()
    quote = await a_quote(shop)

    assert await book(shop, quote, "k", fingerprint="another body")
    assert len(await bookings(shop)) == 2


async def test_refused_after_a_day(shop: Shop) -> None:
    """What is refused under a key that is forgotten is refused for its own reason."""
    quote = await a_quote(shop)
    await book(shop, quote, "k")
    shop.clock.advance(timedelta(hours=25))

    with pytest.raises(QuoteUsed):
        await book(shop, quote, "k")


async def test_a_day_to_the_moment(shop: Shop) -> None:
    """Until then the key is known."""
    quote = await a_quote(shop)
    first = await book(shop, quote, "k")
    shop.clock.advance(timedelta(hours=24))

    assert await book(shop, quote, "k") == first


async def test_refused_because_another_process_was_faster(shop: Shop) -> None:
    """What is refused was done by another request of the same key: this one is to be repeated, and is no refusal."""
    quote, elsewhere = await a_quote(shop), Once(shop.storage.unit_of_work, shop.clock)

    async def slow() -> None:
        async with shop.core.once.attempt("guest POST /v1/bookings", "k", "body"):
            await book(shop, quote, "k", once=elsewhere)
            await shop.core.booking.request(quote, a_request(shop), by=GUEST)

    with pytest.raises(InProgress):
        await slow()
    assert (await book(shop, quote, "k")).decode() in await bookings(shop)
