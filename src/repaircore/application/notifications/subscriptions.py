"""Who wants to know what: each subscriber of an event becomes one job, enqueued in the event's own transaction."""

from collections.abc import Mapping, Sequence

from repaircore.domain.events import Event
from repaircore.domain.payments.events import PaymentCaptured
from repaircore.domain.payments.payment import Purpose
from repaircore.domain.pricing.events import QuoteMarginAlert, QuoteRefused
from repaircore.ports.jobs import NewJob
from repaircore.ports.unit_of_work import RecordedEvent

SEND_MESSAGE = "notifications.send"
ALERT_SHOP = "notifications.alert_shop"

_TEMPLATES: Mapping[str, str] = {
    "booking.requested": "booking_confirmation",
    "booking.confirmed": "status_update",
    "booking.rejected": "status_update",
    "booking.cancelled": "status_update",
    "booking.declined": "status_update",
    "booking.picked_up": "status_update",
    "booking.started": "status_update",
    "booking.waiting_for_parts": "status_update",
    "booking.approval_requested": "status_update",
    "booking.approved": "status_update",
    "booking.ready": "status_update",
    "booking.out_for_delivery": "status_update",
    "booking.no_show": "status_update",
    "booking.rescheduled": "status_update",
    "booking.completed": "completion",
}


def subscriptions(event: Event) -> Sequence[NewJob]:
    """Say which jobs an event causes."""
    if isinstance(event, QuoteMarginAlert | QuoteRefused):
        return (_alert(event),)
    template = _template(event)
    if template is None:
        return ()
    key = message_key(event)
    payload = {"booking_id": event.aggregate_id, "template": template, "key": key}
    return (NewJob(name=SEND_MESSAGE, payload=payload, ordering_key=event.aggregate_id, unique_key=key),)


def _alert(event: QuoteMarginAlert | QuoteRefused) -> NewJob:
    """The shop hears once of each quote, and once a day of what is refused again and again."""
    about = event.aggregate_id
    if isinstance(event, QuoteRefused):
        about = "/".join((event.device, *event.services, event.at.date().isoformat()))
    key = f"{event.name}/{about}"
    payload = {"quote_id": event.aggregate_id, "event": event.name, "key": key}
    return NewJob(name=ALERT_SHOP, payload=payload, ordering_key=event.aggregate_id, unique_key=key)


def message_key(event: Event | RecordedEvent) -> str:
    """Name the message that an event causes; the recorded event gives the same name."""
    return f"{event.name}/{event.aggregate_id}/{event.at.isoformat()}"


def _template(event: Event) -> str | None:
    if isinstance(event, PaymentCaptured):
        return "deposit_receipt" if event.purpose is Purpose.DEPOSIT else None
    return _TEMPLATES.get(event.name)
