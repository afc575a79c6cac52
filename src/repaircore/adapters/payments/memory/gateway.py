"""A PaymentGateway and its far side in one object."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

import msgspec
from attrs import define, field, frozen

from repaircore.adapters.payments.memory.books import Held
from repaircore.adapters.payments.reading import Unreadable, read
from repaircore.adapters.payments.signature import sign, verify
from repaircore.domain.identity import PaymentId
from repaircore.domain.money import Money
from repaircore.domain.payments.payment import Fact, FactKind, NextAction
from repaircore.ports.clock import Clock
from repaircore.ports.errors import InvalidResponse, OutcomeUnknown, PortError, Rejected, Unavailable, Unsupported
from repaircore.ports.payments import Capability, Notification, Order, Outcome

HEADER = "memory-signature"
_Answer = TypeVar("_Answer")


@frozen
class _Trouble:
    error: PortError
    acts: bool


@frozen
class _Use:
    request: object
    reference: str


@define(kw_only=True)
class MemoryGateway:
    """Nothing is decided until `approve` or `decline` plays the customer. `capabilities` may be cut down."""

    clock: Clock
    secrets: tuple[str, ...] = field(default=("memory",), repr=False)  # the first one signs, all of them verify
    capabilities: frozenset[Capability] = frozenset(Capability)
    name: str = "memory"
    payments: dict[str, Held] = field(factory=dict, init=False)  # by reference
    webhooks: list[tuple[dict[str, str], bytes]] = field(factory=list, init=False)  # sent so far
    _uses: dict[str, _Use] = field(factory=dict, init=False)  # by idempotency key
    _troubles: list[_Trouble] = field(factory=list, init=False)

    async def sale(self, order: Order) -> Outcome:
        """Open a payment that is captured when the customer approves."""
        self._needs(Capability.SALE)
        return self._answer(lambda: self._open(order, FactKind.CAPTURED))

    async def authorize(self, order: Order) -> Outcome:
        """Open a payment that is reserved when the customer approves."""
        self._needs(Capability.AUTHORIZE)
        return self._answer(lambda: self._open(order, FactKind.AUTHORIZED))

    async def capture(self, reference: str, amount: Money, *, key: str) -> Outcome:
        """Collect (a part of) what was reserved."""
        self._needs(Capability.AUTHORIZE)
        if amount.amount < self._find(reference).order.amount.amount:
            self._needs(Capability.PARTIAL_CAPTURE)
        return self._change(
            ("capture", reference, amount), reference, key, lambda held, at: held.capture(amount, at=at)
        )

    async def refund(self, reference: str, amount: Money, *, key: str) -> Outcome:
        """Give back (a part of) what was captured."""
        self._needs(Capability.REFUND)
        if amount.amount < self._find(reference).sum(FactKind.CAPTURED).amount:
            self._needs(Capability.PARTIAL_REFUND)
        return self._change(("refund", reference, amount), reference, key, lambda held, at: held.refund(amount, at=at))

    async def void(self, reference: str, *, key: str) -> Outcome:
        """Release what was reserved, or close what nobody has paid."""
        self._needs(Capability.VOID)
        return self._change(("void", reference), reference, key, lambda held, at: held.void(at=at))

    async def look_up(self, key: PaymentId) -> Outcome | None:
        """Ask what became of a key, be it of a payment or of an operation on one."""
        self._needs(Capability.LOOK_UP)
        try:
            return self._answer(lambda: self._find(self._uses[key].reference).outcome if key in self._uses else None)
        except OutcomeUnknown as silence:  # asking did nothing
            raise Unavailable(str(silence)) from silence

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notification:
        """Verify the raw bytes against any of the secrets, then read them."""
        self._needs(Capability.WEBHOOKS)
        verify(headers.get(HEADER, ""), body, secrets=self.secrets, now=now)
        try:
            return read(body, Notification)
        except Unreadable as error:
            raise InvalidResponse("the webhook is signed but cannot be read") from error

    async def aclose(self) -> None:
        """Nothing to let go of."""

    def approve(self, reference: str) -> None:
        """The customer pays. Doing it again changes nothing."""
        held = self.payments[reference]
        self._keep(held.approve(at=self.clock.now()))

    def decline(self, reference: str, reason: str = "card_declined") -> None:
        """The customer's bank says no, and the payment is closed."""
        held = self.payments[reference]
        self._keep(held.decline(reason, at=self.clock.now()))

    def fail_next(self, error: PortError, *, acts: bool = False, times: int = 1) -> None:
        """Answer the next calls with this error. With `acts` they take effect all the same: a lost reply."""
        self._troubles.extend([_Trouble(error, acts)] * times)

    def recover(self) -> None:
        """Forget the failures still to come."""
        self._troubles.clear()

    def _open(self, order: Order, approval: FactKind) -> Outcome:
        request = (approval, order)
        if self._is_repeat(order.key, request):
            return self._find(self._uses[order.key].reference).outcome
        if order.amount.amount <= 0:
            raise Rejected("a payment is for more than nothing")
        reference = f"mem_{len(self.payments) + 1}"
        self._uses[order.key] = _Use(request, reference)
        waiting = Fact(kind=FactKind.REQUIRES_ACTION, reference=reference, amount=order.amount, at=self.clock.now())
        action = NextAction(type="client_secret", client_secret=reference)
        outcome = Outcome(key=order.key, reference=reference, facts=(waiting,), next_action=action)
        self.payments[reference] = Held(order=order, approval=approval, outcome=outcome)
        return outcome

    def _change(self, request: object, reference: str, key: str, change: Callable[[Held, datetime], Held]) -> Outcome:
        def once() -> Outcome:
            held = self._find(reference)
            if not self._is_repeat(key, request):
                held = change(held, self.clock.now())
                self._uses[key] = _Use(request, reference)
                self._keep(held)
            return held.outcome

        return self._answer(once)

    def _answer(self, act: Callable[[], _Answer]) -> _Answer:
        trouble = self._troubles.pop(0) if self._troubles else None
        if trouble is None:
            return act()
        if trouble.acts:
            act()
        raise trouble.error

    def _keep(self, held: Held) -> None:
        reference = held.outcome.reference
        if self.payments[reference] != held:
            self.payments[reference] = held
            self._tell(held.outcome)

    def _tell(self, outcome: Outcome) -> None:
        kind = f"payment.{outcome.facts[-1].kind}"
        event = Notification(
            event_id=f"evt_{len(self.webhooks) + 1}", kind=kind, created_at=self.clock.now(), outcome=outcome
        )
        body = msgspec.json.encode(event)
        self.webhooks.append(({HEADER: sign(body, secrets=self.secrets[:1], at=self.clock.now())}, body))

    def _is_repeat(self, key: str, request: object) -> bool:
        use = self._uses.get(key)
        if use is not None and use.request != request:
            raise Rejected("this idempotency key was used for another request")
        return use is not None

    def _find(self, reference: str) -> Held:
        if reference not in self.payments:
            raise Rejected("there is no such payment")
        return self.payments[reference]

    def _needs(self, capability: Capability) -> None:
        if capability not in self.capabilities:
            raise Unsupported(f"{self.name} cannot do this: {capability}")
