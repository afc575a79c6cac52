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
_INTERNATIONAL: Final = re.compile(r"\+[1-9][0-9]{7,14}", re.ASCII)


@frozen
class ReadContact:
    """Normalises an e-mail address and a phone number. `country` says where a number without +… is dialled."""

    country: str

    def __call__(self, name: str, email: str, phone: str) -> Contact:
        """Answer the contact with E.164 phone. Raises InvalidValue with a pointer into the request."""
        return Contact(name=name, email=_email(email), phone=self._phone(phone))

    def _phone(self, text: str) -> str:
        import phonenumbers

        if _is_e164(text):
            return text
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


def _is_e164(text: str) -> bool:
    """Whether a number is written as it is stored: country code and number, of a length that the country has.

    Reading it would only confirm it, which takes long; so would a national prefix, which reading drops: then it is not.
    """
    if not _INTERNATIONAL.fullmatch(text):
        return False
    for digits in range(1, 4):
        plan = _plan(text[1 : 1 + digits])
        if plan is not None:
            number = text[1 + digits :]
            return number[0] != "0" and len(number) in plan.lengths and not plan.prefix.match(number)
    return False


@frozen
class _Plan:
    """How numbers of a country code look: how long they are, and what is dropped where it stands before one."""

    lengths: frozenset[int]
    prefix: re.Pattern[str]


_NOTHING: Final = re.compile("(?!)")


@lru_cache(maxsize=1024)
def _plan(code: str) -> _Plan | None:
    """Look up a country code; None for what is not one."""
    import phonenumbers

    region = phonenumbers.region_code_for_country_code(int(code))
    if region == phonenumbers.UNKNOWN_REGION:
        return None
    known = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(int(code), region)
    if known is None or known.general_desc is None:
        return None
    prefix = known.national_prefix_for_parsing
    return _Plan(frozenset(known.general_desc.possible_length), re.compile(prefix) if prefix else _NOTHING)


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
