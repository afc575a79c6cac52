"""Servers as processes: pinned to a core, timed from their start to the first answer, their CPU and memory read from /proc."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from socket import create_connection, socket
from typing import Any, TypeVar

from attrs import frozen

T = TypeVar("T")

_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE = 60.0  # seconds for a server to start or to stop
_MOMENT = 0.001
_GET = b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


class DidNotStart(Exception):
    """A server ended, or did not answer in time; its log says why."""


@frozen(kw_only=True)
class Command:
    """A program to start, and where its output goes. `{port}` in its arguments is the port it shall listen on."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    folder: Path | None = None


@frozen(kw_only=True)
class Server:
    """A running server with all its processes. `cold_start` is seconds from its start to its first 200 on /health."""

    process: subprocess.Popen[bytes]
    port: int
    started: float
    cold_start: float

    def first_answer(self, path: str) -> float:
        """Ask for that path until it is answered 200; answer how many seconds after the start that was."""
        _await(self.process, self.port, path.encode(), self.started + _PATIENCE)
        return time.perf_counter() - self.started

    def cpu_seconds(self) -> float:
        """CPU time used so far, in the kernel and out of it."""
        return sum(_cpu(pid) for pid in _tree(self.process.pid))

    def memory(self) -> float:
        """Resident memory now, in MiB."""
        return sum(_resident(pid) for pid in _tree(self.process.pid))


@contextmanager
def running(command: Command, *, core: int) -> Iterator[Server]:
    """Start the program on that core, wait for its first answer; stop it at the end. Raises DidNotStart."""
    port = _free_port()
    with command.log.open("ab") as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            [part.replace("{port}", str(port)) for part in command.arguments],
            env={**os.environ, **command.environment, "PORT": str(port)},
            cwd=command.folder,
            stdout=log,
            stderr=log,
            preexec_fn=lambda: pin(core),
        )
    try:
        _await(process, port, b"/health", started + _PATIENCE)
        yield Server(process=process, port=port, started=started, cold_start=time.perf_counter() - started)
    finally:
        _stop(process)


def pin(core: int) -> None:
    """Keep this process on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


@cache  # asked before anybody is pinned, and the same from then on
def cores() -> tuple[int, int]:
    """Name the core for servers and the core for everything else: the first and the last."""
    known = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    return known[0], known[-1]


def fast_loop(main: Coroutine[Any, Any, T]) -> T:
    """Run it on uvloop."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def busy_seconds() -> float:
    """CPU time used by everybody on this machine so far."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    idle, waiting = int(fields[3]), int(fields[4])
    return (sum(map(int, fields[:8])) - idle - waiting) / _TICKS


def _await(process: subprocess.Popen[bytes], port: int, path: bytes, deadline: float) -> None:
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            break
        with suppress(OSError), create_connection(("127.0.0.1", port), timeout=1) as client:
            client.settimeout(_PATIENCE)
            client.sendall(_GET % path)
            if client.recv(64).startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")):
                return
        time.sleep(_MOMENT)
    raise DidNotStart(f"{process.args!r} ended or did not answer, see its log")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield from _tree(int(child))


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
