"""The customer's page of one booking and the story it tells, as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from repaircore.application.booking.read import TimelineEntry
from repaircore.domain.booking import booking
from repaircore.domain.booking.contact import Fulfilment
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.money import Money
from repaircore.domain.operations import business
from repaircore.entrypoints.http.schemas import prices
from repaircore.entrypoints.http.schemas.bookings import Deposit, Who, deposit
from repaircore.entrypoints.http.schemas.words import Moment, View


class TimelineItem(View):
    """One thing that happened: `kind` is its stable name, `title` says it in words."""

    at: Moment
    kind: str
    title: str
    actor: Who
    data: Mapping[str, Any]


class Timeline(View):
    """A booking's story, oldest first."""

    items: list[TimelineItem]
    next_cursor: str | None = None


class Step(View):
    """One step of the story, for the customer."""

    at: Moment
    title: str


class Shop(View):
    """Whom to ask."""

    name: str
    phone: str
    email: str


class Tracked(View):
    """What the customer's page shows. It names nobody: links are passed on."""

    booking_id: str
    reference: str
    status: Status
    device: str
    fulfilment: Fulfilment
    slot_start: Moment | None
    lines: list[prices.Line]
    tax: list[prices.Tax]
    total: Money
    deposit: Deposit
    paid: Money
    due: Money
    allowed_actions: list[str]
    steps: list[Step]
    shop: Shop


def timeline_item(entry: TimelineEntry) -> TimelineItem:
    """Show one thing that happened."""
    actor = Who(role=entry.actor.role, id=entry.actor.id)
    return TimelineItem(at=entry.at, kind=entry.kind, title=entry.title, actor=actor, data=entry.data)


def tracked(
    held: booking.Booking,
    due: Money,
    actions: Sequence[str],
    story: Sequence[TimelineEntry],
    shop: business.Business,
) -> Tracked:
    """Show the customer's page."""
    return Tracked(
        booking_id=held.id,
        reference=held.reference,
        status=held.status,
        device=held.device.name,
        fulfilment=held.fulfilment,
        slot_start=held.slot_start,
        lines=prices.lines(held.priced),
        tax=prices.taxes(held.priced),
        total=held.total,
        deposit=deposit(held),
        paid=held.paid,
        due=due,
        allowed_actions=list(actions),
        steps=[Step(at=entry.at, title=entry.title) for entry in story],
        shop=Shop(name=shop.name, phone=shop.phone, email=shop.email),
    )
