"""Contact details as people write them: every spelling of one address or number becomes one, and nonsense is refused."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st

from repaircore.application.booking.contact import ReadContact
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
