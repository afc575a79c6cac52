"""The worker's loop, inside the server or alone: it goes on through trouble, and stops without leaving anything half done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import evolve, frozen

from repaircore.entrypoints.logs import JsonLog
from repaircore.ports.jobs import Job
from repaircore.wiring.core import Core

CONCURRENCY = 16
_PAUSE = 1.0  # seconds after the queue itself failed
_LONGEST_REST = 1.0  # seconds: what another process enqueues is seen that soon
_LEASE = 10.0  # seconds: what a killed process had in hand is taken up that soon


async def work(core: Core, stop: asyncio.Event, *, log: JsonLog, concurrency: int = CONCURRENCY) -> None:
    """Work until told to stop, then finish what is in hand; up to `concurrency` jobs at a time. When the queue cannot be reached,
    say so and try again."""
    worker = evolve(core.operations.worker, concurrency=concurrency, longest_rest=_LONGEST_REST, lease_seconds=_LEASE)
    while not stop.is_set():
        try:
            await worker.run(stop)
        except Exception as error:
            log.error("worker interrupted", error)
            await _pause(core, stop)


@asynccontextmanager
async def working(core: Core, *, log: JsonLog) -> AsyncIterator[None]:
    """Work beside something else; at its end stop, and come back when what was in hand is done."""
    stop = asyncio.Event()
    task = asyncio.create_task(work(core, stop, log=log))
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
