"""Whether the core can do its work now, and if not, what is wrong."""

from collections.abc import Mapping
from typing import Protocol

from attrs import frozen

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


@frozen
class Check:
    """One thing that was looked at. `detail` is for the operator; it holds no secrets."""

    name: str
    ok: bool
    detail: str = ""


@frozen
class Readiness:
    """All checks together."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether requests should be sent here."""
        return all(check.ok for check in self.checks)


@frozen
class CheckReadiness:
    """Looks at the database, its migrations, the worker's lag, and each provider's circuit breaker."""

    storage: Storage
    queue: JobQueue
    breakers: Mapping[str, BreakerView]
    clock: Clock
    longest_lag: float = 300.0

    async def __call__(self) -> Readiness:
        return Readiness((await self._database(), await self._lag(), *self._providers()))

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
