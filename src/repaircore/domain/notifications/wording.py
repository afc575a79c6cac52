"""Amounts, moments and states in the words that a customer reads. English; the same on every machine, whatever its locale."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime, tzinfo

from repaircore.domain.booking.contact import Fulfilment
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.money import Money, digits

_SYMBOLS = {"GBP": "£", "USD": "$", "EUR": "€", "INR": "₹", "JPY": "¥"}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_BREAKS = {"Cc", "Zl", "Zp"}  # control characters, line and paragraph separators

STATUS_WORDS: Mapping[Status, str] = {
    Status.PENDING: "with us, and we will confirm it soon",
    Status.DEPOSIT_PAID: "with us, and your deposit is paid",
    Status.CONFIRMED: "confirmed",
    Status.PICKED_UP: "picked up from you",
    Status.IN_PROGRESS: "being worked on",
    Status.WAITING_PARTS: "waiting for parts",
    Status.WAITING_APPROVAL: "waiting for your go-ahead",
    Status.READY_FOR_PICKUP: "ready for you to pick up",
    Status.OUT_FOR_DELIVERY: "on its way back to you",
    Status.COMPLETED: "finished",
    Status.CANCELLED: "cancelled",
    Status.REJECTED: "declined, as we cannot take it on",
    Status.NO_SHOW: "closed, as we missed each other",
}

FULFILMENT_WORDS: Mapping[Fulfilment, str] = {
    Fulfilment.IN_STORE: "You bring it to us",
    Fulfilment.POSTAL: "You post it to us",
    Fulfilment.PICKUP: "We pick it up from you",
    Fulfilment.MOBILE: "We come to you",
}


def amount(money: Money) -> str:
    """Write an amount as people do: `£1,165.00`, `-$15.00`, `¥500`; a currency without a sign of its own as `KWD 1.250`."""
    places = digits(money.currency)
    whole, part = divmod(abs(money.amount), 10**places)
    sign = "-" if money.amount < 0 else ""
    symbol = _SYMBOLS.get(money.currency, f"{money.currency} ")
    return f"{sign}{symbol}{whole:,}" + (f".{part:0{places}d}" if places else "")


def moment(at: datetime, zone: tzinfo) -> str:
    """Write a moment as the wall clock of that zone shows it: `Friday 20 November 2026 at 14:30 (GMT)`."""
    local = at.astimezone(zone)
    day = f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"{day} at {local.hour:02d}:{local.minute:02d} ({local.tzname()})"


def one_line(text: str) -> str:
    """Make a text fit for one line: each control character and line separator becomes a space, all else stays as written."""
    return "".join(" " if unicodedata.category(character) in _BREAKS else character for character in text)
