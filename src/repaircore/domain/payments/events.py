"""What happens to payments. They join the stream of their booking, whose timeline shows them."""

from datetime import datetime
from typing import Any, Self

from attrs import frozen

from repaircore.domain.actors import Actor
from repaircore.domain.events import Event
from repaircore.domain.identity import PaymentId
from repaircore.domain.money import Money
from repaircore.domain.payments.payment import Payment, Purpose


@frozen(kw_only=True)
class PaymentEvent(Event):
    """Something happened to one payment of the booking."""

    payment_id: PaymentId
    purpose: Purpose
    amount: Money
    provider: str

    @classmethod
    def of(cls, payment: Payment, *, at: datetime, by: Actor, **details: Any) -> Self:
        """Tell of that payment, in its booking's stream."""
        return cls(
            aggregate_id=payment.booking_id,
            at=at,
            by=by,
            payment_id=payment.id,
            purpose=payment.purpose,
            amount=payment.amount,
            provider=payment.provider,
            **details,
        )


@frozen(kw_only=True)
class PaymentStarted(PaymentEvent):
    """The intent is on record; the provider is asked next."""

    @property
    def name(self) -> str:
        """`payment.started`."""
        return "payment.started"


@frozen(kw_only=True)
class PaymentCaptured(PaymentEvent):
    """The provider confirmed that the money was collected."""

    @property
    def name(self) -> str:
        """`payment.captured`."""
        return "payment.captured"


@frozen(kw_only=True)
class PaymentDeclined(PaymentEvent):
    """The provider said no."""

    detail: str = ""

    @property
    def name(self) -> str:
        """`payment.declined`."""
        return "payment.declined"


@frozen(kw_only=True)
class PaymentDisputedAmount(PaymentEvent):
    """The provider reports another amount than was asked for: nothing was booked, a person must look."""

    reported: Money

    @property
    def name(self) -> str:
        """`payment.amount_mismatch`."""
        return "payment.amount_mismatch"
