"""`rulebook simulate` over many stored quotes: how long it takes, and how much memory it comes to need.

`python -m bench.simulating FOLDER` simulates a rulebook with dearer urgent work over the last ten thousand quotes and then over
a hundred thousand, and writes one JSON object. It does so twice, each in a process of its own: over jobs that recur as those of
a shop do, and over as many jobs of which no two need be alike, the worst case for an engine that remembers. Peak memory never
falls, so what the hundred thousand add to it shows whether it grows with their number. Quotes that the folder does not have yet
are made first.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from attrs import evolve

from bench.shop import CONFIG, ENVIRONMENT
from bench.sizes import SMALL, sized
from repaircore import Core, open_core
from repaircore.domain.identity import QuoteId
from repaircore.domain.pricing.quote import Quote
from repaircore.domain.pricing.quoting import hold, validity
from repaircore.domain.pricing.rules import Rulebook, Stage

FEW, MANY = 10_000, 100_000
RECURRING, DIFFERENT = "recurring", "different"
_JOBS = {RECURRING: 5_000, DIFFERENT: MANY}
_NAMES = {RECURRING: "simulate", DIFFERENT: "simulate_different"}
_TOGETHER = 500
_FILL, _SIMULATE = "fill", "simulate"


def measured(folder: Path) -> dict[str, float]:
    """Measure both kinds of jobs, in CPU seconds and MiB."""
    told: dict[str, float] = {}
    for kind, name in _NAMES.items():
        _alone(_FILL, kind, folder)
        seconds, memory = json.loads(_alone(_SIMULATE, kind, folder))
        told |= {name: seconds, f"{name}_memory": memory}
    return told


async def simulated(folder: Path) -> tuple[float, float]:
    """Simulate over the folder's quotes; answer seconds and memory. Raises Incomplete when a quote was not counted."""
    async with open_core(CONFIG, data_dir=folder) as core:
        candidate = dearer(core.pricing.prices.current(core.clock.now()).rulebook)
        await _over(core, candidate, FEW)
        before = _peak()
        seconds = await _over(core, candidate, MANY)
        return seconds, _peak() - before


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


async def fill(folder: Path, different: int) -> None:
    """Store as many quotes as are wanted, of that many jobs, unless they are there."""
    async with open_core(CONFIG, data_dir=folder) as core:
        if await _has_any(core):
            return
        quotes = _quotes(core, different)
        for _ in range(MANY // _TOGETHER):
            async with core.providers.storage.unit_of_work() as work:
                for quote in islice(quotes, _TOGETHER):
                    work.quotes.add(quote)
                await work.commit()


async def _has_any(core: Core) -> bool:
    async with core.providers.storage.unit_of_work() as work:
        return bool(await work.quotes.after("", limit=1))


def _quotes(core: Core, different: int) -> Iterator[Quote]:
    now = core.clock.now()
    compiled = core.pricing.prices.current(now)
    for facts in cycle(sized(SMALL).jobs(different)):
        until = now + validity(compiled.rulebook, facts.urgency)
        yield hold(compiled, facts, id=QuoteId(core.ids.new("qt")), at=now, until=until)


def _alone(task: str, kind: str, folder: Path) -> bytes:
    place = folder / kind
    place.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "bench.simulating", str(place), task, kind]
    return subprocess.run(command, check=True, capture_output=True, env={**os.environ, **ENVIRONMENT}).stdout


if __name__ == "__main__":
    match sys.argv[1:]:
        case [folder, task, kind] if task == _FILL:
            asyncio.run(fill(Path(folder), _JOBS[kind]))
        case [folder, task, _] if task == _SIMULATE:
            print(json.dumps(asyncio.run(simulated(Path(folder)))))
        case [folder]:
            print(json.dumps(measured(Path(folder))))
