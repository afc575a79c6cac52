"""Counting in this process: exact for one process, and each of several counts for itself.

Windows begin at multiples of their length, so that a whole window of counts is forgotten at once, without looking at any of them.
"""

from typing import Final

from attrs import define, field, frozen

from repaircore.adapters.limits.window import admits, verdict
from repaircore.ports.clock import Clock
from repaircore.ports.limits import Limit, Verdict

MOST: Final = 100_000
"""Whom a window counts at most; whoever comes after that many others is let through uncounted, and takes no memory."""


@frozen
class MemorySettings:
    """It needs no options."""


@define
class _Window:
    """The counts of one length of window, by who."""

    number: int = -1
    current: dict[str, int] = field(factory=dict)
    previous: dict[str, int] = field(factory=dict)

    def move_to(self, number: int) -> None:
        self.previous = self.current if number == self.number + 1 else {}
        self.current = {}
        self.number = number


class MemoryLimits:
    """Counts by the clock it is given."""

    trouble = ""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[int, _Window] = {}

    async def hit(self, limit: Limit, who: str) -> Verdict:
        """Count a request, if the limit admits it."""
        seconds = limit.seconds
        number, since = divmod(self._clock.now().timestamp(), seconds)
        window = self._windows.get(seconds)
        if window is None:
            window = self._windows[seconds] = _Window()
        if window.number != number:
            window.move_to(int(number))
        left, name = seconds - since, f"{limit.name} {who}"
        previous, current = window.previous.get(name, 0), window.current.get(name, 0)
        admitted = admits(limit, previous, current, left)
        if admitted and (current or len(window.current) < MOST):
            current += 1
            window.current[name] = current
        return verdict(limit, previous, current, left, admitted=admitted)

    async def check(self) -> None:
        """It always can."""

    async def aclose(self) -> None:
        """There is nothing to let go of."""


def build(settings: MemorySettings, *, clock: Clock, environment: str) -> MemoryLimits:
    """Count in this process."""
    return MemoryLimits(clock)
