"""One payment as the far side sees it, and what may be done with it. Pure."""

from datetime import datetime

from attrs import evolve, frozen

from repaircore.domain.money import Money
from repaircore.domain.payments.payment import NO_ACTION, Fact, FactKind
from repaircore.ports.errors import Rejected
from repaircore.ports.payments import Order, Outcome

_DECIDED = frozenset({FactKind.CAPTURED, FactKind.AUTHORIZED, FactKind.DECLINED, FactKind.VOIDED})


@frozen(kw_only=True)
class Held:
    """A payment. `approval` is what the customer's yes amounts to: captured, or only authorized."""

    order: Order
    approval: FactKind
    outcome: Outcome

    def sum(self, kind: FactKind) -> Money:
        """Add up what was captured, or refunded."""
        return Money.total((fact.amount for fact in self._of(kind)), self.order.amount.currency)

    def approve(self, *, at: datetime) -> "Held":
        """The customer pays; once it is decided, nothing changes."""
        return self if self._is_decided() else self._after(self.approval, self.order.amount, at)

    def decline(self, reason: str, *, at: datetime) -> "Held":
        """The bank says no; once it is decided, nothing changes."""
        return self if self._is_decided() else self._after(FactKind.DECLINED, self.order.amount, at, reason)

    def capture(self, amount: Money, *, at: datetime) -> "Held":
        """Collect from what was reserved; never more than that in all."""
        if not self._of(FactKind.AUTHORIZED) or self._of(FactKind.VOIDED):
            raise Rejected("nothing is reserved on this payment")
        self._check(amount, left=self.order.amount.amount - self.sum(FactKind.CAPTURED).amount)
        return self._after(FactKind.CAPTURED, amount, at)

    def refund(self, amount: Money, *, at: datetime) -> "Held":
        """Give back; never more than is left of what was captured."""
        self._check(amount, left=self.sum(FactKind.CAPTURED).amount - self.sum(FactKind.REFUNDED).amount)
        return self._after(FactKind.REFUNDED, amount, at)

    def void(self, *, at: datetime) -> "Held":
        """Release what was reserved, or close what nobody has paid."""
        if self._of(FactKind.CAPTURED) or self._of(FactKind.DECLINED) or self._of(FactKind.VOIDED):
            raise Rejected("there is nothing to release on this payment")
        return self._after(FactKind.VOIDED, self.order.amount, at)

    def _check(self, amount: Money, *, left: int) -> None:
        if amount.currency != self.order.amount.currency:
            raise Rejected(f"this payment is in {self.order.amount.currency}")
        if not 0 < amount.amount <= left:
            raise Rejected(f"{amount} is not possible: {Money(max(left, 0), amount.currency)} is left")

    def _after(self, kind: FactKind, amount: Money, at: datetime, detail: str = "") -> "Held":
        decided = tuple(fact for fact in self.outcome.facts if fact.kind is not FactKind.REQUIRES_ACTION)
        reference = f"{self.outcome.reference}/{len(self.outcome.facts)}-{kind}"
        fact = Fact(kind=kind, reference=reference, amount=amount, at=at, detail=detail)
        return evolve(self, outcome=evolve(self.outcome, facts=(*decided, fact), next_action=NO_ACTION))

    def _is_decided(self) -> bool:
        return any(fact.kind in _DECIDED for fact in self.outcome.facts)

    def _of(self, kind: FactKind) -> list[Fact]:
        return [fact for fact in self.outcome.facts if fact.kind is kind]
