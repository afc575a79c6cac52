"""A rulebook of twelve thousand rules for a thousand models: how long it takes to load, and how long quotes wait while another
process's publications are taken in.

Quotes are asked for by several customers at once, each the next when the last is answered, on SQLite and on disk; each waits
for the event loop's turn as a request does. A swap is what a running server does: read, hash, compile, put into force.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from statistics import quantiles

from attrs import evolve

from bench.shop import offered_jobs
from bench.sizes import LARGE, sized
from repaircore import Core
from repaircore.adapters.storage.rulebooks import hashing, reading
from repaircore.domain.actors import GUEST
from repaircore.domain.pieces import at_once
from repaircore.domain.pricing.compiling import compiling
from repaircore.domain.pricing.publications import Publication
from repaircore.domain.pricing.quoting import QuoteRequest
from repaircore.domain.pricing.receipt import rulebook_to_json
from repaircore.ports.turns import lasting

_CUSTOMERS = 8
_SWAPS = 5
_WARM_UP = 0.5  # seconds


def loading() -> dict[str, float]:
    """Read and compile what is stored, its hash as well, in milliseconds of CPU time."""
    stored = rulebook_to_json(sized(LARGE).rulebook)
    with lasting():
        started = time.process_time()
        rulebook = at_once(reading(stored))
        read = time.process_time()
        at_once(compiling(rulebook, at_once(hashing(stored))))
        compiled = time.process_time()
    return {"load": (compiled - started) * 1000, "load_read": (read - started) * 1000}


async def swapping(core: Core) -> dict[str, float]:
    """Let customers ask for quotes, undisturbed and while rulebooks are taken in again and again. The 99th percentile of their
    waiting, in milliseconds."""
    requests = [
        QuoteRequest(device_id=device, items=tuple((service, 1) for service in services))
        for device, services in offered_jobs(core)
    ]
    versions = await _stored(core, 1 + _SWAPS)
    await _swap(core, versions.pop())
    async with _asking(core, requests):
        await asyncio.sleep(_WARM_UP)
    async with _asking(core, requests) as disturbed:
        started = time.perf_counter()
        for version in versions:
            await _swap(core, version)
        took = time.perf_counter() - started
    async with _asking(core, requests) as quiet:
        await asyncio.sleep(took)
    before, during = _p99(quiet), _p99(disturbed)
    return {"quiet_p99": before, "swap_p99": during, "swap_ratio": during / before}


@asynccontextmanager
async def _asking(core: Core, requests: Sequence[QuoteRequest]) -> AsyncIterator[list[float]]:
    waited: list[float] = []
    turn, going = cycle(requests), True

    async def customer() -> None:
        while going:
            started = time.perf_counter()
            await core.pricing.request(next(turn), by=GUEST)
            waited.append(time.perf_counter() - started)

    customers = [asyncio.create_task(customer()) for _ in range(_CUSTOMERS)]
    yield waited
    going = False
    await asyncio.gather(*customers)


async def _stored(core: Core, wanted: int) -> list[str]:
    """Store rulebooks that nobody knows of until they are published."""
    rulebook, versions = sized(LARGE).rulebook, [f"swap-{number}" for number in range(wanted)]
    async with core.providers.storage.unit_of_work() as work:
        for version in versions:
            work.rulebooks.add(evolve(rulebook, version=version), at=core.clock.now())
        await work.commit(now=True)
    return versions


async def _swap(core: Core, version: str) -> None:
    """Publish in another process's place, and take it in."""
    async with core.providers.storage.unit_of_work() as work:
        now, published = core.clock.now(), await work.rulebooks.publications()
        number = published[-1].number + 1
        work.rulebooks.publish(
            Publication(number=number, version=version, effective_from=now, published_at=now, approver="bench")
        )
        await work.commit(now=True)
    async with core.providers.storage.unit_of_work() as work:
        await core.pricing.prices.take_in(work)


def _p99(waited: Sequence[float]) -> float:
    return quantiles(waited, n=100)[98] * 1000
