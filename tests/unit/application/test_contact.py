"""Contact details as people write them: every spelling of one address or number becomes one, and nonsense is refused."""

import phonenumbers
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st

from repaircore.application.booking.contact import ReadContact, _is_e164
from repaircore.domain.errors import InvalidValue

read = ReadContact("GB")

LOCAL = st.text(alphabet="aB9._+-é \"'", min_size=0, max_size=12) | st.sampled_from(
    ["INFO", "info", "a" * 65, "a" * 40]
)
LABEL = st.text(alphabet="abZ09-éß。", min_size=0, max_size=8) | st.sampled_from(["xn--bcher-kva", "ab--c", "a" * 64])
DOMAIN = st.lists(LABEL, max_size=4).map(".".join) | st.sampled_from(
    ["example.com", "localhost", "example.test", "shop.invalid", "EXAMPLE.com", "[127.0.0.1]"]
)


def email(text: str) -> str:
    """Read an address."""
    return read("Ann Smith", text, "+44 7700 900123").email


@settings(max_examples=500, deadline=None, database=None, derandomize=True)
@given(st.builds("{}@{}".format, LOCAL, DOMAIN))
@example("ann@" + "example." * 30 + "com")
def test_an_address_is_what_the_validator_makes_of_it(text: str) -> None:
    """Knowing a domain already changes neither what is accepted nor what becomes of it."""
    try:
        expected = validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        with pytest.raises(InvalidValue):
            email(text)
    else:
        assert email(text) == expected


@pytest.mark.parametrize(
    "text", ["ann", "ann@", "@example.com", "ann@example", "ann smith@example.com", "a@b@example.com"]
)
def test_nonsense_is_no_address(text: str) -> None:
    """The error points at the field."""
    with pytest.raises(InvalidValue) as refused:
        email(text)

    assert refused.value.pointer == "/customer/email"


@pytest.mark.parametrize("text", ["+447700900123", "07700 900123", "07700-900 123", "0044 7700 900123"])
def test_a_number_in_any_spelling(text: str) -> None:
    """Without a country it is one of the business's own."""
    assert read("Ann Smith", "ann@example.com", text).phone == "+447700900123"


@pytest.mark.parametrize("text", ["", "12", "call me", "+44", "0" * 30])
def test_nonsense_is_no_number(text: str) -> None:
    """The error points at the field."""
    with pytest.raises(InvalidValue) as refused:
        read("Ann Smith", "ann@example.com", text)

    assert refused.value.pointer == "/customer/phone"


CODES = st.sampled_from(
    ["1", "7", "39", "44", "49", "54", "52", "55", "61", "81", "86", "91", "353", "800", "979", "999"]
)
NUMBERS = st.builds("+{}{}".format, CODES, st.text("0123456789", min_size=3, max_size=14)) | st.from_regex(
    r"\+[0-9]{3,17}", fullmatch=True
)


def parsed(text: str) -> str | None:
    """What the library makes of a number; None when it is not one."""
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@settings(max_examples=1000, deadline=None, database=None, derandomize=True)
@given(NUMBERS)
@example("+447700900123")
@example("+4407700900123")
@example("+390612345678")
@example("+5491112345678")
def test_a_number_is_what_the_library_makes_of_it(text: str) -> None:
    """Seeing at once that a number is written in full changes neither what is accepted nor what becomes of it."""
    expected = parsed(text)
    if expected is None:
        with pytest.raises(InvalidValue):
            read("Ann Smith", "ann@example.com", text)
    else:
        assert read("Ann Smith", "ann@example.com", text).phone == expected


def test_numbers_written_in_full_are_taken_as_they_are() -> None:
    """The look is worth having: it knows a usual number, and leaves a national prefix to the library."""
    assert _is_e164("+447700900123")
    assert _is_e164("+14155550123")
    assert not _is_e164("+4407700900123")
