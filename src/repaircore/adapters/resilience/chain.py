"""The chain that every provider call goes through: deadline → retry → circuit breaker → rate limit → telemetry."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from attrs import define, field, frozen

from repaircore.adapters.resilience.breaker import AsyncBreaker
from repaircore.adapters.resilience.patience import Patience
from repaircore.adapters.resilience.policy import Policy
from repaircore.adapters.resilience.verdict import Throttled
from repaircore.ports.clock import Clock
from repaircore.ports.errors import OutcomeUnknown, PortError, Unavailable

_Answer = TypeVar("_Answer")


@frozen(kw_only=True)
class CallReport:
    """One call that was made, for counters: `result` is `ok`, a port error's code, `cancelled` or `error`."""

    provider: str
    operation: str
    attempt: int
    result: str
    seconds: float


class Limiter(Protocol):
    """Makes a caller wait for its turn."""

    async def acquire(self) -> None:
        """Come back when it is this caller's turn."""
        ...


@frozen(kw_only=True)
class _Step:
    operation: str
    attempt: int
    deadline: float
    reads: bool


@define(eq=False, kw_only=True)
class Chain:
    """One provider's chain. Deadlines and the rate limit are real time, since the network is; pauses wait on the clock."""

    provider: str
    clock: Clock
    policy: Policy
    breaker: AsyncBreaker
    limiter: Limiter | None = None
    observe: Callable[[CallReport], None] | None = None
    draw: Callable[[], float] = field(default=random.random)

    async def run(
        self, operation: str, call: Callable[[], Awaitable[_Answer]], *, repeatable: bool, reads: bool = False
    ) -> _Answer:
        """Make the call. Only a `repeatable` one that met Unavailable is made again; OutcomeUnknown never is, not here.

        Past the deadline raises OutcomeUnknown when an answer was awaited (of one that only `reads`: Unavailable), else Unavailable.
        """
        from stamina import retry_context  # slow to import, so only with the first call

        deadline = asyncio.get_running_loop().time() + self.policy.deadline
        patience = Patience(self.policy, self.clock, self.draw, deadline)
        backoff = self.policy.first_wait

        def again(error: Exception) -> float | bool:
            return 0.0 if patience.allows(error, backoff) else False  # a number: stamina itself does not wait

        async for attempt in retry_context(
            on=again,
            attempts=self.policy.attempts if repeatable else 1,
            timeout=None,
            wait_initial=self.policy.first_wait,
            wait_max=self.policy.longest_wait,
        ):
            backoff = attempt.next_wait
            step = _Step(operation=operation, attempt=attempt.num, deadline=deadline, reads=reads)
            with attempt:
                await patience.rest()
                return await self._guarded(step, call)
        raise AssertionError("the last attempt answers or raises")

    async def _guarded(self, step: _Step, call: Callable[[], Awaitable[_Answer]]) -> _Answer:
        async def attempt() -> _Answer:
            await self._turn(step)
            return await self._observed(step, call)

        return await self.breaker.guard(attempt)

    async def _turn(self, step: _Step) -> None:
        if self.limiter is None:
            return
        try:
            async with asyncio.timeout_at(step.deadline):
                await self.limiter.acquire()
        except TimeoutError:
            raise Throttled(f"{self.provider} was not asked: our rate limit had no room before the deadline") from None

    async def _observed(self, step: _Step, call: Callable[[], Awaitable[_Answer]]) -> _Answer:
        if self.observe is None:
            return await self._timely(step, call)
        loop, result = asyncio.get_running_loop(), "error"
        started = loop.time()
        try:
            answer = await self._timely(step, call)
            result = "ok"
        except PortError as error:
            result = error.code
            raise
        except asyncio.CancelledError:
            result = "cancelled"
            raise
        finally:
            self.observe(
                CallReport(
                    provider=self.provider,
                    operation=step.operation,
                    attempt=step.attempt,
                    result=result,
                    seconds=loop.time() - started,
                )
            )
        return answer

    async def _timely(self, step: _Step, call: Callable[[], Awaitable[_Answer]]) -> _Answer:
        try:
            async with asyncio.timeout_at(step.deadline):
                return await call()
        except TimeoutError:
            silence = f"{self.provider} did not answer within {self.policy.deadline:g} s"
            raise (Unavailable(silence) if step.reads else OutcomeUnknown(silence)) from None


def build_chain(
    provider: str,
    *,
    clock: Clock,
    policy: Policy,
    observe: Callable[[CallReport], None] | None = None,
    on_change: Callable[[str, str], None] | None = None,
) -> Chain:
    """Put a provider's chain together. `observe` hears of every call made, `on_change` of every change of the breaker's state."""
    breaker = AsyncBreaker(
        provider, clock=clock, fail_max=policy.fail_max, reset_timeout=policy.reset_timeout, on_change=on_change
    )
    limiter = None if policy.calls_per_second is None else PerSecond(policy.calls_per_second)
    return Chain(provider=provider, clock=clock, policy=policy, breaker=breaker, limiter=limiter, observe=observe)


@define(eq=False)
class PerSecond:
    """So many calls a second, with a burst of one second's worth."""

    rate: float
    _bucket: Limiter | None = field(default=None, init=False)

    async def acquire(self) -> None:
        """Come back when it is this caller's turn."""
        if self._bucket is None:
            from aiolimiter import AsyncLimiter

            self._bucket = AsyncLimiter(max(1.0, self.rate), max(1.0, self.rate) / self.rate)
        await self._bucket.acquire()
