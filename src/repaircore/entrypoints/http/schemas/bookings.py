"""Bookings, as JSON."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta
from msgspec import field as member

from repaircore.domain.actors import Role
from repaircore.domain.booking import booking, contact
from repaircore.domain.booking.contact import Fulfilment
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.ledger.ledger import Statement
from repaircore.domain.money import Money
from repaircore.domain.remembering import Remembered
from repaircore.entrypoints.http.conditions import etag
from repaircore.entrypoints.http.schemas import prices
from repaircore.entrypoints.http.schemas.words import Body, Id, Moment, View

_SHORTEST, _LONGEST = booking.DESCRIPTION_LENGTH


class NewCustomer(Body):
    """Who the job is for. A phone number without +… is one of the business's country."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    email: Annotated[str, Meta(min_length=3, max_length=254)]
    phone: Annotated[str, Meta(min_length=3, max_length=40)]


class NewAddress(Body):
    """Where to go or to post to. `country` is ISO 3166-1 alpha-2."""

    line1: Annotated[str, Meta(min_length=1, max_length=200)]
    city: Annotated[str, Meta(min_length=1, max_length=100)]
    postcode: Annotated[str, Meta(min_length=1, max_length=20)]
    line2: Annotated[str, Meta(max_length=200)] = ""
    region: Annotated[str, Meta(max_length=100)] = ""
    country: Annotated[str, Meta(pattern="^([A-Z]{2})?$")] = ""

    def address(self) -> contact.Address:
        """Say it in the domain's words."""
        return contact.Address(
            line1=self.line1,
            line2=self.line2,
            city=self.city,
            region=self.region,
            postcode=self.postcode,
            country=self.country,
        )


class NewBooking(Body):
    """A quote that becomes a job."""

    quote_id: Id
    customer: NewCustomer
    fulfilment: Fulfilment
    issue_description: Annotated[str, Meta(min_length=_SHORTEST, max_length=_LONGEST)]
    slot_start: Moment | None = None
    address: NewAddress | None = None
    notes: Annotated[str, Meta(max_length=booking.NOTES_LENGTH)] = ""


class MoveDetails(Body):
    """Why. Some moves need it."""

    reason: Annotated[str, Meta(max_length=500)] = ""


class NewSlot(MoveDetails, kw_only=True):
    """When instead."""

    slot_start: Moment


class NewTechnician(MoveDetails, kw_only=True):
    """Who instead."""

    technician_id: Id


class DepositStatus(StrEnum):
    """Whether a deposit is asked for, and whether it has come."""

    NONE = "none"
    DUE = "due"
    PAID = "paid"


class Deposit(View):
    """The part of the total that comes first."""

    amount: Money
    status: DepositStatus
    refundable: bool


class Customer(View):
    """Whom to tell. `phone` is E.164."""

    name: str
    email: str
    phone: str


class Address(View):
    """Where to."""

    line1: str
    line2: str
    city: str
    region: str
    postcode: str
    country: str


class BookingItem(View):
    """A booking in a list."""

    id: str
    reference: str
    status: Status
    device: prices.PricedDevice
    customer: Customer
    fulfilment: Fulfilment
    slot_start: Moment | None
    technician_id: str
    total: Money
    paid: Money
    deposit: Deposit
    created_at: Moment
    updated_at: Moment
    version: int


class Booking(BookingItem):
    """A booking. `paid` + `due` is what is charged; `allowed_actions` are the moves that this caller may make now."""

    profile: str
    quote_id: str
    receipt_hash: str
    address: Address | None
    issue_description: str
    notes: str
    lines: list[prices.Line]
    subtotal: Money
    tax: list[prices.Tax]
    due: Money
    currency: str
    allowed_actions: list[str]

    def tag(self) -> str:
        """Every change of a booking is a new version."""
        return etag(self.version)


class BookingWithToken(Booking):
    """A new booking, with the token that opens it and nothing else."""

    tracking_token: str


class Bookings(View):
    """A page of bookings."""

    items: list[BookingItem]
    next_cursor: str | None


class Who(View):
    """Who did something."""

    role: Role
    id: str


class Move(View):
    """One row of a booking's history."""

    action: str
    from_: Status = member(name="from")
    to: Status
    actor: Who
    reason: str
    at: Moment
    version: int


class History(View):
    """Every move, oldest first."""

    items: list[Move]
    next_cursor: str | None = None


def _show_item(held: booking.Booking) -> BookingItem:
    return BookingItem(**_item_members(held))


show_item = Remembered[booking.Booking, BookingItem](_show_item)
"""Show a booking in a list: pages are read over and over, and a booking that did not change is shown as it was."""


def show(held: booking.Booking, actions: Sequence[str], account: Statement | None = None) -> Booking:
    """Show a booking. `account` is what the ledger says, where the booking alone no longer knows."""
    return Booking(**_item_members(held), **_members(held, actions, account))


def show_new(held: booking.Booking, actions: Sequence[str], token: str) -> BookingWithToken:
    """Show a booking that was just made, once with its token."""
    return BookingWithToken(**_item_members(held), **_members(held, actions, None), tracking_token=token)


def deposit(held: booking.Booking) -> Deposit:
    """Say how it stands with the deposit; of a job that will not be done, none is due."""
    amount = held.priced.deposit
    if not amount:
        status = DepositStatus.NONE
    elif held.deposit_settled:
        status = DepositStatus.PAID
    else:
        status = DepositStatus.NONE if held.ended_undone else DepositStatus.DUE
    return Deposit(amount=amount, status=status, refundable=held.priced.deposit_refundable)


def move(entry: booking.HistoryEntry) -> Move:
    """Show one move."""
    return Move(
        action=entry.action,
        from_=entry.before,
        to=entry.after,
        actor=Who(role=entry.actor.role, id=entry.actor.id),
        reason=entry.reason,
        at=entry.at,
        version=entry.version,
    )


def _item_members(held: booking.Booking) -> dict[str, Any]:
    customer = held.customer
    return {
        "id": held.id,
        "reference": held.reference,
        "status": held.status,
        "device": prices.device(held.device),
        "customer": Customer(name=customer.name, email=customer.email, phone=customer.phone),
        "fulfilment": held.fulfilment,
        "slot_start": held.slot_start,
        "technician_id": held.technician_id,
        "total": held.total,
        "paid": held.paid,
        "deposit": deposit(held),
        "created_at": held.created_at,
        "updated_at": held.updated_at,
        "version": held.version,
    }


def _members(held: booking.Booking, actions: Sequence[str], account: Statement | None) -> dict[str, Any]:
    return {
        "profile": held.profile,
        "quote_id": held.quote_id,
        "receipt_hash": held.receipt_hash,
        "address": _address(held.address) if held.address else None,
        "issue_description": held.issue_description,
        "notes": held.notes,
        "lines": prices.lines(held.priced),
        "subtotal": held.priced.subtotal,
        "tax": prices.taxes(held.priced),
        "due": account.due if account else held.total - held.paid,
        "currency": held.total.currency,
        "allowed_actions": list(actions),
    }


def _address(held: contact.Address) -> Address:
    return Address(
        line1=held.line1,
        line2=held.line2,
        city=held.city,
        region=held.region,
        postcode=held.postcode,
        country=held.country,
    )
