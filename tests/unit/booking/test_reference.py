"""Booking references: short, sayable, and a slip of the tongue is caught."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from repaircore.domain.booking.reference import BITS, normalise_reference, reference
from repaircore.domain.errors import InvalidValue

NUMBERS = st.integers(min_value=0, max_value=2**BITS - 1)
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def plain(text: str) -> str:
    return text.replace("-", "")


@given(NUMBERS)
def test_round_trip(number: int) -> None:
    """What is written is what is read, whatever case and look-alikes people use."""
    written = reference(number)

    assert normalise_reference(written) == written
    assert normalise_reference(written.lower().replace("0", "o").replace("1", "l")) == written


@given(NUMBERS, st.integers(0, 8), st.sampled_from(SYMBOLS))
def test_one_wrong_character(number: int, place: int, other: str) -> None:
    """Every single wrong character is caught."""
    right = plain(reference(number))
    assume(right[place] != other)

    with pytest.raises(InvalidValue, match="wrong character"):
        normalise_reference(right[:place] + other + right[place + 1 :])


@given(NUMBERS, st.integers(0, 7))
def test_neighbours_swapped(number: int, place: int) -> None:
    """Every swap of neighbours is caught."""
    right = plain(reference(number))
    assume(right[place] != right[place + 1])
    swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]

    with pytest.raises(InvalidValue, match="wrong character"):
        normalise_reference(swapped)


@pytest.mark.parametrize("text", ["", "7ZK4", "7ZK4-M2QX-88", "7ZK4-M2Q!-8", "ÄÖÜß-1234-5"])
def test_not_a_reference(text: str) -> None:
    """Anything else is refused with an example."""
    with pytest.raises(InvalidValue, match="7ZK4-M2QX-8"):
        normalise_reference(text)


@pytest.mark.parametrize("number", [-1, 2**BITS])
def test_too_large(number: int) -> None:
    """Only what fits is written."""
    with pytest.raises(InvalidValue):
        reference(number)
