"""What every way of telling other processes must do.

Subclass `PubSubContract` in your tests and give it a `harness` fixture, fresh for each test: two ends of one way, as two processes have
them; in-process both are the same. Where connections can be lost, subclass `RemotePubSubContract`.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

import pytest

from repaircore.ports.errors import Rejected
from repaircore.ports.pubsub import LONGEST, News, PubSub

PATIENCE = 20.0  # seconds of real time
_MANY = 3000


class PubSubHarness(Protocol):
    """Two ends of one way of telling."""

    @property
    def one(self) -> PubSub:
        """The end that publishes."""
        ...

    @property
    def other(self) -> PubSub:
        """The end that subscribes, unless a test says otherwise."""
        ...


class RemotePubSubHarness(PubSubHarness, Protocol):
    """Two ends with a server between them."""

    async def interrupt(self) -> None:
        """Break every connection on which somebody listens; the server goes on."""
        ...


class PubSubContract:
    """The promises of `ports.pubsub` where nothing is lost."""

    async def test_told(self, harness: PubSubHarness) -> None:
        """Whoever subscribes hears each message, whatever it says, in the order of publishing."""
        messages = ["rb_1", "two words", "", "ü €  ", "x" * LONGEST]
        async with harness.other.subscribe("rulebooks") as news:
            for message in messages:
                await harness.one.publish("rulebooks", message)

            assert await heard(news, len(messages)) == messages

    async def test_told_here_as_well(self, harness: PubSubHarness) -> None:
        """The process that publishes hears it too."""
        async with harness.one.subscribe("rulebooks") as news:
            await harness.one.publish("rulebooks", "rb_1")

            assert await heard(news, 1) == ["rb_1"]

    async def test_every_subscriber(self, harness: PubSubHarness) -> None:
        """Each of several subscribers hears all of it."""
        async with harness.other.subscribe("rulebooks") as first, harness.other.subscribe("rulebooks") as second:
            await harness.one.publish("rulebooks", "rb_1")

            assert await heard(first, 1) == await heard(second, 1) == ["rb_1"]

    async def test_topics_are_apart(self, harness: PubSubHarness) -> None:
        """Nobody hears of what they did not ask for."""
        async with harness.other.subscribe("rulebooks") as news:
            await harness.one.publish("catalogues", "ct_1")
            await harness.one.publish("rulebooks", "rb_1")

            assert await heard(news, 1) == ["rb_1"]

    async def test_nobody_listens(self, harness: PubSubHarness) -> None:
        """Publishing to nobody, and to those who have left, is no trouble."""
        await harness.one.publish("rulebooks", "rb_1")
        async with harness.other.subscribe("rulebooks"):
            await harness.one.publish("rulebooks", "rb_2")
        await harness.one.publish("rulebooks", "rb_3")

        assert harness.one.trouble == harness.other.trouble == ""

    @pytest.mark.parametrize(
        ("topic", "message"),
        [("rulebooks", "x" * (LONGEST + 1)), ("rulebooks", "€" * 334), ("Rule books", ""), ("", ""), ("a", "\0")],
    )
    async def test_what_cannot_be_told(self, harness: PubSubHarness, topic: str, message: str) -> None:
        """A message that is too long in bytes, or one with NUL, or a topic that is none: refused everywhere alike."""
        with pytest.raises(Rejected):
            await harness.one.publish(topic, message)

    async def test_no_topic(self, harness: PubSubHarness) -> None:
        """Nobody waits for what can never come."""
        with pytest.raises(Rejected):
            async with harness.other.subscribe("Rule books"):
                """Never entered."""

    async def test_a_slow_subscriber(self, harness: PubSubHarness) -> None:
        """Whoever does not read holds nobody up, is told that something was missed, and still hears the last message."""
        async with harness.other.subscribe("rulebooks") as slow, harness.other.subscribe("done") as done:
            for number in range(_MANY):
                await harness.one.publish("rulebooks", str(number))
            await harness.one.publish("done", "")
            await heard(done, 1)

            first = await following(slow)
            assert first.missed
            while (last := await following(slow)).message != str(_MANY - 1):
                assert not last.missed

    async def test_closing(self, harness: PubSubHarness) -> None:
        """Subscriptions end when their end is closed."""
        async with harness.other.subscribe("rulebooks") as news:
            await harness.other.aclose()

            async with asyncio.timeout(PATIENCE):
                assert [each async for each in news if not each.missed] == []


class RemotePubSubContract(PubSubContract):
    """The promises where a server stands between processes."""

    async def test_an_interruption(self, harness: RemotePubSubHarness) -> None:
        """A subscriber whose connection broke is told that something may have been missed, and hears what comes after that."""
        async with harness.other.subscribe("rulebooks") as news:
            await harness.interrupt()

            assert (await following(news)).missed
            await harness.one.publish("rulebooks", "rb_1")
            assert await heard(news, 1) == ["rb_1"]
            assert harness.other.trouble == ""


async def following(news: AsyncIterator[News]) -> News:
    """Answer the next of the news. Raises TimeoutError when nothing comes."""
    async with asyncio.timeout(PATIENCE):
        return await anext(news)


async def heard(news: AsyncIterator[News], number: int) -> list[str]:
    """Answer the next messages. Raises AssertionError when something was missed."""
    found = [await following(news) for _ in range(number)]
    assert not any(each.missed for each in found)
    return [each.message for each in found]
