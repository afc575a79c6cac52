"""Telling within one process: for a business that has one, and for tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import frozen

from repaircore.adapters.pubsub.subscribers import Subscribers, check_message, check_topic
from repaircore.ports.clock import Clock
from repaircore.ports.pubsub import News


@frozen
class MemorySettings:
    """It needs no options."""


class MemoryPubSub:
    """Whoever subscribes here hears what is published here."""

    trouble = ""

    def __init__(self) -> None:
        self._subscribers = Subscribers()

    async def publish(self, topic: str, message: str) -> None:
        """Tell every subscriber of the topic. Raises Rejected."""
        check_message(topic, message)
        self._subscribers.tell(topic, message)

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[AsyncIterator[News]]:
        """Hear what is published. Raises Rejected."""
        check_topic(topic)
        subscription = self._subscribers.add(topic)
        try:
            yield subscription.read()
        finally:
            self._subscribers.remove(topic, subscription)

    async def aclose(self) -> None:
        """Subscriptions end."""
        self._subscribers.close()


def build(settings: MemorySettings, *, clock: Clock, environment: str) -> MemoryPubSub:
    """Tell within this process."""
    return MemoryPubSub()
