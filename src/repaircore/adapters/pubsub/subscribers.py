"""Who in this process wants to hear of what."""

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from repaircore.ports.errors import Rejected
from repaircore.ports.pubsub import LONGEST, News

KEPT: Final = 1000
"""Messages that wait for one subscriber at most."""

_TOPIC: Final = re.compile(r"[a-z0-9_.]{1,40}")
_MISSED: Final = News(missed=True)


def check_topic(topic: str) -> None:
    """Raise Rejected for what is no topic."""
    if not _TOPIC.fullmatch(topic):
        raise Rejected("a topic is 1 to 40 lower-case letters, digits, _ or .")


def check_message(topic: str, message: str) -> None:
    """Raise Rejected for what cannot be published."""
    check_topic(topic)
    if "\0" in message or len(message.encode(errors="replace")) > LONGEST:
        raise Rejected(f"a message has at most {LONGEST} bytes and no NUL: publish ids, not what they stand for")


class Subscription:
    """What one subscriber has not read yet. It ends when it is closed and everything was read."""

    def __init__(self) -> None:
        self._waiting: deque[News] = deque()
        self._something = asyncio.Event()
        self._closed = False

    def put(self, news: News) -> None:
        """Add a message; where too many wait, all of them become one that says so."""
        if news.missed or len(self._waiting) >= KEPT:
            self._waiting.clear()
            self._waiting.append(_MISSED)
        if not news.missed:
            self._waiting.append(news)
        self._something.set()

    def close(self) -> None:
        """Nothing more comes."""
        self._closed = True
        self._something.set()

    async def read(self) -> AsyncIterator[News]:
        """Answer messages as they come."""
        while True:
            while self._waiting:
                yield self._waiting.popleft()
            if self._closed:
                return
            self._something.clear()
            await self._something.wait()


class Subscribers:
    """Everybody who subscribes in this process."""

    def __init__(self) -> None:
        self._by_topic: dict[str, set[Subscription]] = {}

    def add(self, topic: str) -> Subscription:
        """Keep messages for a new subscriber."""
        subscription = Subscription()
        self._by_topic.setdefault(topic, set()).add(subscription)
        return subscription

    def remove(self, topic: str, subscription: Subscription) -> None:
        """Keep no more for them."""
        subscription.close()
        self._by_topic.get(topic, set()).discard(subscription)

    def tell(self, topic: str, message: str) -> None:
        """Give the message to everybody who wants to hear of the topic."""
        for subscription in self._by_topic.get(topic, ()):
            subscription.put(News(message))

    def missed(self) -> None:
        """Tell everybody that something may have been missed."""
        for subscriptions in self._by_topic.values():
            for subscription in subscriptions:
                subscription.put(_MISSED)

    def close(self) -> None:
        """Nobody hears anything more."""
        for subscriptions in self._by_topic.values():
            for subscription in subscriptions:
                subscription.close()
