"""Payment providers, in the field's words and ours: no vendor's."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from attrs import field, frozen

from repaircore.domain.identity import PaymentId
from repaircore.domain.money import Money
from repaircore.domain.payments.payment import NO_ACTION, Fact, NextAction


class Capability(StrEnum):
    """What a provider can do. A policy that needs a missing one is refused at start-up."""

    SALE = "sale"
    AUTHORIZE = "authorize"
    PARTIAL_CAPTURE = "partial_capture"
    REFUND = "refund"
    PARTIAL_REFUND = "partial_refund"
    VOID = "void"
    LOOK_UP = "look_up"
    WEBHOOKS = "webhooks"


@frozen(kw_only=True)
class Order:
    """What to collect. `key` is ours: the provider sees it with every attempt and answers the same thing to the same key."""

    key: PaymentId
    amount: Money
    description: str
    return_url: str = ""
    metadata: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Outcome:
    """What the provider says of one of our keys. No facts means that nothing is decided yet."""

    key: PaymentId
    reference: str
    facts: tuple[Fact, ...] = ()
    next_action: NextAction = NO_ACTION


@frozen(kw_only=True)
class Notification:
    """A verified webhook. `event_id` is the provider's own; `outcome` is None for news that is not about a payment of ours."""

    event_id: str
    kind: str
    created_at: datetime
    outcome: Outcome | None


class InvalidSignature(Exception):
    """The webhook was not signed by the provider, was altered, or is too old or too new. The text says which."""


class PaymentGateway(Protocol):
    """One payment provider.

    Every call may raise Declined, Rejected, Unavailable, OutcomeUnknown, Unsupported or InvalidResponse (`ports/errors.py`). `key` is an
    idempotency key: the same key with the same request answers the same outcome and moves no more money.
    """

    @property
    def name(self) -> str:
        """The provider's name in configuration, in the ledger and in webhook paths."""
        ...

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this provider can do; everything else raises Unsupported."""
        ...

    async def sale(self, order: Order) -> Outcome:
        """Open a payment that is captured as soon as the customer approves it."""
        ...

    async def authorize(self, order: Order) -> Outcome:
        """Open a payment that is only reserved when the customer approves it."""
        ...

    async def capture(self, reference: str, amount: Money, *, key: str) -> Outcome:
        """Collect (a part of) what was reserved."""
        ...

    async def refund(self, reference: str, amount: Money, *, key: str) -> Outcome:
        """Give back (a part of) what was captured. Never more than is left."""
        ...

    async def void(self, reference: str, *, key: str) -> Outcome:
        """Release a reservation."""
        ...

    async def look_up(self, key: PaymentId) -> Outcome | None:
        """Ask what became of our key, a payment's or that of an operation on one; None when the provider never heard of it."""
        ...

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notification:
        """Verify the raw bytes, then read them. Header names are lower case. Raises InvalidSignature or InvalidResponse."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...
