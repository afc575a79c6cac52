"""A circuit breaker for tasks of one event loop, on pybreaker's state machine.

pybreaker counts and changes state; this class decides who is let through and whose outcome still counts, since pybreaker by
itself lets every waiting task try in half-open state and takes cancellations and late answers for news.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from attrs import define, field, setters

from repaircore.adapters.resilience.verdict import CircuitOpen, Verdict, judge
from repaircore.ports.clock import Clock

if TYPE_CHECKING:
    from pybreaker import CircuitBreaker

_Answer = TypeVar("_Answer")


class BreakerState(StrEnum):
    """Whether calls go through: all of them, none, or one at a time to try."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class _Failed(Exception):
    """Stands for any failure, so that the real error's traceback stays its own."""


@define(eq=False)
class AsyncBreaker:
    """Opens after `fail_max` failures in a row; after `reset_timeout` seconds one call at a time tries whether it may close."""

    name: str = field(on_setattr=setters.frozen)
    clock: Clock = field(kw_only=True)
    fail_max: int = field(default=5, kw_only=True)
    reset_timeout: float = field(default=30.0, kw_only=True)
    on_change: Callable[[str, BreakerState], None] | None = field(default=None, kw_only=True)
    _machine: "CircuitBreaker | None" = field(default=None, init=False)
    _epoch: int = field(default=0, init=False)  # counts changes of state; an outcome of an older one is stale
    _probing: bool = field(default=False, init=False)
    _opened_at: datetime | None = field(default=None, init=False)

    @property
    def state(self) -> BreakerState:
        """Where it is. An open one stays open until somebody asks after its time."""
        return BreakerState.CLOSED if self._machine is None else BreakerState(self._machine.current_state)

    async def guard(self, call: Callable[[], Awaitable[_Answer]]) -> _Answer:
        """Make the call and learn from how it ends. Raises CircuitOpen, without making it, while the circuit is open."""
        epoch = self._admit()
        try:
            answer = await call()
        except Exception as error:
            self._settle(epoch, judge(error))
            raise
        except BaseException:  # cancelled: it tells nothing
            self._settle(epoch, Verdict.NEUTRAL)
            raise
        self._settle(epoch, Verdict.HEALTHY)
        return answer

    def _admit(self) -> int:
        state = self.state
        if state is BreakerState.OPEN:
            self._wait_out()
        if state is not BreakerState.CLOSED:
            if self._probing:
                raise CircuitOpen(f"{self.name} is being tried by another call", retry_after=None)
            self._probing = True
        return self._epoch

    def _wait_out(self) -> None:
        if self._opened_at is not None:
            left = self._opened_at + timedelta(seconds=self.reset_timeout) - self.clock.now()
            if left > timedelta(0):
                raise CircuitOpen(f"{self.name} failed too often and is left alone", retry_after=left.total_seconds())
        self._change(self._circuit().half_open)

    def _settle(self, epoch: int, verdict: Verdict) -> None:
        if epoch != self._epoch:
            return
        self._probing = False
        match verdict:
            case Verdict.HEALTHY:
                self._change(lambda: self._circuit().call(_succeed))
            case Verdict.FAILED:
                self._change(self._fail)
            case Verdict.NEUTRAL:
                pass

    def _fail(self) -> None:
        try:
            self._circuit().call(_raise)
        except _Failed:
            return

    def _change(self, act: Callable[[], object]) -> None:
        before = self.state
        act()
        after = self.state
        if after is before:
            return
        self._epoch += 1
        self._probing = False
        self._opened_at = self.clock.now() if after is BreakerState.OPEN else None
        if self.on_change is not None:
            self.on_change(self.name, after)

    def _circuit(self) -> "CircuitBreaker":
        if self._machine is None:
            from pybreaker import CircuitBreaker  # slow to import, so only with the first call

            self._machine = CircuitBreaker(fail_max=self.fail_max, throw_new_error_on_trip=False)
        return self._machine


def _succeed() -> None:
    pass


def _raise() -> None:
    raise _Failed
