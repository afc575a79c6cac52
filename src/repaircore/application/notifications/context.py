"""What a message may say: everything about one booking, in the words that its customer reads."""

from collections.abc import Mapping
from typing import Any

from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.errors import InvalidValue
from repaircore.domain.ledger.ledger import Statement
from repaircore.domain.money import Money
from repaircore.domain.notifications.wording import FULFILMENT_WORDS, STATUS_WORDS, amount, moment
from repaircore.domain.operations.business import Business
from repaircore.domain.pricing.quote import Line, TaxTotal

OFF = frozenset({Status.CANCELLED, Status.REJECTED, Status.NO_SHOW})  # the job will not be done


def context(
    booking: Booking, business: Business, statement: Statement, tracking_url: str, *, reason: str = ""
) -> Mapping[str, Any]:
    """Build what the templates of `ports.notifications.Templates` are given; `docs/ports/notifications.md` describes each name.

    Every value is text, a truth value or a list of such mappings: a template formats nothing. `reason` is what the shop wrote with the
    last lifecycle move. Raises InvalidValue when the tracking URL is not a web address.
    """
    if not tracking_url.startswith(("https://", "http://")):
        raise InvalidValue("a tracking URL begins with https:// (or http:// in development)")
    return {
        **_job(booking, business),
        **_sums(booking, statement),
        "reason": reason,
        "tracking_url": tracking_url,
        "business_name": business.name,
        "business_phone": business.phone,
        "business_email": business.email,
        "business_address": business.address,
    }


def _job(booking: Booking, business: Business) -> Mapping[str, Any]:
    return {
        "reference": booking.reference,
        "customer_name": booking.customer.name,
        "device_name": booking.device.name,
        "issue_description": booking.issue_description,
        "status": STATUS_WORDS[booking.status],
        "status_code": booking.status.value,
        "is_off": booking.status in OFF,
        "fulfilment": FULFILMENT_WORDS[booking.fulfilment],
        "slot": moment(booking.slot_start, business.zone) if booking.slot_start else "",
    }


def _sums(booking: Booking, statement: Statement) -> Mapping[str, Any]:
    priced, nothing = booking.priced, Money.zero(statement.due.currency)
    return {
        "lines": [_line(line) for line in priced.lines],
        "subtotal": amount(priced.subtotal),
        "taxes": [_tax(tax) for tax in priced.taxes],
        "total": amount(priced.total),
        "deposit": amount(priced.deposit) if priced.deposit else "",
        "deposit_refundable": priced.deposit_refundable,
        "paid": amount(statement.paid) if statement.paid else "",
        "due": amount(statement.due) if statement.due > nothing else "",
        "owed_to_customer": amount(-statement.due) if statement.due < nothing else "",
    }


def _line(line: Line) -> Mapping[str, Any]:
    return {"description": line.description, "quantity": str(line.quantity), "amount": amount(line.amount)}


def _tax(tax: TaxTotal) -> Mapping[str, Any]:
    rate = f"{float(tax.rate):.4f}".rstrip("0").rstrip(".")
    return {"name": tax.name, "rate": f"{rate}%", "included": tax.inclusive, "amount": amount(tax.amount)}
