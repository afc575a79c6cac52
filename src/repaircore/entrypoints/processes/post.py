"""What one of several server processes knows of the others."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket
from typing import Final

from attrs import frozen

from repaircore.entrypoints.processes.board import Board

FIRST: Final = 1
"""The number of the process that opens before the others, and runs what only one can run."""


@frozen(kw_only=True)
class Post:
    """A process's number and what it shares with the others. `door`: it answers /health while it is being opened; who replaces
    another one leaves that to those who are open already. `backroom` is where the others reach the first one."""

    number: int
    board: Board
    backroom: socket
    parent: int
    opened: int
    door: bool

    @property
    def is_first(self) -> bool:
        """Whether this one runs what only one can run."""
        return self.number == FIRST

    def tell_opened(self) -> None:
        """Tell the parent that requests are answered here."""
        os.write(self.opened, b".")

    @contextmanager
    def staying(self, stop: asyncio.Event) -> Iterator[None]:
        """Stop when the parent is gone: nobody would replace, watch or stop this process."""
        loop = asyncio.get_running_loop()

        def orphaned() -> None:
            loop.remove_reader(self.parent)
            stop.set()

        loop.add_reader(self.parent, orphaned)
        try:
            yield
        finally:
            loop.remove_reader(self.parent)
