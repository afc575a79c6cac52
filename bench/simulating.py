"""`rulebook simulate` over many stored quotes: how long it takes, and how much memory it comes to need.

`python -m bench.simulating FOLDER` simulates a rulebook with dearer urgent work over the last ten thousand quotes and then over
a hundred thousand, in one process, and writes one JSON object. Peak memory never falls, so what the second adds shows whether
memory grows with the number of quotes. Quotes that are missing from the folder's database are made first, by another process.
"""

import asyncio
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from attrs import evolve

from bench.shop import CONFIG
from bench.sizes import SMALL, sized
from repaircore import Core, open_core
from repaircore.domain.identity import QuoteId
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.quoting import hold, validity
from repaircore.domain.pricing.rules import Rulebook, Stage

FEW, MANY = 10_000, 100_000
_TOGETHER = 500
_ONLY_FILL = "--fill"


async def simulated(folder: Path) -> dict[str, float]:
    """Measure both, in CPU seconds and MiB. Raises Incomplete when a quote was not counted."""
    async with open_core(CONFIG, data_dir=folder) as core:
        candidate = dearer(core.pricing.prices.current(core.clock.now()).rulebook)
        await _over(core, candidate, FEW)
        before = _peak()
        seconds = await _over(core, candidate, MANY)
        return {"simulate": seconds, "simulate_memory": _peak() - before}


def dearer(rulebook: Rulebook) -> Rulebook:
    """Answer the rulebook with everything that is urgent a tenth dearer."""
    rules = tuple(
        evolve(rule, value=rule.value * 11 / 10) if rule.stage is Stage.URGENCY else rule for rule in rulebook.rules
    )
    return evolve(rulebook, version=f"{rulebook.version}-dearer", rules=rules)


class Incomplete(Exception):
    """Fewer quotes were simulated than are stored: the time would mean nothing."""


async def _over(core: Core, candidate: Rulebook, wanted: int) -> float:
    started = time.process_time()
    found = await core.rulebooks.simulate(candidate, last=wanted)
    seconds = time.process_time() - started
    if found.total.count != wanted or not found.total.more:
        raise Incomplete(f"{found.total.count} of {wanted}, {found.total.more} of them dearer")
    return seconds


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def fill(folder: Path) -> None:
    """Store as many quotes as are wanted, unless they are there."""
    async with open_core(CONFIG, data_dir=folder) as core:
        if await _has_any(core):
            return
        quotes = _quotes(core)
        for _ in range(MANY // _TOGETHER):
            async with core.providers.storage.unit_of_work() as work:
                for quote in islice(quotes, _TOGETHER):
                    work.quotes.add(quote)
                await work.commit()


async def _has_any(core: Core) -> bool:
    async with core.providers.storage.unit_of_work() as work:
        return bool(await work.quotes.after("", limit=1))


def _quotes(core: Core) -> Iterator[Quote]:
    now = core.clock.now()
    compiled = core.pricing.prices.current(now)
    for facts in sized(SMALL).jobs(MANY):
        until = now + validity(compiled.rulebook, facts.urgency)
        yield hold(compiled, facts, id=QuoteId(core.ids.new("qt")), at=now, until=until)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    if sys.argv[2:] == [_ONLY_FILL]:
        asyncio.run(fill(place))
    else:
        subprocess.run([sys.executable, "-m", "bench.simulating", str(place), _ONLY_FILL], check=True)
        print(json.dumps(asyncio.run(simulated(place))))
