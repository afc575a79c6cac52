"""Telling other processes that something happened, so that they look at once instead of later."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from attrs import frozen

LONGEST: Final = 1000
"""Bytes of a message in UTF-8: an id, or a few. What happened is read where it is stored."""


@frozen
class News:
    """One message; or, with `missed`, that messages may have been lost since the last one: whoever keeps something in hand looks
    it up again."""

    message: str = ""
    missed: bool = False


class PubSub(Protocol):
    """One way of telling. At most once and best effort: a message may be lost at any time, is heard only by who subscribes at that
    moment, in this process too, and is no record of anything. Nothing may depend on it but how soon somebody looks.

    A topic is 1 to 40 lower-case letters, digits, `_` or `.`.
    """

    @property
    def trouble(self) -> str:
        """What keeps messages from coming, for the operator; empty when nothing does."""
        ...

    async def publish(self, topic: str, message: str) -> None:
        """Tell every subscriber of the topic. Coming back does not mean that anybody heard it.

        Raises Rejected for a message that is too long, has the character NUL or a topic that is none, Unavailable when nobody was told.
        """
        ...

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[News]]:
        """Hear what is published from entering until leaving, in the order of each publisher. Raises Rejected.

        Whoever reads too slowly misses messages, and is told so. When the way to other processes is lost, the iterator waits, and
        tells that something may have been missed once the way is back. Entering waits a few seconds for that way, and no longer.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections; subscriptions end."""
        ...
