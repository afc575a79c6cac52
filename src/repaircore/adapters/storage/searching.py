"""What people type to find a booking: a reference, an e-mail address or a phone number exactly, or else words."""

import re
from enum import StrEnum

from attrs import frozen

from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.reference import normalise_reference
from repaircore.domain.errors import InvalidValue


class Exact(StrEnum):
    """What is compared as a whole, by the column that holds it."""

    REFERENCE = "reference"
    EMAIL = "customer_email"
    PHONE = "customer_phone"


@frozen
class Wanted:
    """A text as it is looked for: as a whole, or as words that must all be there."""

    exact: Exact | None
    value: str = ""
    words: tuple[str, ...] = ()

    def matches(self, booking: Booking) -> bool:
        """Whether the booking is one of those looked for."""
        match self.exact:
            case Exact.REFERENCE:
                return booking.reference == self.value
            case Exact.EMAIL:
                return booking.customer.email == self.value
            case Exact.PHONE:
                return booking.customer.phone == self.value
            case None:
                return all(word in search_text(booking) for word in self.words)


_PHONE = re.compile(r"\+?[\d\s().-]{7,}")


def wanted(text: str) -> Wanted:
    """Read what was typed. A reference may be written in any of its ways, a phone number with spaces and dashes."""
    text = text.strip()
    local, at, host = text.rpartition("@")
    if at and local and " " not in text:
        return Wanted(Exact.EMAIL, f"{local}@{host.lower()}")
    if (reference := _reference(text)) is not None:
        return Wanted(Exact.REFERENCE, reference)
    if _PHONE.fullmatch(text):
        return Wanted(Exact.PHONE, "+" + re.sub(r"\D", "", text))
    return Wanted(None, words=tuple(text.casefold().split()))


def _reference(text: str) -> str | None:
    try:
        return normalise_reference(text)
    except InvalidValue:
        return None


def search_text(booking: Booking) -> str:
    """Answer the words that a booking is found by."""
    return f"{booking.customer.name} {booking.device.name}".casefold()
