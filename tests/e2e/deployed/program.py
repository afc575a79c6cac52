"""A service that runs: its log is read as it is written, and it is stopped as a container's runtime does."""

import asyncio
import json
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from attrs import define, field

from tests.e2e.deployed.composition import Service
from tests.e2e.deployed.stage import Stage

PATIENCE: Final = 60.0  # seconds, as the composition's


@define
class Program:
    """One process of a service."""

    process: Process
    said: list[str] = field(factory=list)
    _heard: asyncio.Event = field(factory=asyncio.Event)

    async def event(self, name: str) -> dict[str, Any]:
        """Wait for a line of the log about that event, and answer it. Raises AssertionError when the process ends without."""
        async with asyncio.timeout(PATIENCE):
            while True:
                self._heard.clear()
                for line in self.said:
                    if f'"event":"{name}"' in line:
                        told: dict[str, Any] = json.loads(line)
                        return told
                assert self.process.returncode is None, "\n".join(self.said)
                await self._heard.wait()

    async def stop(self) -> int:
        """Ask it to stop, and answer its exit code."""
        if self.process.returncode is None:
            self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), PATIENCE)

    async def read(self) -> None:
        """Take in its log until it ends."""
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.said.append(line.decode(errors="replace").rstrip())
            self._heard.set()
        await self.process.wait()
        self._heard.set()


@asynccontextmanager
async def running(stage: Stage, service: Service) -> AsyncIterator[Program]:
    """Start a service; at the end it is gone, whatever happened."""
    process = await asyncio.create_subprocess_exec(
        *stage.program(service.command), env=stage.variables(service), stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
    )
    program = Program(process)
    reading = asyncio.create_task(program.read())
    try:
        yield program
    finally:
        if process.returncode is None:
            process.kill()
        await reading


async def done(stage: Stage, service: Service) -> str:
    """Run a service to its end, and answer what it said. Raises AssertionError when it fails."""
    process = await asyncio.create_subprocess_exec(
        *stage.program(service.command), env=stage.variables(service), stdin=DEVNULL, stdout=PIPE, stderr=PIPE
    )
    out, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 0, errors.decode()
    return out.decode()
