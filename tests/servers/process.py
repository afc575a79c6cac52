"""A server's process: up when it says so itself, and stopped, killed and started again on demand."""

import os
import select
import signal
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import IO, Final

from attrs import define, field

PATIENCE: Final = 60.0
"""Seconds that starting or stopping may take on a busy machine."""


class CannotStart(Exception):
    """A server does not come up. The text says which, and what it said itself."""


def free_port() -> int:
    """Answer a port of the loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@define
class Process:
    """One program that tells `ready` on its output when it can be used; what it says is kept in `log`."""

    command: Sequence[str]
    ready: str
    log: Path
    polite: signal.Signals = signal.SIGTERM
    user: str | None = None
    _running: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _reader: Thread | None = field(default=None, init=False)

    def start(self) -> None:
        """Start, and come back when it can be used. Raises CannotStart."""
        running = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.log.parent,
            start_new_session=True,  # Ctrl-C is for the tests
            user=self.user,
            group=group_of(self.user),
            extra_groups=None if self.user is None else (),
        )
        assert running.stdout is not None
        up, over = Event(), Event()
        self._running = running
        self._reader = Thread(target=self._read, args=(running.stdout, up, over), daemon=True)
        self._reader.start()
        if not up.wait(PATIENCE) or over.is_set():
            self.kill()
            raise CannotStart(f"{self.command[0]} does not come up; it said:\n{self.log.read_text(errors='replace')}")

    def stop(self) -> None:
        """Ask it to stop, and come back when it has."""
        if self._running is not None:
            self._running.send_signal(self.polite)
            self._gone(PATIENCE)

    def kill(self) -> None:
        """Kill it and its children without a warning (SIGKILL), and come back when they are gone."""
        if self._running is not None:
            children = _children(self._running.pid)
            self._running.kill()
            for child in children:
                _kill(child)
            self._gone(PATIENCE)

    def _gone(self, patience: float) -> None:
        assert self._running is not None
        assert self._reader is not None
        self._running.wait(patience)
        self._reader.join(patience)
        self._running = self._reader = None

    def _read(self, output: IO[bytes], up: Event, over: Event) -> None:
        word = self.ready.encode()
        with output, self.log.open("ab", buffering=0) as log:
            for line in output:
                log.write(line)
                if word in line:
                    up.set()
        if not up.is_set():
            over.set()
            up.set()


def group_of(user: str | None) -> int | None:
    """Answer the group of that user, if one is named."""
    if user is None:
        return None
    import pwd

    return pwd.getpwnam(user).pw_gid


def has_ended(handle: int, patience: float = 0) -> bool:
    """Whether a process has ended, or does within so many seconds. `handle` is its pidfd, however many are open."""
    waiting = select.poll()  # select() knows no more than 1,024 files
    waiting.register(handle, select.POLLIN)
    return bool(waiting.poll(patience * 1000))


def _children(pid: int) -> list[int]:
    """Answer a handle of every child that is still there."""
    handles = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(ProcessLookupError):
            handles.append(os.pidfd_open(int(child)))
    return handles


def _kill(handle: int) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        has_ended(handle, PATIENCE)
    os.close(handle)
