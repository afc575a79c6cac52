"""Whom long work tells how far it is."""

from typing import Final, Protocol


class Show(Protocol):
    """Somebody who watches."""

    def begin(self, description: str) -> None:
        """The next part begins."""
        ...

    def tell(self, done: int, of: int) -> None:
        """So much of it is done."""
        ...


class Silent:
    """Nobody watches."""

    def begin(self, description: str) -> None:
        """Say nothing."""

    def tell(self, done: int, of: int) -> None:
        """Say nothing."""


SILENT: Final = Silent()
