"""The few words that the tests of job queues are written in."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta

from repaircore.ports.jobs import Job, NewJob
from repaircore.testing.storage.harness import StorageHarness, committed
from repaircore.testing.storage.values import NOON

LEASE = 60.0
PATIENCE = 10.0  # seconds of real time after which something that should happen at once did not


def after(seconds: float) -> datetime:
    """That long after noon."""
    return NOON + timedelta(seconds=seconds)


async def enqueue(harness: StorageHarness, *jobs: NewJob) -> None:
    """Enqueue jobs, one transaction each."""
    for job in jobs:
        async with committed(harness) as work:
            work.enqueue(job)


async def take(harness: StorageHarness, limit: int = 100, *, at: float = 0) -> Sequence[Job]:
    """Lease for a minute, that long after noon."""
    return await harness.storage.jobs.lease(limit, now=after(at), seconds=LEASE)


def names(jobs: Sequence[Job]) -> list[str]:
    """Answer their names."""
    return [job.name for job in jobs]


def named(*wanted: str, ordering_key: str = "") -> list[NewJob]:
    """Jobs of those names, due at noon."""
    return [NewJob(name=name, run_at=NOON, ordering_key=ordering_key) for name in wanted]


async def turns() -> None:
    """Let everybody else go on until they wait."""
    for _ in range(10):
        await asyncio.sleep(0)


async def soon(awaitable: Awaitable[object]) -> None:
    """Wait for what should happen at once, though the harness's clock stands still."""
    await asyncio.wait_for(awaitable, PATIENCE)
