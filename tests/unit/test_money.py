"""Money is whole minor units of one currency; dividing and rounding lose nothing unseen."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaircore.domain.errors import CurrencyMismatch, InvalidValue
from repaircore.domain.money import Money, Rounding, digits, round_ratio

AMOUNTS = st.integers(min_value=-(10**12), max_value=10**12)
CURRENCIES = st.sampled_from(["GBP", "USD", "JPY", "KWD", "INR"])


@pytest.mark.parametrize("amount", [1.0, "100", True, None])
def test_an_amount_is_a_whole_number(amount: object) -> None:
    """No floats, no texts, not even a bool."""
    with pytest.raises(InvalidValue, match="whole number of minor units"):
        Money(amount, "GBP")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["gbp", "GB", "GBPX", "G1P", "ＧＢＰ", ""])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    """The code is ISO 4217's."""
    with pytest.raises(InvalidValue, match="ISO 4217"):
        Money(1, currency)


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(16500, "GBP"), "GBP 165.00"),
        (Money(500, "JPY"), "JPY 500"),
        (Money(1234567, "KWD"), "KWD 1,234.567"),
        (Money(-1500, "USD"), "-USD 15.00"),
        (Money(5, "EUR"), "EUR 0.05"),
    ],
)
def test_written_for_people(money: Money, text: str) -> None:
    """With the digits that the currency has."""
    assert str(money) == text


def test_digits() -> None:
    """Two, unless ISO 4217 says otherwise."""
    assert (digits("GBP"), digits("JPY"), digits("KWD")) == (2, 0, 3)


def test_currencies_do_not_mix() -> None:
    """Adding, subtracting and comparing across currencies is refused."""
    pound, dollar = Money(1, "GBP"), Money(1, "USD")

    for mixed in (pound.__add__, pound.__sub__, pound.__lt__, pound.__le__, pound.__gt__, pound.__ge__):
        with pytest.raises(CurrencyMismatch, match="without an exchange rate"):
            mixed(dollar)
    assert pound != dollar


@pytest.mark.parametrize(
    ("numerator", "half_up", "half_even", "up", "down"),
    [(5, 3, 2, 3, 2), (3, 2, 2, 2, 1), (-5, -3, -2, -3, -2), (4, 2, 2, 2, 2), (0, 0, 0, 0, 0), (-1, -1, 0, -1, 0)],
)
def test_rounding_halves(numerator: int, half_up: int, half_even: int, up: int, down: int) -> None:
    """Halves and the rest, on both sides of zero."""
    found = [round_ratio(numerator, 2, rounding) for rounding in Rounding]

    assert found == [half_up, half_even, up, down]


def test_a_denominator_is_positive() -> None:
    """Nothing is divided by zero."""
    with pytest.raises(InvalidValue):
        round_ratio(1, 0)


def test_share() -> None:
    """A quarter of GBP 0.50 is 12.5 pence, rounded half up once."""
    assert Money(50, "GBP").share(percent=25) == Money(13, "GBP")
    assert Money(50, "GBP").share(percent=25, rounding=Rounding.DOWN) == Money(12, "GBP")


def test_largest_remainders_get_what_is_left() -> None:
    """A pound in three: the first gets the odd penny."""
    assert [part.amount for part in Money(100, "GBP").allocate([1, 1, 1])] == [34, 33, 33]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 5]])
def test_impossible_weights(weights: list[int]) -> None:
    """Nobody to give to, or somebody to take from."""
    with pytest.raises(InvalidValue, match="weights"):
        Money(100, "GBP").allocate(weights)


@given(AMOUNTS, st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=20).filter(any), CURRENCIES)
def test_allocation_conserves_money(amount: int, weights: list[int], currency: str) -> None:
    """The parts add up exactly, and each is within one minor unit of its exact share."""
    parts = Money(amount, currency).allocate(weights)

    assert Money.total(parts, currency) == Money(amount, currency)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.amount - Fraction(amount * weight, sum(weights))) < 1


@given(AMOUNTS, AMOUNTS, CURRENCIES)
def test_sums(one: int, other: int, currency: str) -> None:
    """What is added can be taken away, and comparing follows the amounts."""
    first, second = Money(one, currency), Money(other, currency)

    assert first + second - second == first
    assert first + -first == Money.zero(currency)
    assert ((first < second), (first <= second), (first > second)) == (one < other, one <= other, one > other)
    assert bool(first) is (one != 0)
    assert first * 3 == first + first + first


@given(AMOUNTS, st.integers(min_value=1, max_value=10**6), st.sampled_from(Rounding))
def test_rounding_is_close_and_symmetric(numerator: int, denominator: int, rounding: Rounding) -> None:
    """Never a whole unit away; the same on both sides of zero."""
    rounded = round_ratio(numerator, denominator, rounding)

    assert abs(rounded - Fraction(numerator, denominator)) < 1
    assert round_ratio(-numerator, denominator, rounding) == -rounded
