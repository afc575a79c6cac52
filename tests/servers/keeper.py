"""A program that runs one shared server for as long as the run of the suite lasts, however that ends.

The run holds a lock on a file; the kernel releases it when the run is over, killed or not, and then the server is stopped.
"""

import fcntl
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Protocol

from tests.servers.locks import locked
from tests.servers.postgres import running_postgres
from tests.servers.valkey import running_valkey


class Server(Protocol):
    """Whatever can be reached by a URL."""

    @property
    def url(self) -> str: ...


KINDS: Final[dict[str, Callable[[], AbstractContextManager[Server]]]] = {
    "postgres": lambda: running_postgres(durable=False),
    "valkey": running_valkey,
}


def keep(kind: str, folder: Path) -> None:
    """Start the server, tell its URL on standard output, and stop it when the run is over."""
    with locked(folder / f"{kind}.kept"), KINDS[kind]() as server:
        print(server.url, flush=True)
        with locked(folder / "alive", fcntl.LOCK_SH):
            """The run is over."""


if __name__ == "__main__":
    keep(sys.argv[1], Path(sys.argv[2]))
