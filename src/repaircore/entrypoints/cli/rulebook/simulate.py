"""`repaircore rulebook simulate`."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter
from cyclopts.validators import Number

from repaircore.domain.money import Money
from repaircore.domain.pricing.review.difference import shown
from repaircore.domain.pricing.review.simulation import Simulation, Sums
from repaircore.entrypoints.cli import histogram
from repaircore.entrypoints.cli.options import HERE, Json, Place
from repaircore.entrypoints.cli.output import counting, write_json, write_table
from repaircore.entrypoints.cli.refusals import faults_in_full
from repaircore.entrypoints.cli.rulebook.commands import app, named, opened
from repaircore.entrypoints.http.schemas import rulebooks

_SHOWN = 20


@app.command
def simulate(
    rulebook: str = "",
    /,
    *,
    last: Annotated[int, Parameter(validator=Number(gte=1))] = 1000,
    from_: Annotated[Path | None, Parameter(name="--from")] = None,
    png: Path | None = None,
    place: Place = HERE,
    json: Json = False,
) -> None:
    """Price real quotes once more under a rulebook: who would pay more or less. Nothing is stored.

    Parameters
    ----------
    rulebook
        A file, a draft's id or a version; without it, the business's own file.
    last
        How many of the quotes given out last.
    from_
        Jobs from a CSV instead (device, service, quantity, urgency, …, at), compared with the rulebook in force.
    png
        Where to draw the histogram.
    """
    with faults_in_full("nothing is simulated"):
        found = asyncio.run(_simulated(place, rulebook, last, from_))
    if png is not None:
        histogram.png(found.histogram, png)
    if json:
        write_json(msgspec.to_builtins(rulebooks.simulation(found)))
    else:
        _write(found)


async def _simulated(place: Place, name: str, last: int, jobs: Path | None) -> Simulation:
    async with opened(place) as core:
        candidate = await named(core, place, name)
        with counting(f"Pricing under {candidate.version}") as advance:
            if jobs is None:
                return await core.rulebooks.simulate(candidate, last=last, progress=lambda done: advance(done, last))
            from repaircore.adapters.pricing.jobs import read_jobs

            prices, now = core.rulebooks.prices, core.clock.now()
            books = (prices.current(now).rulebook, candidate)
            asked = read_jobs(jobs, prices.catalogue, books, core.business.zone, now)
            return core.rulebooks.simulate.over(candidate, asked, lambda done: advance(done, done))


def _write(found: Simulation) -> None:
    total = found.total
    print(
        f"{total.count:,} quotes: {total.more:,} pay more, {total.less:,} less, "
        f"{total.count - total.more - total.less:,} the same; {found.not_offered:,} not offered any more."
    )
    print(f"Together {_money(total.before, found)} → {_money(total.after, found)} ({_change(total, found)})\n")
    print("\n".join(histogram.text(found.histogram)))
    for kind, sums in found.segments.items():
        _write_sums(kind.replace("_", " "), sums, found)
    _write_sums("rule", found.rules, found)
    for title, cases in (("dearest", found.dearest), ("cheapest", found.cheapest)):
        rows = [[case.id, _money(case.before, found), _money(case.after, found)] for case in cases]
        if rows:
            print()
            write_table((title, "before", "after"), rows, empty="")


def _write_sums(kind: str, sums: Mapping[str, Sums], found: Simulation) -> None:
    if not sums:
        return
    largest = sorted(sums.items(), key=lambda each: -abs(each[1].after - each[1].before))
    rows = [
        [word or "(none)", f"{each.count:,}", f"{each.more:,}", f"{each.less:,}", _change(each, found)]
        for word, each in largest[:_SHOWN]
    ]
    print()
    write_table((kind, "quotes", "more", "less", "change"), rows, empty="")
    if len(largest) > _SHOWN:
        print(f"and {len(largest) - _SHOWN} more: --json lists them all")


def _change(sums: Sums, found: Simulation) -> str:
    change = sums.after - sums.before
    percent = f", {100 * change / sums.before:+.1f} %" if sums.before else ""
    return f"{'+' if change > 0 else ''}{_money(change, found)}{percent}"


def _money(amount: int, found: Simulation) -> str:
    return shown(Money(amount, found.currency))
