"""Going on when the shared count is lost: every process counts for itself until the server is back."""

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Final

from repaircore.ports.clock import Clock
from repaircore.ports.errors import Unavailable
from repaircore.ports.limits import Limit, RateLimits, Verdict

_LOOK_EVERY: Final = 1.0  # seconds between two looks whether the server is back
_TOLD: Final = "each process counts for itself"


class FallbackLimits:
    """Counts on the shared server; from the first failure on counts here, and no request waits for the server again before it
    answered somebody who has nothing else to do. `report` is told what is wrong, and the empty text when it is over."""

    def __init__(self, shared: RateLimits, own: RateLimits, *, clock: Clock, report: Callable[[str], None]) -> None:
        self._shared = shared
        self._own = own
        self._clock = clock
        self._report = report
        self._trouble = ""
        self._returns = 0
        self._looking: asyncio.Task[None] | None = None

    @property
    def trouble(self) -> str:
        """Why requests are counted per process, if they are."""
        return self._trouble

    async def hit(self, limit: Limit, who: str) -> Verdict:
        """Count a request, here or there."""
        if not self._trouble:
            returns = self._returns
            try:
                return await self._shared.hit(limit, who)
            except Unavailable as error:
                if returns == self._returns:  # else it tells of the server that was, not of the one that is back
                    self._lose(error)
        return await self._own.hit(limit, who)

    async def check(self) -> None:
        """Requests can always be counted, one way or the other."""

    async def aclose(self) -> None:
        """Look no more, and let go of connections."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})
        await self._shared.aclose()
        await self._own.aclose()

    def _lose(self, error: Unavailable) -> None:
        if self._trouble:
            return  # others were on their way when it was lost
        self._trouble = f"{_TOLD}: {error}"
        self._report(self._trouble)
        self._looking = asyncio.create_task(self._return(), context=Context())

    async def _return(self) -> None:
        while self._trouble:
            await self._clock.sleep(_LOOK_EVERY)
            try:
                await self._shared.check()
            except Unavailable:
                continue
            self._trouble = ""
            self._returns += 1
            self._report("")
