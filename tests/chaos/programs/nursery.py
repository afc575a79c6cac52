"""Where programs are born quickly: one process has everything loaded, and each server or worker is a fork of it.

So twenty-five deaths cost the starts of twenty-five servers, and not twenty-five times the loading of Python. What runs in the
fork is the command line, from its first argument on.
"""

import asyncio
import ctypes
import gc
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from attrs import define, frozen

from tests.chaos.programs.patience import PATIENCE, until
from tests.chaos.programs.variants import become
from tests.servers.process import has_ended

_ROOT: Final = Path(__file__).parents[3]
_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG
_LOADED: Final = (
    "repaircore.entrypoints.shop",
    "repaircore.entrypoints.cli.app",
    "repaircore.entrypoints.cli.serve",
    "repaircore.entrypoints.cli.worker",
    "repaircore.adapters.storage.migrations",
    "repaircore.adapters.storage.sqlite",
    "repaircore.adapters.storage.postgresql",
    "repaircore.adapters.notifications.smtp",
    "repaircore.adapters.notifications.templates",
    "repaircore.adapters.payments.sandbox.gateway",
    "aiosmtplib",
    "uvloop",
)


@frozen
class Born:
    """A running program. `log` is what it says."""

    pid: int
    handle: int
    log: Path

    async def up(self, event: str) -> None:
        """Come back when its log tells of that event."""
        word = f'"event":"{event}"'

        async def said() -> bool:
            return self.log.exists() and word in self.log.read_text(errors="replace")

        await until(said, f"{event} in {self.log}")

    def kill(self) -> None:
        """SIGKILL."""
        self.send(signal.SIGKILL)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it is still there."""
        try:
            signal.pidfd_send_signal(self.handle, number)
        except ProcessLookupError:
            return

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return not has_ended(self.handle)

    async def gone(self) -> None:
        """Come back when it has ended; nothing can be asked of it any more."""
        assert await asyncio.to_thread(has_ended, self.handle, PATIENCE), f"it does not end: {self.log}"
        os.close(self.handle)


@define(eq=False)
class Nursery:
    """Bears programs on demand."""

    process: Process
    folder: Path
    variant: str
    born: int = 0

    async def bear(self, *words: str, name: str) -> Born:
        """Start a command in a process of its own."""
        self.born += 1
        log = self.folder / f"{name}-{self.born}.log"
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        wanted = {"words": words, "log": str(log), "variant": self.variant}
        self.process.stdin.write(json.dumps(wanted).encode() + b"\n")
        pid = int(await self.process.stdout.readline())
        return Born(pid, os.pidfd_open(pid), log)


@asynccontextmanager
async def nursery(folder: Path, variant: str = "") -> AsyncIterator[Nursery]:
    """Run a nursery; whatever it bore ends with it."""
    os.makedirs(folder, exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.chaos.programs.nursery", cwd=_ROOT, stdin=PIPE, stdout=PIPE
    )
    try:
        yield Nursery(process, folder, variant)
    finally:
        process.kill()
        await process.wait()


def main() -> None:
    """Load everything, then fork for each line of standard input, and tell the number of the process."""
    for name in _LOADED:
        import_module(name)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for line in sys.stdin:
        wanted = json.loads(line)
        pid = os.fork()
        if not pid:
            _live(wanted)
        print(pid, flush=True)


def _live(wanted: dict[str, Any]) -> None:
    """Be that program, from here to its end."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number, file in enumerate((nothing, log, log)):
        os.dup2(file, number)
    sys.argv = ["repaircore", *wanted["words"]]
    become(wanted["variant"])
    from repaircore.entrypoints.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
