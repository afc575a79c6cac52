"""Whether and when one call is made again."""

import asyncio
from collections.abc import Callable

from attrs import define, field

from repaircore.adapters.resilience.policy import Policy
from repaircore.adapters.resilience.verdict import CircuitOpen, Throttled
from repaircore.ports.clock import Clock
from repaircore.ports.errors import Unavailable


@define(eq=False)
class Patience:
    """Kept for one run of the chain. The pause is on the clock; the deadline is the event loop's time."""

    policy: Policy
    clock: Clock
    draw: Callable[[], float]  # jitter, from 0 to 1
    deadline: float
    _pause: float = field(default=0.0, init=False)
    _cause: Unavailable | None = field(default=None, init=False)

    def allows(self, error: Exception, backoff: float) -> bool:
        """Whether to go on after this error: only when the provider did nothing, and there is time to wait as long as it asks."""
        if not isinstance(error, Unavailable) or isinstance(error, CircuitOpen | Throttled):
            return False
        self._pause = max(backoff + self.draw() * self.policy.jitter, error.retry_after or 0.0)
        self._cause = error
        return self._pause < self.deadline - asyncio.get_running_loop().time()

    async def rest(self) -> None:
        """Wait as long as was found right; raises the error again should the deadline pass meanwhile."""
        if self._cause is None:
            return
        try:
            async with asyncio.timeout_at(self.deadline):
                await self.clock.sleep(self._pause)
        except TimeoutError:
            raise self._cause from None
