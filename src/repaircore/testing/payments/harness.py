"""A gateway under test, its customer, and its far side."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from attrs import frozen

from repaircore.domain.money import Money
from repaircore.ports.clock import Clock
from repaircore.ports.payments import Outcome, PaymentGateway


@frozen(kw_only=True)
class FarPayment:
    """One payment as the provider's own books have it."""

    key: str
    amount: Money
    collected: Money
    refunded: Money


@frozen
class Delivery:
    """A webhook as it arrives: header names in lower case, and the raw body."""

    headers: Mapping[str, str]
    body: bytes


class Signer(StrEnum):
    """Who signs a webhook."""

    CURRENT = "current"  # the provider, with the secret in use
    PREVIOUS = "previous"  # the provider, with the secret that is being rotated out
    BOTH = "both"  # the provider, once with a secret we do not know yet and once with the one in use
    STRANGER = "stranger"  # somebody else


class PaymentHarness(Protocol):
    """What the contract needs. The far side's answers come from its own books, never through the gateway."""

    @property
    def gateway(self) -> PaymentGateway:
        """The gateway under test."""
        ...

    @property
    def clock(self) -> Clock:
        """The time that the far side signs with."""
        ...

    async def approve(self, outcome: Outcome) -> None:
        """Play the customer who pays."""
        ...

    async def decline(self, outcome: Outcome) -> None:
        """Play the customer whose bank says no."""
        ...

    async def payments(self) -> Sequence[FarPayment]:
        """Answer every payment that was opened at the far side, oldest first."""
        ...

    async def webhooks(self) -> Sequence[Delivery]:
        """Answer what the far side has sent so far."""
        ...

    async def lose_reply(self) -> None:
        """Let the next call take effect without an answer."""
        ...

    async def fail_after_acting(self) -> None:
        """Let the next call take effect and be answered with a failure of the far side."""
        ...

    async def garble(self) -> None:
        """Let the next call be answered with something that cannot be read."""
        ...

    async def be_busy(self, *, retry_after: int) -> None:
        """Turn every call away until `recover`, asking for that many seconds of patience."""
        ...

    async def break_down(self) -> None:
        """Put the far side out of reach."""
        ...

    async def recover(self) -> None:
        """Be well again, with everything still there."""
        ...

    def sign(self, body: bytes, *, by: Signer) -> Mapping[str, str]:
        """Make the headers of a webhook with this body, signed now."""
        ...

    def strange_news(self, outcome: Outcome) -> Delivery:
        """Make a webhook of the provider's that says of this payment a status nobody has heard of."""
        ...


async def only_payment(harness: PaymentHarness) -> FarPayment:
    """The one payment that was opened; more or fewer are a failure."""
    payments = await harness.payments()
    assert len(payments) == 1, f"one payment was ordered; the far side has {len(payments)}"
    return payments[0]
