"""Payments, as JSON."""

from typing import Annotated

import msgspec
from msgspec import Meta

from repaircore.domain.money import Money
from repaircore.domain.payments import payment
from repaircore.domain.payments.payment import FactKind, PaymentStatus, Purpose
from repaircore.entrypoints.http.conditions import etag
from repaircore.entrypoints.http.schemas.words import Body, Moment, View, Word


class NewPayment(Body):
    """What is to be paid; the amount is the server's to say. The customer comes back to `return_url`."""

    purpose: Purpose
    provider: Word = ""
    return_url: Annotated[str, Meta(max_length=2000, pattern=r"^(https?://[^\s]+)?$")] = ""


class NextAction(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What the customer does next: `redirect` to `url`, use `client_secret`, or `none`."""

    type: str
    url: str = ""
    client_secret: str = ""


class Payment(View):
    """A payment. Its status is what the provider reported, never what a client said."""

    id: str
    booking_id: str
    purpose: Purpose
    status: PaymentStatus
    amount: Money
    captured: Money
    provider: str
    next_action: NextAction
    decline_reason: str
    created_at: Moment
    version: int

    def tag(self) -> str:
        """Every new fact is a new version."""
        return etag(self.version)


class Payments(View):
    """A booking's payments, oldest first."""

    items: list[Payment]
    next_cursor: str | None = None


class Received(View):
    """A webhook is on record; `duplicate` when it already was."""

    received: bool
    duplicate: bool


def show(held: payment.Payment) -> Payment:
    """Show a payment; what is over asks nothing of the customer."""
    action = held.next_action if held.is_open else payment.NO_ACTION
    declines = [fact.detail for fact in held.facts if fact.kind is FactKind.DECLINED]
    return Payment(
        id=held.id,
        booking_id=held.booking_id,
        purpose=held.purpose,
        status=held.status,
        amount=held.amount,
        captured=held.captured,
        provider=held.provider,
        next_action=NextAction(type=action.type, url=action.url, client_secret=action.client_secret),
        decline_reason=declines[-1] if declines and held.status is PaymentStatus.FAILED else "",
        created_at=held.created_at,
        version=held.version,
    )
