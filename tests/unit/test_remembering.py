"""Remembering what is made of a value changes nothing but how often it is made."""

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from repaircore.domain.remembering import Remembered


@frozen
class Value:
    number: int


class Making:
    """Doubles numbers, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, value: Value) -> int:
        self.times += 1
        return 2 * value.number


@given(st.lists(st.integers(0, 5)), st.integers(1, 4))
def test_the_answer_is_the_functions(numbers: list[int], most: int) -> None:
    """For every value, shared or made anew, however many there are; values that are gone make no room for wrong answers."""
    remembered, shared = Remembered(Making(), most=most), [Value(number) for number in range(6)]

    assert [remembered(shared[number]) for number in numbers] == [2 * number for number in numbers]
    assert [remembered(Value(number)) for number in numbers] == [2 * number for number in numbers]


def test_a_shared_value_is_looked_at_once() -> None:
    """An equal one that is not the same is looked at again."""
    making, value = Making(), Value(1)
    remembered = Remembered(making)

    assert [remembered(value), remembered(value), making.times] == [2, 2, 1]
    assert [remembered(Value(1)), making.times] == [2, 2]
