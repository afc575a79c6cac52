"""Telling the customer: a job per message, sent once as far as that can be known."""

from collections.abc import Callable, Sequence

from attrs import evolve, frozen

from repaircore.application.notifications.context import context
from repaircore.application.notifications.subscriptions import message_key
from repaircore.domain.actors import SYSTEM
from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.identity import BookingId
from repaircore.domain.ledger.ledger import statement
from repaircore.domain.notifications.events import MessageSent
from repaircore.domain.operations.business import Business
from repaircore.ports.clock import Clock
from repaircore.ports.jobs import Job
from repaircore.ports.notifications import Mailer, Message, Templates
from repaircore.ports.unit_of_work import RecordedEvent, UnitOfWorkFactory


@frozen
class SendMessage:
    """Job: one template, filled in with the booking, goes to the booking's customer."""

    unit_of_work: UnitOfWorkFactory
    mailer: Mailer
    templates: Templates
    business: Business
    tracking_url: Callable[[BookingId], str]
    clock: Clock

    async def __call__(self, job: Job) -> None:
        booking_id, key = BookingId(str(job.payload["booking_id"])), str(job.payload["key"])
        template = str(job.payload["template"])
        async with self.unit_of_work() as work:
            events = await work.events.of_aggregate(booking_id)
            if any(event.name == "message.sent" and event.data["key"] == key for event in events):
                return
            booking, reason = _as_told(await work.bookings.get(booking_id), events, key)
            account = statement(booking_id, await work.ledger.of_booking(booking_id), booking.total.currency)
            told = context(booking, self.business, account, self.tracking_url(booking_id), reason=reason)
            parts = self.templates.render(template, told)
            await self.mailer.send(
                Message(key=key, to=booking.customer.email, subject=parts.subject, text=parts.text, html=parts.html)
            )
            work.record(
                MessageSent(aggregate_id=booking_id, at=self.clock.now(), by=SYSTEM, template=template, key=key)
            )
            await work.commit(now=True)


def _as_told(booking: Booking, events: Sequence[RecordedEvent], key: str) -> tuple[Booking, str]:
    """The booking in the state that the message is about, which later moves may have left, and the reason given for it."""
    cause = next((event for event in events if message_key(event) == key), None)
    after = "" if cause is None else cause.data.get("after", "")
    reason = "" if cause is None else cause.data.get("reason", "")
    return (evolve(booking, status=Status(after)) if after in set(Status) else booking), reason
