"""Identifiers, and the only randomness there is."""

from typing import Protocol


class Ids(Protocol):
    """Makes identifiers. A test's are predictable; a real one's are not."""

    def new(self, prefix: str) -> str:
        """Make an id `prefix_…` that sorts by time of making and never repeats."""
        ...

    def number(self, bits: int) -> int:
        """Draw a number below 2**bits."""
        ...

    def secret(self) -> str:
        """Draw an unguessable URL-safe text of at least 256 bits."""
        ...
