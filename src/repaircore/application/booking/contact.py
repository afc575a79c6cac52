"""Reading contact details as people write them. The libraries that know how are loaded with the first one."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from attrs import frozen

from repaircore.domain.booking.contact import Contact
from repaircore.domain.errors import InvalidValue

if TYPE_CHECKING:
    from email_validator import ValidatedEmail

# What stands before the @ of most addresses: it is normal as it is, so only what follows has to be looked at.
_PLAIN: Final = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*", re.ASCII)
_LONGEST_PLAIN: Final = 64


@frozen
class ReadContact:
    """Normalises an e-mail address and a phone number. `country` says where a number without +… is dialled."""

    country: str

    def __call__(self, name: str, email: str, phone: str) -> Contact:
        """Answer the contact with E.164 phone. Raises InvalidValue with a pointer into the request."""
        return Contact(name=name, email=_email(email), phone=self._phone(phone))

    def _phone(self, text: str) -> str:
        import phonenumbers

        try:
            number = phonenumbers.parse(text, self.country)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise InvalidValue(
                f"{text!r} is not a phone number; write it in full, with +… for another country",
                pointer="/customer/phone",
            )
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(text: str) -> str:
    import email_validator

    local, _, domain = text.rpartition("@")
    try:
        if len(text) <= _LONGEST_PLAIN and _PLAIN.fullmatch(local):
            return f"{local}@{_domain(domain)}"
        return _validated(text).normalized
    except email_validator.EmailNotValidError as error:
        raise InvalidValue(f"{text!r} is not an e-mail address: {error}", pointer="/customer/email") from error


def _validated(text: str) -> "ValidatedEmail":
    import email_validator

    return email_validator.validate_email(text, check_deliverability=False, test_environment=True)


@lru_cache(maxsize=4096)
def _domain(text: str) -> str:
    """Normalise what follows the @: customers share few of them, and a look at one takes long."""
    return _validated(f"somebody@{text}").domain
