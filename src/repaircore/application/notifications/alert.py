"""Telling the shop: of a price that leaves it little, of one that an admin approved, and of a customer who got none."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from repaircore.application.pricing.pricebook import PriceBook
from repaircore.domain.actors import SYSTEM
from repaircore.domain.catalog.catalogue import Catalogue
from repaircore.domain.identity import QuoteId
from repaircore.domain.money import Money
from repaircore.domain.notifications.events import MessageSent
from repaircore.domain.notifications.wording import amount
from repaircore.domain.operations.business import Business
from repaircore.domain.pricing.quote import Quote
from repaircore.ports.clock import Clock
from repaircore.ports.jobs import Job
from repaircore.ports.notifications import Mailer, Message, Templates
from repaircore.ports.unit_of_work import RecordedEvent, UnitOfWorkFactory

TEMPLATE = "margin_alert"


@frozen
class AlertShop:
    """Job: one message about a margin goes to the business's own address. A business without one reads its events instead."""

    unit_of_work: UnitOfWorkFactory
    mailer: Mailer
    templates: Templates
    business: Business
    prices: PriceBook
    clock: Clock

    async def __call__(self, job: Job) -> None:
        quote_id, key = QuoteId(str(job.payload["quote_id"])), str(job.payload["key"])
        if not self.business.email:
            return
        async with self.unit_of_work() as work:
            events = await work.events.of_aggregate(quote_id)
            if any(event.name == "message.sent" and event.data["key"] == key for event in events):
                return
            cause = next(event for event in events if event.name == job.payload["event"])
            if cause.name == "quote.refused":
                asked = _refused(cause, self.prices.catalogue)
            else:
                asked = _given(await work.quotes.get(quote_id), events)
            told = {**asked, **_of_both(cause, self.business)}
            parts = self.templates.render(TEMPLATE, told)
            await self.mailer.send(
                Message(key=key, to=self.business.email, subject=parts.subject, text=parts.text, html=parts.html)
            )
            work.record(MessageSent(aggregate_id=quote_id, at=self.clock.now(), by=SYSTEM, template=TEMPLATE, key=key))
            await work.commit(now=True)


def _of_both(cause: RecordedEvent, business: Business) -> Mapping[str, Any]:
    return {
        "quote_id": cause.aggregate_id,
        "margin": cause.data["margin"],
        "asked_by": cause.by.role.value,
        "business_name": business.name,
    }


def _given(quote: Quote, events: Sequence[RecordedEvent]) -> Mapping[str, Any]:
    approved = next((event for event in events if event.name == "quote.margin_approved"), None)
    return {
        "outcome": "approved" if approved else "given",
        "approval": approved.data["reason"] if approved else "",
        "device_name": quote.facts.device.name,
        "services": ", ".join(item.name for item in quote.facts.items),
        "total": amount(quote.priced.total),
    }


def _refused(cause: RecordedEvent, catalogue: Catalogue) -> Mapping[str, Any]:
    data, devices, services = cause.data, catalogue.devices, catalogue.services
    device, total = data["device"], data["total"]
    return {
        "outcome": "refused",
        "approval": "",
        "device_name": devices[device].name if device in devices else device,
        "services": ", ".join(services[id].name if id in services else id for id in data["services"]),
        "total": amount(Money(total["amount"], total["currency"])),
    }
