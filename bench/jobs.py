"""How quickly jobs that do nothing are drained, and how soon a lone one is handled: each queue with the real worker.

`python -m bench.jobs SHARE` works in a process of its own, with SQLite at FULL and PostgreSQL as it comes, and writes one JSON
object: by queue, jobs per second of wall time, CPU microseconds of each (ours, and with the server's), and milliseconds from
commit to handler.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.processes import cores, fast_loop, pin
from bench.working import Working, backends
from repaircore.adapters.clock.system import SystemClock
from repaircore.adapters.ids.system import SystemIds
from repaircore.adapters.jobs.pgqueuer.queue import PgqueuerJobs
from repaircore.adapters.jobs.procrastinate.queue import ProcrastinateJobs
from repaircore.adapters.jobs.schema import install
from repaircore.adapters.storage.migrations import migrate
from repaircore.adapters.storage.postgresql import open_postgresql
from repaircore.adapters.storage.postgresql.jobs import PostgresqlJobs
from repaircore.adapters.storage.sqlite import open_sqlite
from repaircore.application.operations.worker import Worker
from repaircore.domain.events import Event
from repaircore.ports.jobs import Job, NewJob
from tests.servers.postgres import running_postgres

SQLITE, EMBEDDED = "embedded, SQLite at FULL", "embedded, PostgreSQL"
PGQUEUER, PROCRASTINATE = "pgqueuer, PostgreSQL", "procrastinate, PostgreSQL"

_WANTED: Final = {SQLITE: 100_000, EMBEDDED: 50_000, PGQUEUER: 5_000, PROCRASTINATE: 5_000}
_ENGINES: Final = {PGQUEUER: PgqueuerJobs, PROCRASTINATE: ProcrastinateJobs}
_IN_ONE_COMMIT: Final = 1000
_LONE: Final = 50
_IDLE: Final = 0.005  # seconds after which the worker waits again
_NOTHING: Final = "bench.nothing"


def measured(share: float) -> dict[str, dict[str, float]]:
    """Measure every queue on an empty database of its own."""
    found = {}
    for name in _WANTED:
        with _database(name) as url:
            found[name] = fast_loop(_queue(name, url, int(_WANTED[name] * share)))
    return found


@contextmanager
def _database(name: str) -> Iterator[Any]:
    """A migrated database; a server has the last core to itself, and we have the first."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    ours, theirs = cores()
    if name == SQLITE:
        pin(ours)
        with tempfile.TemporaryDirectory(prefix="repaircore-bench-") as folder:
            path = Path(folder) / "shop.db"
            migrate(path)
            yield path
        return
    pin(theirs)
    with running_postgres() as server:
        pin(ours)
        migrate(server.url)
        if name in _ENGINES:
            install(server.url, _ENGINES[name])
        yield server.url


async def _queue(name: str, url: Any, wanted: int) -> dict[str, float]:
    storage = _opened(name, url)
    try:
        return {**await _drained(name, url, storage, wanted), "lone": await _lone(storage)}
    finally:
        await storage.aclose()


def _opened(name: str, url: Any) -> Any:
    clock, ids = SystemClock(), SystemIds()
    if name == SQLITE:
        return open_sqlite(url, clock=clock, ids=ids, subscriptions=_nobody)
    queue = _ENGINES.get(name, PostgresqlJobs)
    return open_postgresql(url, clock=clock, ids=ids, subscriptions=_nobody, queue=queue)


def _nobody(event: Event) -> tuple[NewJob, ...]:
    return ()


def _worker(storage: Any, handler: Any) -> Worker:
    return Worker(
        queue=storage.jobs,
        handlers={_NOTHING: handler},
        unit_of_work=storage.unit_of_work,
        clock=SystemClock(),
        ids=SystemIds(),
    )


async def _drained(name: str, url: Any, storage: Any, wanted: int) -> dict[str, float]:
    await asyncio.gather(*(storage.jobs.lease(1, now=SystemClock().now(), seconds=1) for _ in range(2)))  # connects
    for _ in range(0, wanted, _IN_ONE_COMMIT):
        await _enqueue(storage, _IN_ONE_COMMIT)

    async def handler(job: Job) -> None:
        return None

    all_of_us = Working() if name == SQLITE else backends(url)
    wall, ours, together = time.perf_counter(), time.process_time(), all_of_us.milliseconds()
    handled = await _worker(storage, handler).drain()
    return {
        "drained": handled / (time.perf_counter() - wall),
        "micros": (time.process_time() - ours) / handled * 1e6,
        "together": (all_of_us.milliseconds() - together) / handled * 1e3,
    }


async def _lone(storage: Any) -> float:
    called: asyncio.Queue[float] = asyncio.Queue()

    async def handler(job: Job) -> None:
        called.put_nowait(time.perf_counter())

    stop, waited = asyncio.Event(), list[float]()
    working = asyncio.create_task(_worker(storage, handler).run(stop))
    for _ in range(_LONE):
        await asyncio.sleep(_IDLE)
        await _enqueue(storage, 1)
        committed = time.perf_counter()
        waited.append((await called.get() - committed) * 1000)
    stop.set()
    await working
    return median(waited)


async def _enqueue(storage: Any, jobs: int) -> None:
    async with storage.unit_of_work() as work:
        work.enqueue(*(NewJob(name=_NOTHING) for _ in range(jobs)))
        await work.commit()


if __name__ == "__main__":
    print(json.dumps(measured(float(sys.argv[1]))))
