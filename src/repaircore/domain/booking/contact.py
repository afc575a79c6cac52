"""Who the work is for and where it happens. Text is kept exactly as written; only what must be compared is normalised."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from repaircore.domain.errors import InvalidValue


class Fulfilment(StrEnum):
    """How the device reaches the bench."""

    IN_STORE = "in_store"
    POSTAL = "postal"
    PICKUP = "pickup"
    MOBILE = "mobile"

    @property
    def needs_address(self) -> bool:
        """Whether somebody has to travel or post something."""
        return self is not Fulfilment.IN_STORE


def _filled(pointer: str, longest: int) -> Callable[[Any, Any, str], None]:
    def check(_: Any, __: Any, value: str) -> None:
        if not value.strip():
            raise InvalidValue("must not be empty", pointer=pointer)
        if len(value) > longest:
            raise InvalidValue(f"must be at most {longest} characters, not {len(value)}", pointer=pointer)

    return check


@frozen(kw_only=True)
class Contact:
    """A customer as one booking knows them. `phone` is E.164; `email` is normalised, its local part untouched."""

    name: str = field(validator=_filled("/customer/name", 200))
    email: str
    phone: str


@frozen(kw_only=True)
class Address:
    """A postal address. `country` is ISO 3166-1 alpha-2."""

    line1: str = field(validator=_filled("/address/line1", 200))
    line2: str = ""
    city: str = field(validator=_filled("/address/city", 100))
    region: str = ""
    postcode: str = field(validator=_filled("/address/postcode", 20))
    country: str = ""
