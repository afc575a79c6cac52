"""The worker's loop outside the queue: it lives through trouble, and tells of failed jobs without telling what they are about."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, field

from repaircore.adapters.clock.memory import ManualClock
from repaircore.domain.identity import JobId
from repaircore.entrypoints.logs import JsonLog
from repaircore.entrypoints.worker import JobReports, work, working
from repaircore.ports.errors import Unavailable
from repaircore.ports.jobs import Job, JobState, NewJob
from repaircore.wiring.core import Core
from repaircore.wiring.opening import open_core

EXAMPLE = Path(__file__).parents[3] / "examples" / "revivatech" / "business.toml"


@define(eq=False)
class Heard:
    """A stream that remembers its lines, and lets a test wait for one."""

    lines: list[dict[str, Any]] = field(factory=list)
    _more: asyncio.Event = field(factory=asyncio.Event)

    def write(self, line: bytes) -> None:
        """Take in one line."""
        self.lines.append(json.loads(line))
        self._more.set()

    def flush(self) -> None:
        """Nothing is held back."""

    async def line(self) -> dict[str, Any]:
        """Answer the last line, as soon as there is one."""
        await self._more.wait()
        return self.lines[-1]


@define
class Troubled:
    """A queue that cannot be reached the first time."""

    queue: Any
    troubles: int = 1

    async def lease(self, limit: int, *, now: datetime, seconds: float) -> Sequence[Job]:
        """Fail, then lease."""
        if self.troubles:
            self.troubles -= 1
            raise Unavailable("the database is busy")
        leased: Sequence[Job] = await self.queue.lease(limit, now=now, seconds=seconds)
        return leased

    def __getattr__(self, name: str) -> Any:
        return getattr(self.queue, name)


@pytest.fixture
async def core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Core]:
    """The repair shop in memory, its clock in the test's hand."""
    monkeypatch.setenv("REPAIRCORE_DATABASE_URL", "memory:")
    async with open_core(EXAMPLE, data_dir=tmp_path, clock=ManualClock()) as core:
        yield core


async def test_a_queue_that_cannot_be_reached(core: Core) -> None:
    """The loop says so, pauses, and goes on."""
    heard, done = Heard(), asyncio.Event()

    async def handle(job: Job) -> None:
        done.set()

    room = core.operations
    worker = evolve(room.worker, queue=Troubled(room.queue), handlers={"errand": handle}, periodic=())
    shop = evolve(core, operations=evolve(room, worker=worker))
    async with shop.providers.storage.unit_of_work() as unit:
        unit.enqueue(NewJob(name="errand"))
        await unit.commit()

    async with working(shop, log=JsonLog(heard)):
        told = await heard.line()
        assert isinstance(core.clock, ManualClock)
        while not done.is_set():
            core.clock.advance(timedelta(seconds=1))
            await core.clock.sleep(0)

    assert (told["event"], told["detail"]) == ("worker interrupted", "the database is busy")
    assert [job.state for job in await room.find_jobs(name="errand")] == [JobState.DONE]


async def test_told_to_stop_while_it_pauses(core: Core) -> None:
    """A pause is no reason to keep anybody waiting."""
    heard, stop = Heard(), asyncio.Event()
    worker = evolve(core.operations.worker, queue=Troubled(core.operations.queue, troubles=1000))
    shop = evolve(core, operations=evolve(core.operations, worker=worker))

    running = asyncio.create_task(work(shop, stop, log=JsonLog(heard)))
    await heard.line()
    stop.set()

    await asyncio.wait_for(running, 5)


async def test_jobs_that_take_too_long_to_stop(core: Core) -> None:
    """They are cut off when the time for them is over, the log says so, and other workers can have them at once."""
    heard, stop, begun = Heard(), asyncio.Event(), asyncio.Event()

    async def handle(job: Job) -> None:
        begun.set()
        await asyncio.Event().wait()

    room = core.operations
    shop = evolve(core, operations=evolve(room, worker=evolve(room.worker, handlers={"errand": handle}, periodic=())))
    async with core.providers.storage.unit_of_work() as unit:
        unit.enqueue(NewJob(name="errand"))
        await unit.commit()

    running = asyncio.create_task(work(shop, stop, log=JsonLog(heard), patience=0))
    await begun.wait()
    stop.set()
    await asyncio.wait_for(running, 5)

    assert (await heard.line())["event"] == "jobs under way were cut off: other workers begin them again"
    assert len(await room.queue.lease(1, now=core.clock.now(), seconds=1)) == 1


@pytest.mark.parametrize(("dead", "level"), [(True, "error"), (False, "warning")])
def test_a_failed_job_is_told(dead: bool, level: str) -> None:
    """Which job, how often, what kind of error; never what the job is about."""
    heard = Heard()
    now = ManualClock().now()
    payload = {"to": "ada@example.com"}
    job = Job(
        id=JobId("job_1"),
        name="notifications.send",
        payload=payload,
        state=JobState.LEASED,
        run_at=now,
        attempts=3,
        created_at=now,
    )

    JobReports(JsonLog(heard))(job, ValueError("ada@example.com is odd"), dead)

    (line,) = heard.lines
    assert (line["level"], line["job"], line["job_id"], line["attempts"]) == (level, job.name, "job_1", 3)
    assert line["error"] == "ValueError"
    assert "ada" not in json.dumps(line)
