"""Every test of the contract can fail: each lie is caught by the test that is there for it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from repaircore.adapters.pubsub import listening
from repaircore.adapters.pubsub.listening import Listening
from repaircore.adapters.pubsub.memory import MemoryPubSub
from repaircore.adapters.pubsub.subscribers import Subscribers, Subscription
from repaircore.ports.errors import Unavailable
from repaircore.ports.pubsub import News
from repaircore.testing import pubsub
from repaircore.testing.pubsub import PubSubContract, RemotePubSubContract
from tests.contract.pubsub.harnesses import InProcess


class Mute(MemoryPubSub):
    """Tells nobody."""

    async def publish(self, topic: str, message: str) -> None:
        await super().publish("nothing", message)


class Trimming(MemoryPubSub):
    """Mends what it is given."""

    async def publish(self, topic: str, message: str) -> None:
        await super().publish(topic, message.strip())


class Backwards(MemoryPubSub):
    """Tells the newest first."""

    async def publish(self, topic: str, message: str) -> None:
        await super().publish(topic, message)
        for subscription in self._subscribers._by_topic.get(topic, ()):
            subscription._waiting.rotate(1)


class FirstOnly(MemoryPubSub):
    """Gives a message to one of those who wait for it."""

    async def publish(self, topic: str, message: str) -> None:
        everybody = self._subscribers._by_topic.get(topic, set())
        first = set(list(everybody)[:1])
        self._subscribers._by_topic[topic] = first
        await super().publish(topic, message)
        self._subscribers._by_topic[topic] = everybody


class Indiscreet(MemoryPubSub):
    """Tells everything to everybody."""

    async def publish(self, topic: str, message: str) -> None:
        for each in [*self._subscribers._by_topic]:
            await super().publish(each, message)


class Worried(MemoryPubSub):
    """Cannot stand it when nobody listens."""

    async def publish(self, topic: str, message: str) -> None:
        await super().publish(topic, message)
        if not self._subscribers._by_topic.get(topic):
            raise Unavailable("nobody listens")


class Careless(MemoryPubSub):
    """Takes whatever comes."""

    async def publish(self, topic: str, message: str) -> None:
        self._subscribers.tell(topic, message)

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[AsyncIterator[News]]:
        yield self._subscribers.add(topic).read()


class Silent(MemoryPubSub):
    """Loses messages without a word."""

    async def publish(self, topic: str, message: str) -> None:
        if message != "7":
            await super().publish(topic, message)
        for subscription in self._subscribers._by_topic.get(topic, ()):
            while subscription._waiting and subscription._waiting[0].missed:
                subscription._waiting.popleft()


class Endless(MemoryPubSub):
    """Never lets go."""

    async def aclose(self) -> None:
        return None


LIES: list[tuple[type[MemoryPubSub], str]] = [
    (Mute, "test_told"),
    (Trimming, "test_told"),
    (Backwards, "test_told"),
    (Mute, "test_told_here_as_well"),
    (FirstOnly, "test_every_subscriber"),
    (Indiscreet, "test_topics_are_apart"),
    (Worried, "test_nobody_listens"),
    (Careless, "test_no_topic"),
    (Silent, "test_a_slow_subscriber"),
    (Endless, "test_closing"),
]
CAUGHT = (AssertionError, TimeoutError, Unavailable, pytest.fail.Exception)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pubsub, "PATIENCE", 0.05)


@pytest.mark.parametrize(("lie", "test"), LIES)
async def test_a_lie_is_caught(lie: type[MemoryPubSub], test: str) -> None:
    """The adapter lies and the test fails."""
    with pytest.raises(CAUGHT):
        await getattr(PubSubContract(), test)(InProcess.of(lie))


@pytest.mark.parametrize(("topic", "message"), [("rulebooks", "x" * 1001), ("Rule books", ""), ("a", "\0")])
async def test_carelessness_is_caught(topic: str, message: str) -> None:
    """What cannot be told everywhere is taken, and the test fails."""
    with pytest.raises(CAUGHT):
        await PubSubContract().test_what_cannot_be_told(InProcess.of(Careless), topic, message)


class Remote(InProcess):
    """A server that is played: listening ends when the test says so."""

    def __init__(self, kind: type[Listening], *, back: bool = True) -> None:
        self._subscribers = Subscribers()
        self._listening = kind(self._listen, self._subscribers)
        self._gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._back = back
        self.one = self.other = self

    trouble = ""

    async def publish(self, topic: str, message: str) -> None:
        if not self._gone.done():
            self._subscribers.tell(topic, message)

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[News]]:
        return self._listening.subscribed(topic)

    async def aclose(self) -> None:
        await self._listening.aclose()

    async def interrupt(self) -> None:
        self._gone.set_result(None)

    async def _listen(self) -> Awaitable[None]:
        if self._gone.done():
            if not self._back:
                raise Unavailable("the server stays away")
            self._gone = asyncio.get_running_loop().create_future()
        return asyncio.shield(self._gone)


class Secretive(Listening):
    """Comes back without a word."""

    async def _keep(self) -> None:
        self._subscribers.missed = lambda: None  # type: ignore[method-assign]
        await super()._keep()


async def test_an_interruption_that_is_told() -> None:
    """The played server keeps the promise."""
    remote = Remote(Listening)

    await RemotePubSubContract().test_an_interruption(remote)
    await remote.aclose()


@pytest.mark.parametrize(("kind", "back"), [(Secretive, True), (Listening, False)])
async def test_an_interruption_that_is_not(kind: type[Listening], back: bool) -> None:
    """Neither who comes back without a word nor who does not come back passes."""
    remote = Remote(kind, back=back)

    with pytest.raises(CAUGHT):
        await RemotePubSubContract().test_an_interruption(remote)
    await remote.aclose()


def test_no_test_without_a_lie() -> None:
    """A test that no lie can fail would prove nothing."""
    tests = {name for name in dir(RemotePubSubContract()) if name.startswith("test_")}

    assert {test for _, test in LIES} | {"test_what_cannot_be_told", "test_an_interruption"} == tests


def test_a_full_subscription_says_so() -> None:
    """What did not fit is one note, before everything that came after it."""
    subscription = Subscription()
    for number in range(1001):
        subscription.put(News(str(number)))

    assert [*subscription._waiting] == [News(missed=True), News("1000")]


async def test_a_server_that_is_away_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever subscribes gets in all the same, and is told when the server comes."""
    monkeypatch.setattr(listening, "_PATIENCE", 0.02)
    monkeypatch.setattr(listening, "_REST", 0.0)
    monkeypatch.setattr(pubsub, "PATIENCE", 10.0)
    remote = Remote(Listening, back=False)
    await remote.interrupt()

    async with remote.subscribe("rulebooks") as news:
        assert remote._listening.trouble == "the server stays away"
        remote._back = True

        assert (await pubsub.following(news)).missed
        assert remote._listening.trouble == ""
    await remote.aclose()
