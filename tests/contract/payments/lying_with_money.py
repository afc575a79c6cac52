"""Gateways that lie about money. Each tells one kind of lie, so that a promise of the contract must catch it."""

from attrs import define, evolve

from repaircore.adapters.payments.memory.gateway import MemoryGateway
from repaircore.domain.identity import PaymentId
from repaircore.domain.money import Money
from repaircore.domain.payments.payment import FactKind
from repaircore.ports.errors import Rejected
from repaircore.ports.payments import Capability, Order, Outcome


@define(kw_only=True)
class UnderAnotherName(MemoryGateway):
    """Calls itself something else."""

    name: str = "acme"


class Hasty(MemoryGateway):
    """Takes the money before the customer agrees."""

    async def sale(self, order: Order) -> Outcome:
        outcome = await super().sale(order)
        self.approve(outcome.reference)
        return outcome


class HundredYen(MemoryGateway):
    """Thinks that every currency has cents."""

    async def sale(self, order: Order) -> Outcome:
        amount = order.amount * 100 if order.amount.currency == "JPY" else order.amount
        return await super().sale(evolve(order, amount=amount))


class DeafToNo(MemoryGateway):
    """Collects although the bank said no."""

    def decline(self, reference: str, reason: str = "") -> None:
        self.approve(reference)


class Forgetful(MemoryGateway):
    """Forgets every idempotency key at once."""

    def _is_repeat(self, key: str, request: object) -> bool:
        return False


class OneForAll(MemoryGateway):
    """Takes every order for the first one."""

    async def sale(self, order: Order) -> Outcome:
        return await super().sale(evolve(order, key=PaymentId("the one")))


class Boastful(MemoryGateway):
    """Claims less than it does: what it says it cannot do happens all the same."""

    def _needs(self, capability: Capability) -> None:
        pass

    async def capture(self, reference: str, amount: Money, *, key: str) -> Outcome:
        return await super().capture(reference, amount, key=key) if reference in self.payments else _made_up(reference)

    async def refund(self, reference: str, amount: Money, *, key: str) -> Outcome:
        return await super().refund(reference, amount, key=key) if reference in self.payments else _made_up(reference)

    async def void(self, reference: str, *, key: str) -> Outcome:
        return _made_up(reference)


class SellsInstead(MemoryGateway):
    """Charges at once what should only be reserved."""

    async def authorize(self, order: Order) -> Outcome:
        return await super().sale(order)


class TakesItAll(MemoryGateway):
    """Captures and refunds the whole amount, whatever was asked for."""

    async def capture(self, reference: str, amount: Money, *, key: str) -> Outcome:
        return await super().capture(reference, self.payments[reference].order.amount, key=key)

    async def refund(self, reference: str, amount: Money, *, key: str) -> Outcome:
        return await super().refund(reference, self.payments[reference].order.amount, key=key)


class SaysDone(MemoryGateway):
    """Does nothing, and says that it is done."""

    async def capture(self, reference: str, amount: Money, *, key: str) -> Outcome:
        self._uses.pop(key, None)
        before = self.payments[reference]
        answer = await super().capture(reference, amount, key=key)
        self.payments[reference] = before
        return answer

    async def refund(self, reference: str, amount: Money, *, key: str) -> Outcome:
        before = self.payments[reference]
        answer = await super().refund(reference, amount, key=key)
        self.payments[reference] = before
        return answer

    async def void(self, reference: str, *, key: str) -> Outcome:
        before = self.payments[reference]
        answer = await super().void(reference, key=key)
        self.payments[reference] = before
        return answer


class NeverSaysNo(MemoryGateway):
    """Answers a refusal as if all were well."""

    async def capture(self, reference: str, amount: Money, *, key: str) -> Outcome:
        try:
            return await super().capture(reference, amount, key=key)
        except Rejected:
            return _made_up(reference)

    async def refund(self, reference: str, amount: Money, *, key: str) -> Outcome:
        try:
            return await super().refund(reference, amount, key=key)
        except Rejected:
            return _made_up(reference)

    async def void(self, reference: str, *, key: str) -> Outcome:
        try:
            return await super().void(reference, key=key)
        except Rejected:
            return _made_up(reference)

    async def sale(self, order: Order) -> Outcome:
        try:
            return await super().sale(order)
        except Rejected:
            return _made_up(order.key)


class Prophetic(MemoryGateway):
    """Says of every payment that is looked up that it was collected."""

    async def look_up(self, key: PaymentId) -> Outcome | None:
        found = await super().look_up(key)
        return (
            None
            if found is None
            else evolve(found, facts=tuple(evolve(each, kind=FactKind.CAPTURED) for each in found.facts))
        )


class Stale(MemoryGateway):
    """Remembers only how a payment began."""

    async def look_up(self, key: PaymentId) -> Outcome | None:
        found = await super().look_up(key)
        return None if found is None else evolve(found, facts=())


class Obliging(MemoryGateway):
    """Finds something for every key."""

    async def look_up(self, key: PaymentId) -> Outcome | None:
        return next((held.outcome for held in self.payments.values()), None) or _made_up(key)


class Ignorant(MemoryGateway):
    """Knows of nothing, and says so even when it could not look."""

    async def look_up(self, key: PaymentId) -> Outcome | None:
        return None


class ClosesOnce(MemoryGateway):
    """Falls over when it is closed again."""

    async def aclose(self) -> None:
        self.payments.pop("open" if self.webhooks else "")


class ReservesByItself(MemoryGateway):
    """Reserves without asking the customer."""

    async def authorize(self, order: Order) -> Outcome:
        outcome = await super().authorize(order)
        self.approve(outcome.reference)
        return outcome


def _made_up(reference: str) -> Outcome:
    return Outcome(key=PaymentId(""), reference=reference)
