"""Any PaymentGateway, with the chain around every call and lost answers looked up."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from attrs import frozen

from repaircore.adapters.resilience.breaker import BreakerState
from repaircore.adapters.resilience.chain import CallReport, Chain, build_chain
from repaircore.adapters.resilience.policy import Policy
from repaircore.domain.identity import PaymentId
from repaircore.domain.money import Money
from repaircore.ports.clock import Clock
from repaircore.ports.errors import OutcomeUnknown, PortError
from repaircore.ports.payments import Capability, Notification, Order, Outcome, PaymentGateway

DEFAULT = Policy()


def resilient(
    gateway: PaymentGateway,
    *,
    clock: Clock,
    policy: Policy = DEFAULT,
    observe: Callable[[CallReport], None] | None = None,
    on_change: Callable[[str, str], None] | None = None,
) -> "ResilientGateway":
    """Wrap a gateway in a chain of its own."""
    chain = build_chain(gateway.name, clock=clock, policy=policy, observe=observe, on_change=on_change)
    return ResilientGateway(gateway, chain)


@frozen(eq=False)
class ResilientGateway:
    """Every call carries an idempotency key, so one that did nothing may be made again. One nobody answered is looked up."""

    gateway: PaymentGateway
    chain: Chain

    @property
    def name(self) -> str:
        """The wrapped provider's name."""
        return self.gateway.name

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the wrapped provider can do."""
        return self.gateway.capabilities

    @property
    def breaker_state(self) -> BreakerState:
        """Whether calls go through."""
        return self.chain.breaker.state

    async def sale(self, order: Order) -> Outcome:
        """Open a payment that is captured when the customer approves."""
        return await self._write("sale", lambda: self.gateway.sale(order), key=order.key)

    async def authorize(self, order: Order) -> Outcome:
        """Open a payment that is reserved when the customer approves."""
        return await self._write("authorize", lambda: self.gateway.authorize(order), key=order.key)

    async def capture(self, reference: str, amount: Money, *, key: str) -> Outcome:
        """Collect (a part of) what was reserved."""
        return await self._write("capture", lambda: self.gateway.capture(reference, amount, key=key), key=key)

    async def refund(self, reference: str, amount: Money, *, key: str) -> Outcome:
        """Give back (a part of) what was captured."""
        return await self._write("refund", lambda: self.gateway.refund(reference, amount, key=key), key=key)

    async def void(self, reference: str, *, key: str) -> Outcome:
        """Release a reservation."""
        return await self._write("void", lambda: self.gateway.void(reference, key=key), key=key)

    async def look_up(self, key: PaymentId) -> Outcome | None:
        """Ask what became of a key."""
        return await self.chain.run("look_up", lambda: self.gateway.look_up(key), repeatable=True, reads=True)

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notification:
        """Verify and read; nothing is called."""
        return self.gateway.read_webhook(headers, body, now=now)

    async def aclose(self) -> None:
        """Let go of connections."""
        await self.gateway.aclose()

    async def _write(self, operation: str, call: Callable[[], Awaitable[Outcome]], *, key: str) -> Outcome:
        """A key the provider does not know of (yet) stays unknown: the request may still be under way."""
        try:
            return await self.chain.run(operation, call, repeatable=True)
        except OutcomeUnknown:
            found = await self._resolve(key)
            if found is None:
                raise
            return found

    async def _resolve(self, key: str) -> Outcome | None:
        if Capability.LOOK_UP not in self.capabilities:
            return None
        try:
            return await self.look_up(PaymentId(key))
        except PortError:
            return None
