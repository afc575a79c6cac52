"""Jobs taken together: their leases are kept, and those that are done are marked so together."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import define, field

from repaircore.domain.identity import JobId
from repaircore.ports.clock import Clock
from repaircore.ports.errors import PortError
from repaircore.ports.jobs import Job, JobQueue

_BREATH: Final = 0.002
"""Seconds that jobs which never wait may keep the event loop for themselves."""
_QUICK: Final = timedelta(seconds=0.1)
"""A batch that took no longer may be followed by a larger one."""


@define
class Pace:
    """How many jobs to take at once: as many as are handled at a time, and more and more while that goes quickly."""

    concurrency: int
    most: int
    jobs: int = field(init=False)

    @jobs.default
    def _at_first(self) -> int:
        return self.concurrency

    def went(self, jobs: int, took: timedelta) -> None:
        """Learn how long that many took. A slow batch is followed by a small one, so that other workers get their share."""
        if took > _QUICK:
            self.jobs = self.concurrency
        elif jobs == self.jobs:
            self.jobs = max(self.concurrency, min(2 * jobs, self.most))


@define(eq=False)
class Batch:
    """The jobs of one lease. Who works through it takes the `next_one`, and says `over` when it is done or was put back."""

    queue: JobQueue
    clock: Clock
    lease_seconds: float
    jobs: Sequence[Job]
    stop: asyncio.Event
    _waiting: Iterator[Job] = field(init=False)
    _held: dict[JobId, Job] = field(init=False)
    _done: list[Job] = field(factory=list, init=False)
    _sending: list[asyncio.Task[None]] = field(factory=list, init=False)
    _breathed: float = field(default=0.0, init=False)

    def __attrs_post_init__(self) -> None:
        self._waiting = iter(self.jobs)
        self._held = {job.id: job for job in self.jobs}

    async def next_one(self) -> Job | None:
        """Answer a job that nobody handles yet; None when there is none, or none is to be begun any more. Lets others run first,
        every now and then."""
        now = asyncio.get_running_loop().time()
        if now - self._breathed > _BREATH:
            self._breathed = now
            await asyncio.sleep(0)
        return None if self.stop.is_set() else next(self._waiting, None)

    def finished(self, job: Job) -> None:
        """Mark it done, in one commit with whatever else is finished when the one before is on disk."""
        self.over(job)
        self._done.append(job)
        if not self._sending or self._sending[-1].done():
            self._sending.append(asyncio.create_task(self._send()))

    def over(self, job: Job) -> None:
        """Its lease need not be kept any more."""
        self._held.pop(job.id, None)

    async def settled(self) -> None:
        """Come back when everything finished is marked. Raises what the queue raised."""
        await asyncio.gather(*self._sending)

    async def cut_off(self) -> None:
        """Nobody handles any of them any more: what was finished is marked, the rest begins anew elsewhere."""
        await asyncio.gather(*self._sending, return_exceptions=True)
        self._waiting = iter([*self._held.values()])

    async def give_back(self) -> None:
        """End the leases of those that were not begun, so that other workers take them up at once."""
        left, now = [*self._waiting], self.clock.now()
        if left:
            await asyncio.gather(*(self.queue.extend(job, until=now) for job in left), return_exceptions=True)

    async def keep(self) -> None:
        """Extend the leases at half-time, for as long as this runs. A queue that cannot be reached is asked again soon."""
        rest = self.lease_seconds / 2
        while True:
            await self.clock.sleep(rest)
            try:
                await self._extend()
            except PortError:
                rest = self.lease_seconds / 20
            else:
                rest = self.lease_seconds / 2

    async def _extend(self) -> None:
        until = self._in(self.lease_seconds)
        for job in list(self._held.values()):
            if job.id in self._held and not await self.queue.extend(job, until=until):
                self.over(job)

    async def _send(self) -> None:
        while self._done:
            done, self._done = self._done, []
            await self.queue.finish_all(done, now=self.clock.now())

    def _in(self, seconds: float) -> datetime:
        return self.clock.now() + timedelta(seconds=seconds)
