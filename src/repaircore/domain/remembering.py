"""What is made of a frozen value can be made once, for as long as the value itself is shared."""

from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")
Made = TypeVar("Made")


class Remembered(Generic[Value, Made]):
    """A pure function of one frozen value that remembers its answers by the value's identity: no hashing, no comparing.

    It keeps the values alive, so that no other can take their place; after `most` of them it begins anew.
    """

    __slots__ = ("_make", "_most", "_seen")

    def __init__(self, make: Callable[[Value], Made], *, most: int = 1024) -> None:
        self._make = make
        self._most = most
        self._seen: dict[int, tuple[Value, Made]] = {}

    def __call__(self, value: Value) -> Made:
        """Answer what the function makes of the value."""
        known = self._seen.get(id(value))
        if known is not None:
            return known[1]
        made = self._make(value)
        if len(self._seen) >= self._most:
            self._seen.clear()
        self._seen[id(value)] = value, made
        return made
