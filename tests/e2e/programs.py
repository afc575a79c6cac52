"""Servers and workers as a shell would start them, for tests that have several at once."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.e2e.deployed.program import Program
from tests.e2e.places import Place


@asynccontextmanager
async def started(place: Place, *words: str) -> AsyncIterator[Program]:
    """Start a command, and read its log; at the end it is asked to stop, and insisted on."""
    command = (sys.executable, "-m", "repaircore.entrypoints.cli", *words, *place.options)
    program = Program(await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE))
    reading = asyncio.create_task(program.read())
    try:
        yield program
    finally:
        await stopped(program)
        await reading


async def stopped(program: Program) -> int:
    """Ask it to stop, and answer its exit code."""
    try:
        return await program.stop()
    except TimeoutError:
        program.process.kill()
        return await program.process.wait()


def told(program: Program, event: str) -> list[dict[str, Any]]:
    """Answer every line of the log about that event."""
    return [json.loads(line) for line in program.said if f'"event":"{event}"' in line]


async def opened(server: Program) -> str:
    """Wait until all its processes are open, and answer its address."""
    await server.event("all open")
    url: str = told(server, "listening")[0]["url"]
    return url


def pid(server: Program, process: int) -> int:
    """Answer which process has that number now."""
    found: int = [line["pid"] for line in told(server, "listening") if line["process"] == process][-1]
    return found


def kill(server: Program, process: int) -> None:
    """Kill one of its processes without warning."""
    os.kill(pid(server, process), signal.SIGKILL)
