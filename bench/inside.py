"""What is measured without HTTP: the pricing engine, the catalogue's search and the draining of jobs, in CPU time, so that
neighbours count little.

`python -m bench.inside FOLDER SECONDS` works in a process of its own and writes one JSON object of figures per second.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from statistics import median

from attrs import evolve

from bench.processes import fast_loop
from bench.searching import MISTYPED, ten_thousand
from bench.shop import CONFIG, offered_jobs
from bench.swapping import loading, swapping
from repaircore import Core, open_core
from repaircore.domain.actors import GUEST
from repaircore.domain.identity import QuoteId
from repaircore.domain.pricing.engine import price
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.quoting import QuoteRequest, make_quote
from repaircore.ports.jobs import Job, NewJob

_NOTHING = "bench.nothing"
_AT_ONCE = 32
_IDLE = 0.005  # seconds after which the worker waits again


async def measured(folder: Path, seconds: float) -> dict[str, float]:
    """Measure everything for about that many seconds each."""
    async with open_core(CONFIG, data_dir=folder) as core:
        return {
            "engine": _engine(core, seconds),
            "receipts": _receipts(core, seconds),
            "stored": await _stored(core, seconds),
            "search": _search(seconds),
            "jobs": await _jobs(core, int(seconds * 4000)),
            "lone_job": await _lone_job(core, 50),
            **loading(),
            **await swapping(core),
        }


def _requests(core: Core) -> list[QuoteRequest]:
    return [
        QuoteRequest(device_id=device, items=tuple((service, 1) for service in services))
        for device, services in offered_jobs(core)
    ]


def _engine(core: Core, seconds: float) -> float:
    """Price facts that are resolved already."""
    now = core.clock.now()
    compiled = core.pricing.prices.current(now)
    facts = cycle([_quote(core, request).facts for request in _requests(core)])
    return _per_second(lambda: price(compiled, next(facts)), seconds)


def _receipts(core: Core, seconds: float) -> float:
    """Resolve, price and write the receipt."""
    requests = cycle(_requests(core))
    return _per_second(lambda: _quote(core, next(requests)), seconds)


def _quote(core: Core, request: QuoteRequest) -> Quote:
    now = core.clock.now()
    prices = core.pricing.prices
    return make_quote(
        request, catalogue=prices.catalogue, rulebook=prices.current(now), id=QuoteId(core.ids.new("qt")), at=now
    )


def _search(seconds: float) -> float:
    """Find devices among ten thousand by names with a typing error in each word."""
    shop, typed = ten_thousand(), cycle(MISTYPED)
    return _per_second(lambda: shop.find(q=next(typed)), seconds)


async def _stored(core: Core, seconds: float) -> float:
    """The whole use case, some at a time, each on disk when it is answered."""
    requests, made = cycle(_requests(core)), 0
    started = time.process_time()
    while time.process_time() - started < seconds:
        await asyncio.gather(*(core.pricing.request(next(requests), by=GUEST) for _ in range(_AT_ONCE)))
        made += _AT_ONCE
    return made / (time.process_time() - started)


async def _jobs(core: Core, wanted: int) -> float:
    """Drain jobs that do nothing."""
    async with core.providers.storage.unit_of_work() as work:
        work.enqueue(*(NewJob(name=_NOTHING) for _ in range(wanted)))
        await work.commit()
    worker = evolve(core.operations.worker, handlers={_NOTHING: _nothing}, periodic=())
    started = time.process_time()
    handled = await worker.drain()
    return handled / (time.process_time() - started)


async def _lone_job(core: Core, times: int) -> float:
    """Commit one job to an idle worker; answer the milliseconds until its handler is called, the median of some times."""
    called: asyncio.Queue[float] = asyncio.Queue()

    async def handler(job: Job) -> None:
        called.put_nowait(time.perf_counter())

    worker = evolve(core.operations.worker, handlers={_NOTHING: handler}, periodic=())
    stop, waited = asyncio.Event(), list[float]()
    working = asyncio.create_task(worker.run(stop))
    for _ in range(times):
        await asyncio.sleep(_IDLE)
        async with core.providers.storage.unit_of_work() as work:
            work.enqueue(NewJob(name=_NOTHING))
            await work.commit()
        committed = time.perf_counter()
        waited.append((await called.get() - committed) * 1000)
    stop.set()
    await working
    return median(waited)


async def _nothing(job: Job) -> None:
    return None


def _per_second(do: Callable[[], object], seconds: float) -> float:
    calls, started = 0, time.process_time()
    while time.process_time() - started < seconds:
        for _ in range(50):
            do()
        calls += 50
    return calls / (time.process_time() - started)


if __name__ == "__main__":
    print(json.dumps(fast_loop(measured(Path(sys.argv[1]), float(sys.argv[2])))))
