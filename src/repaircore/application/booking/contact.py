"""Reading contact details as people write them. The libraries that know how are loaded with the first one."""

from attrs import frozen

from repaircore.domain.booking.contact import Contact
from repaircore.domain.errors import InvalidValue


@frozen
class ReadContact:
    """Normalises an e-mail address and a phone number. `country` says where a number without +… is dialled."""

    country: str

    def __call__(self, name: str, email: str, phone: str) -> Contact:
        """Answer the contact with E.164 phone. Raises InvalidValue with a pointer into the request."""
        return Contact(name=name, email=_email(email), phone=self._phone(phone))

    def _phone(self, text: str) -> str:
        from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_possible_number, parse

        try:
            number = parse(text, self.country)
        except NumberParseException:
            number = None
        if number is None or not is_possible_number(number):
            raise InvalidValue(
                f"{text!r} is not a phone number; write it in full, with +… for another country",
                pointer="/customer/phone",
            )
        return format_number(number, PhoneNumberFormat.E164)


def _email(text: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise InvalidValue(f"{text!r} is not an e-mail address: {error}", pointer="/customer/email") from error
