"""`repaircore market …`."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter
from cyclopts.validators import Number

from repaircore.domain.actors import Actor, Role
from repaircore.domain.pricing.market import DatedSnapshot
from repaircore.entrypoints.cli.options import HERE, Json, Place
from repaircore.entrypoints.cli.output import write_json, write_table
from repaircore.entrypoints.cli.refusals import faults_in_full
from repaircore.wiring.opening import open_core

app = App(name="market", help="Keep and show snapshots of the market.", help_format="plaintext")

OPERATOR = Actor(Role.ADMIN, "command line")


@app.command(name="import")
def import_(file: Path, /, *, note: str = "", place: Place = HERE, json: Json = False) -> None:
    """Take in a file of snapshots, all of them or none.

    Parameters
    ----------
    file
        A CSV sheet with a column `at` and one for each figure, or a TOML file with `at` and `[figures]`.
    note
        Where the figures come from.
    """
    with faults_in_full("nothing is taken in"):
        taken = asyncio.run(_import(place, file, note))
    _tell(taken, json=json)


@app.command(name="list")
def list_(
    *, limit: Annotated[int, Parameter(validator=Number(gte=1, lte=1000))] = 20, place: Place = HERE, json: Json = False
) -> None:
    """List snapshots, newest first.

    Parameters
    ----------
    limit
        At most so many.
    """
    _tell(asyncio.run(_list(place, limit)), json=json)


@app.command
def show(*, place: Place = HERE, json: Json = False) -> None:
    """Show the snapshot that a quote would use now."""
    current = asyncio.run(_current(place))
    _tell([current] if current else [], json=json)


async def _import(place: Place, file: Path, note: str) -> list[DatedSnapshot]:
    from zoneinfo import ZoneInfo

    from repaircore.adapters.pricing.market import read_snapshots

    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        measured = read_snapshots(file, ZoneInfo(core.business.timezone))
        return list(await core.market.add_all(measured, by=OPERATOR, note=note or file.name))


async def _list(place: Place, limit: int) -> list[DatedSnapshot]:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        return list(await core.market.find(limit=limit))


async def _current(place: Place) -> DatedSnapshot | None:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        return await core.market.current()


def _tell(snapshots: list[DatedSnapshot], *, json: bool) -> None:
    if json:
        write_json([_row(snapshot) for snapshot in snapshots])
        return
    cells = [
        [each.id, each.at.isoformat(), each.source.value, ", ".join(f"{n} {f}" for n, f in each.figures.items())]
        for each in snapshots
    ]
    write_table(("id", "at", "source", "figures"), cells, empty="There is no such snapshot.")


def _row(snapshot: DatedSnapshot) -> dict[str, Any]:
    return {
        "id": snapshot.id,
        "at": snapshot.at.isoformat(),
        "figures": dict(snapshot.figures),
        "source": snapshot.source.value,
        "by": snapshot.by.id,
        "note": snapshot.note,
    }
