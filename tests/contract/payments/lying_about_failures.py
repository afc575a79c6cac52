"""Gateways that lie about what went wrong."""

from collections.abc import Callable
from typing import TypeVar

from attrs import define, field

from repaircore.adapters.payments.memory.gateway import MemoryGateway
from repaircore.domain.identity import PaymentId
from repaircore.domain.money import Money
from repaircore.ports.errors import InvalidResponse, OutcomeUnknown, Unavailable
from repaircore.ports.payments import Order, Outcome

_Answer = TypeVar("_Answer")


class CallsSilenceFailure(MemoryGateway):
    """Says that nothing was done when it only heard nothing."""

    def _answer(self, act: Callable[[], _Answer]) -> _Answer:
        try:
            return super()._answer(act)
        except OutcomeUnknown as silence:
            raise Unavailable("nothing was done") from silence


class PaysInSilence(MemoryGateway):
    """Takes the customer for agreed when it only heard nothing."""

    async def sale(self, order: Order) -> Outcome:
        try:
            return await super().sale(order)
        except OutcomeUnknown:
            self.approve(next(iter(self.payments)))
            raise


class TakesNonsenseForSuccess(MemoryGateway):
    """Reads an answer in unknown words as a yes."""

    async def sale(self, order: Order) -> Outcome:
        try:
            return await super().sale(order)
        except InvalidResponse:
            return Outcome(key=order.key, reference="")


class Impatient(MemoryGateway):
    """Does not pass on how long to wait."""

    async def sale(self, order: Order) -> Outcome:
        try:
            return await super().sale(order)
        except Unavailable as refusal:
            raise Unavailable(str(refusal)) from refusal


@define(kw_only=True)
class SendsItLater(MemoryGateway):
    """Says that nothing was done, and does it later all the same."""

    kept: list[Order] = field(factory=list)

    async def sale(self, order: Order) -> Outcome:
        try:
            for late in self.kept:
                await super().sale(late)
                self._uses.clear()
            return await super().sale(order)
        except Unavailable:
            self.kept.append(order)
            raise


class FindsNothingWhenItCannotLook(MemoryGateway):
    """Takes silence for the answer that there is no such payment."""

    async def look_up(self, key: PaymentId) -> Outcome | None:
        try:
            return await super().look_up(key)
        except Unavailable:
            return None


class RefundsAgain(MemoryGateway):
    """Repeats a refund that nobody answered under another key."""

    async def refund(self, reference: str, amount: Money, *, key: str) -> Outcome:
        half = Money(amount.amount // 2, amount.currency)
        return await super().refund(reference, half, key=f"{key}/{len(self.webhooks)}")
