"""What everything that counts requests must do.

Subclass `RateLimitsContract` in your tests and give it a `harness` fixture, fresh for each test: the counter, with nothing counted yet,
and a way to let its time pass.
"""

import asyncio
from typing import Protocol

from repaircore.ports.limits import Limit, RateLimits

_LONG = 600  # seconds: a window that lasts longer than any test
_SHORT = 2


class RateLimitsHarness(Protocol):
    """A counter, and power over its time."""

    @property
    def limits(self) -> RateLimits:
        """The counter under test."""
        ...

    async def let_pass(self, seconds: float) -> None:
        """Let that much of the counter's time pass, and little more."""
        ...


class RateLimitsContract:
    """The promises of `ports.limits`."""

    async def test_up_to_the_limit(self, harness: RateLimitsHarness) -> None:
        """As many as the limit says are admitted, each told how many more would be; the next is not."""
        limit = Limit("read", 3, _LONG)

        verdicts = [await harness.limits.hit(limit, "ana") for _ in range(4)]

        assert [(each.admitted, each.remaining) for each in verdicts] == [(True, 2), (True, 1), (True, 0), (False, 0)]

    async def test_everybody_has_their_own(self, harness: RateLimitsHarness) -> None:
        """What one asked is not held against another."""
        limit = Limit("read", 1, _LONG)
        await harness.limits.hit(limit, "ana")

        assert (await harness.limits.hit(limit, "ben")).admitted
        assert not (await harness.limits.hit(limit, "ana")).admitted

    async def test_limits_are_apart(self, harness: RateLimitsHarness) -> None:
        """What was asked under one limit does not count under another."""
        await harness.limits.hit(Limit("read", 1, _LONG), "ana")

        assert (await harness.limits.hit(Limit("write", 1, _LONG), "ana")).admitted

    async def test_all_at_once(self, harness: RateLimitsHarness) -> None:
        """However many ask at the same moment, no more than the limit are admitted, and no fewer."""
        limit = Limit("read", 20, _LONG)

        verdicts = await asyncio.gather(*(harness.limits.hit(limit, "ana") for _ in range(60)))

        assert sum(each.admitted for each in verdicts) == 20

    async def test_room_again(self, harness: RateLimitsHarness) -> None:
        """Whoever is refused is told after how long to come back, is admitted then, and was not charged for asking."""
        limit = Limit("read", 2, _SHORT)
        verdicts = [await harness.limits.hit(limit, "ana") for _ in range(8)]
        refused = verdicts[2]
        assert not refused.admitted
        assert 1 <= refused.reset <= 2 * _SHORT

        await harness.let_pass(refused.reset)

        assert (await harness.limits.hit(limit, "ana")).admitted

    async def test_the_window_slides(self, harness: RateLimitsHarness) -> None:
        """Half a window later at most half of the limit is free again."""
        limit = Limit("read", 20, 2 * _SHORT)
        for _ in range(20):
            await harness.limits.hit(limit, "ana")

        await harness.let_pass(_SHORT)

        admitted = [(await harness.limits.hit(limit, "ana")).admitted for _ in range(20)]
        assert sum(admitted) <= 12

    async def test_nothing_is_wrong(self, harness: RateLimitsHarness) -> None:
        """A counter that works says so."""
        await harness.limits.check()

        assert harness.limits.trouble == ""
