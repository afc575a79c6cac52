"""Telling the customer: a job per message, sent once as far as that can be known."""

from collections.abc import Callable

from attrs import frozen

from repaircore.application.notifications.context import context
from repaircore.domain.actors import SYSTEM
from repaircore.domain.identity import BookingId
from repaircore.domain.ledger.ledger import statement
from repaircore.domain.notifications.events import MessageSent
from repaircore.domain.operations.business import Business
from repaircore.ports.clock import Clock
from repaircore.ports.jobs import Job
from repaircore.ports.notifications import Mailer, Message, Templates
from repaircore.ports.unit_of_work import UnitOfWorkFactory


@frozen
class SendMessage:
    """Job: one template, filled in with the booking as it is now, goes to the booking's customer."""

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
            booking = await work.bookings.get(booking_id)
            if any(
                e.name == "message.sent" and e.data["key"] == key for e in await work.events.of_aggregate(booking_id)
            ):
                return
            account = statement(booking_id, await work.ledger.of_booking(booking_id), booking.total.currency)
            rendered = self.templates.render(
                template, context(booking, self.business, account, self.tracking_url(booking_id))
            )
            await self.mailer.send(
                Message(
                    key=key,
                    to=booking.customer.email,
                    subject=rendered.subject,
                    text=rendered.text,
                    html=rendered.html,
                )
            )
            work.record(
                MessageSent(aggregate_id=booking_id, at=self.clock.now(), by=SYSTEM, template=template, key=key)
            )
            await work.commit(now=True)
