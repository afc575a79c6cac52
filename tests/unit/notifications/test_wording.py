"""What customers read: amounts, moments, states."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaircore.domain.booking.contact import Fulfilment
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.money import Money, digits
from repaircore.domain.notifications.wording import FULFILMENT_WORDS, STATUS_WORDS, amount, moment, one_line

currencies = st.sampled_from(["GBP", "USD", "EUR", "INR", "JPY", "KWD", "CHF"])
amounts = st.builds(Money, st.integers(-(10**12), 10**12), currencies)


@pytest.mark.parametrize(
    ("money", "words"),
    [
        (Money(16500, "GBP"), "£165.00"),
        (Money(116505, "USD"), "$1,165.05"),
        (Money(-1500, "USD"), "-$15.00"),
        (Money(-5, "EUR"), "-€0.05"),
        (Money(500, "JPY"), "¥500"),
        (Money(1250, "KWD"), "KWD 1.250"),
        (Money(0, "INR"), "₹0.00"),
    ],
)
def test_amounts(money: Money, words: str) -> None:
    """The currency's own sign and digits."""
    assert amount(money) == words


@given(amounts)
def test_an_amount_loses_nothing(money: Money) -> None:
    """The digits on paper are the minor units, whatever the currency."""
    written = amount(money)
    units = int(re.sub(r"\D", "", written))

    assert units == abs(money.amount)
    assert written.startswith("-") == (money.amount < 0)
    assert ("." in written) == (digits(money.currency) > 0)


def test_moments_are_the_shops() -> None:
    """The same moment reads differently in London in summer, in Chicago and in Kolkata."""
    at = datetime(2026, 7, 3, 23, 5, tzinfo=UTC)

    assert moment(at, ZoneInfo("Europe/London")) == "Saturday 4 July 2026 at 00:05 (BST)"
    assert moment(at, ZoneInfo("America/Chicago")) == "Friday 3 July 2026 at 18:05 (CDT)"
    assert moment(at, ZoneInfo("Asia/Kolkata")) == "Saturday 4 July 2026 at 04:35 (IST)"


def test_every_state_has_words() -> None:
    """No customer ever reads `waiting_parts`."""
    assert set(STATUS_WORDS) == set(Status)
    assert set(FULFILMENT_WORDS) == set(Fulfilment)
    assert not any("_" in words for words in (*STATUS_WORDS.values(), *FULFILMENT_WORDS.values()))


@given(st.text(max_size=200))
def test_one_line_is_one_line(text: str) -> None:
    """No reading of the text breaks it, nothing else changes, and doing it again changes nothing."""
    line = one_line(text)

    assert len(line) == len(text)
    assert len(line.splitlines()) <= 1
    assert all(after in (before, " ") for before, after in zip(text, line, strict=True))
    assert one_line(line) == line


def test_a_shorter_list_of_breaks_is_caught() -> None:
    """The law can fail: replacing `\\r` and `\\n` alone leaves six other ways to break a line."""
    careless = "a\u2028b\x0bc\x85d".replace("\r", " ").replace("\n", " ")

    assert len(careless.splitlines()) > 1
    assert len(one_line(careless).splitlines()) == 1
