"""Payments: started, read, verified; and the providers' webhooks."""

from repaircore.domain.identity import BookingId, PaymentId
from repaircore.entrypoints.http.callers import KNOWN, Caller, reaching
from repaircore.entrypoints.http.conditions import IfMatch
from repaircore.entrypoints.http.refusals import Refusal
from repaircore.entrypoints.http.routes import RawRequest, Routes
from repaircore.entrypoints.http.schemas import payments
from repaircore.ports.errors import InvalidResponse
from repaircore.wiring.core import Core

routes = Routes("Payments")

_REACHING = reaching("booking_id")


class UnreadableWebhook(Refusal):
    """The webhook is the provider's, and still says nothing that is understood."""

    code = "unreadable_webhook"
    title = "The webhook was not understood"


@routes.post("/v1/bookings/{booking_id}/payments", auth=_REACHING, status=201, location="/v1/payments/{id}")
async def start(core: Core, caller: Caller, booking_id: str, body: payments.NewPayment) -> payments.Payment:
    """Start paying what is due; `next_action` says what the customer does next.

    Asked again while a payment for the purpose is open, it is that same payment.
    """
    payment = await core.payments.start(
        BookingId(booking_id), body.purpose, by=caller.actor, provider=body.provider, return_url=body.return_url
    )
    return payments.show(payment)


@routes.get("/v1/bookings/{booking_id}/payments", auth=_REACHING)
async def of_booking(core: Core, booking_id: str) -> payments.Payments:
    """List a booking's payments."""
    booking = await core.booking.get(BookingId(booking_id))
    found = await core.payments.of_booking(booking.id)
    return payments.Payments(items=[payments.show(each) for each in found])


@routes.get("/v1/payments/{payment_id}", auth=KNOWN)
async def read(core: Core, caller: Caller, payment_id: str) -> payments.Payment:
    """Read a payment."""
    payment = await core.payments.get(PaymentId(payment_id))
    caller.must_reach(payment.booking_id)
    return payments.show(payment)


@routes.post("/v1/payments/{payment_id}/verify", auth=KNOWN)
async def verify(core: Core, caller: Caller, payment_id: str, if_match: IfMatch) -> payments.Payment:
    """Ask the provider what became of a payment; a client's word is never enough."""
    payment = await core.payments.get(PaymentId(payment_id))
    caller.must_reach(payment.booking_id)
    if_match.expected(payment.version)
    return payments.show(await core.payments.verify(payment.id))


@routes.post("/v1/webhooks/{provider}", is_limited=False)
async def webhook(core: Core, provider: str, raw: RawRequest) -> payments.Received:
    """Take in a provider's webhook.

    The signature over the raw bytes is verified before anything is parsed. 200 means that it is on record; a duplicate is
    answered 200 too and does nothing.
    """
    try:
        fresh = await core.payments.receive_webhook(provider, raw.headers, raw.body)
    except InvalidResponse as error:
        raise UnreadableWebhook("its signature is right, its content is not understood") from error
    return payments.Received(received=True, duplicate=not fresh)
