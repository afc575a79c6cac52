"""Whether the core can do its work now, and if not, what is wrong."""

from collections.abc import Mapping
from typing import Protocol

from attrs import field, frozen

from repaircore.ports.clock import Clock
from repaircore.ports.errors import PortError
from repaircore.ports.jobs import JobQueue
from repaircore.ports.unit_of_work import Storage


class BreakerView(Protocol):
    """A provider's circuit breaker, as an operator sees it."""

    @property
    def state(self) -> str:
        """`closed`, `half-open` or `open`."""
        ...


class Helper(Protocol):
    """Something the core works better with and can do without."""

    @property
    def trouble(self) -> str:
        """What keeps it from helping, for the operator; empty when nothing does."""
        ...


@frozen
class Check:
    """One thing that was looked at. `detail` is for the operator; it holds no secrets. `degraded`: the core works without it."""

    name: str
    ok: bool
    detail: str = ""
    degraded: bool = False


@frozen
class Readiness:
    """All checks together."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether requests should be sent here."""
        return all(check.ok for check in self.checks)

    @property
    def degraded(self) -> bool:
        """Whether something is missing that the core can do without."""
        return any(check.degraded for check in self.checks)


@frozen
class CheckReadiness:
    """Looks at the database, its migrations, the worker's lag, each provider's circuit breaker, and what the core can do without."""

    storage: Storage
    queue: JobQueue
    breakers: Mapping[str, BreakerView]
    clock: Clock
    longest_lag: float = 300.0
    helpers: Mapping[str, Helper] = field(factory=dict)

    async def __call__(self) -> Readiness:
        return Readiness((await self._database(), await self._lag(), *self._providers(), *self._helpers()))

    async def _database(self) -> Check:
        try:
            await self.storage.health()
        except PortError as error:
            return Check("database", False, str(error))
        return Check("database", True)

    async def _lag(self) -> Check:
        try:
            lag = await self.queue.lag(now=self.clock.now())
        except PortError as error:
            return Check("worker", False, str(error))
        late = lag > self.longest_lag
        return Check("worker", not late, f"the oldest due job waits for {lag:.0f} s" if late else "")

    def _providers(self) -> tuple[Check, ...]:
        return tuple(
            Check(f"provider:{name}", view.state != "open", f"circuit breaker {view.state}")
            for name, view in self.breakers.items()
        )

    def _helpers(self) -> tuple[Check, ...]:
        return tuple(
            Check(name, True, helper.trouble, degraded=bool(helper.trouble)) for name, helper in self.helpers.items()
        )
