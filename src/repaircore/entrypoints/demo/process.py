"""The real server in a process of its own, and the real command line beside it."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from attrs import define, field

from repaircore.entrypoints.demo.refusals import DemoFailed

_CLI = (sys.executable, "-m", "repaircore.entrypoints.cli")
_PATIENCE = 40.0  # seconds to stop in


@define
class Server:
    """A running `repaircore serve`. Its log is read as it is written."""

    process: Process
    url: str = ""
    webhooks_answered: int = 0
    last_lines: deque[str] = field(factory=lambda: deque(maxlen=20))

    def hear(self, line: str) -> dict[str, Any]:
        """Take in one line of the log."""
        try:
            told: dict[str, Any] = json.loads(line)
        except ValueError:
            self.last_lines.append(line)
            return {}
        self.webhooks_answered += told.get("route") == "/v1/webhooks/{provider}" and told.get("status") == 200
        return told


@asynccontextmanager
async def serving(config: Path, data_dir: Path, port: int, *options: str, log: Path) -> AsyncIterator[Server]:
    """Start the server, wait until it accepts requests, and stop it whatever happens. Its log goes to a file as well."""
    place = ("--config", str(config), "--data-dir", str(data_dir))
    process = await asyncio.create_subprocess_exec(
        *_CLI, "serve", *place, "--port", str(port), *options, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
    )
    server, listening = Server(process), asyncio.Event()
    reading = asyncio.create_task(_read(server, listening, log))
    try:
        await _started(reading, listening, server)
        yield server
    finally:
        await _stop(process, ended=reading.done())
        await reading


async def command(*arguments: str) -> Any:
    """Run a command that answers JSON. Raises DemoFailed with what it said."""
    process = await asyncio.create_subprocess_exec(*_CLI, *arguments, stdin=DEVNULL, stdout=PIPE, stderr=PIPE)
    out, err = await process.communicate()
    if process.returncode:
        raise DemoFailed(f"repaircore {' '.join(arguments[:2])}: {err.decode().strip()}")
    return json.loads(out)


async def _read(server: Server, listening: asyncio.Event, log: Path) -> None:
    lines = server.process.stderr
    assert lines is not None
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        async for line in lines:
            file.write(line)
            told = server.hear(line.decode(errors="replace").rstrip())
            if told.get("event") == "listening":
                server.url = told["url"]
                listening.set()


async def _started(reading: "asyncio.Task[None]", listening: asyncio.Event, server: Server) -> None:
    waiting = asyncio.create_task(listening.wait())
    await asyncio.wait({waiting, reading}, return_when=asyncio.FIRST_COMPLETED)
    if not listening.is_set():
        waiting.cancel()
        said = server.last_lines[-1] if server.last_lines else "it said nothing"
        raise DemoFailed(f"the server did not start: {said.removeprefix('repaircore: ')}")


async def _stop(process: Process, *, ended: bool) -> None:
    """Ask it to stop. One that closed its log is ending already: a signal would race with asyncio for its exit status."""
    if not ended:
        with suppress(ProcessLookupError):
            process.terminate()
    try:
        async with asyncio.timeout(_PATIENCE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
