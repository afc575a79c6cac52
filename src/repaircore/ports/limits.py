"""Counting requests, so that nobody takes more than a fair share."""

from typing import Protocol

from attrs import frozen


@frozen
class Limit:
    """At most `amount` requests in any `seconds`, as a sliding window counts them. Both are at least 1. `name` is what clients are
    told, and keeps what is counted under one limit apart from what is counted under another."""

    name: str
    amount: int
    seconds: int


@frozen
class Verdict:
    """Whether one request is within the limit, and how many more were at that moment. `reset` is in whole seconds: with nothing
    remaining, after it one more is admitted if none came meanwhile; else the end of the window."""

    admitted: bool
    remaining: int
    reset: int


class RateLimits(Protocol):
    """One way of counting. What is refused is not counted.

    A sliding window counter: the requests of the current window, and those of the window before it in proportion to how much of that
    one is still within reach. A count that is lost, because its process or server ended, begins at nothing.
    """

    @property
    def trouble(self) -> str:
        """What keeps it from counting as it should, for the operator; empty when nothing does."""
        ...

    async def hit(self, limit: Limit, who: str) -> Verdict:
        """Count a request of somebody, if the limit admits it. Raises Unavailable when it cannot be counted."""
        ...

    async def check(self) -> None:
        """Answer when requests can be counted. Raises Unavailable."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...
