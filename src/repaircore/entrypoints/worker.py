"""The worker's loop, inside the server or alone: it goes on through trouble, and stops without leaving anything half done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from attrs import evolve, frozen

from repaircore.application.operations.worker import Worker
from repaircore.entrypoints.logs import JsonLog
from repaircore.entrypoints.process import PATIENCE
from repaircore.ports.jobs import Job
from repaircore.wiring.core import Core

CONCURRENCY = 16
_PAUSE = 1.0  # seconds after the queue itself failed
_LONGEST_REST = 1.0  # seconds: what another process enqueues is seen that soon
_LEASE = 10.0  # seconds: what a killed process had in hand is taken up that soon


async def work(
    core: Core, stop: asyncio.Event, *, log: JsonLog, concurrency: int = CONCURRENCY, patience: float = PATIENCE
) -> None:
    """Work until told to stop, then finish what is in hand for up to `patience` seconds; up to `concurrency` jobs at a time. What
    is not begun or not finished is left to other workers at once. When the queue cannot be reached, say so and try again."""
    worker = evolve(core.operations.worker, concurrency=concurrency, longest_rest=_LONGEST_REST, lease_seconds=_LEASE)
    working = asyncio.create_task(_go_on(worker, core, stop, log))
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
        _, late = await asyncio.wait({working}, timeout=patience)
        if late:
            log.warning("jobs under way were cut off: other workers begin them again", seconds=patience)
    finally:
        stopped.cancel()
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


async def _go_on(worker: Worker, core: Core, stop: asyncio.Event, log: JsonLog) -> None:
    while not stop.is_set():
        try:
            await worker.run(stop)
        except Exception as error:
            log.error("worker interrupted", error)
            await _pause(core, stop)


@asynccontextmanager
async def working(
    core: Core, *, log: JsonLog, stop: asyncio.Event | None = None, patience: float = PATIENCE
) -> AsyncIterator[None]:
    """Work beside something else, until `stop` or its end; come back when what was in hand is done."""
    stop = stop or asyncio.Event()
    task = asyncio.create_task(work(core, stop, log=log, patience=patience))
    try:
        yield
    finally:
        stop.set()
        await task


@frozen
class JobReports:
    """Tells the log of every failed job: its name and id, never its payload."""

    log: JsonLog

    def __call__(self, job: Job, error: Exception, dead: bool) -> None:
        """Write one line; a dead job is an error, one that will be tried again a warning."""
        facts = {"job": job.name, "job_id": job.id, "attempts": job.attempts}
        if dead:
            self.log.error("job is dead: look at it, then `repaircore jobs replay`", error, **facts)
        else:
            self.log.warning("job failed and will be tried again", error=type(error).__name__, **facts)


@frozen
class TroubleReports:
    """Tells the log of what the core does without, once when it is lost and once when it is back."""

    log: JsonLog

    def __call__(self, helper: str, trouble: str) -> None:
        """Write one line."""
        if trouble:
            self.log.warning("degraded", helper=helper, detail=trouble)
        else:
            self.log.info("restored", helper=helper)


async def _pause(core: Core, stop: asyncio.Event) -> None:
    resting, stopping = asyncio.ensure_future(core.clock.sleep(_PAUSE)), asyncio.ensure_future(stop.wait())
    _, pending = await asyncio.wait({resting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
