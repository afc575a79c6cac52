"""`repaircore catalog prices`: who changed which price, when and why."""

import asyncio
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from msgspec import to_builtins

from repaircore.entrypoints.cli.catalog.commands import app
from repaircore.entrypoints.cli.options import HERE, Json, Place
from repaircore.entrypoints.cli.output import write_json, write_table
from repaircore.entrypoints.http.schemas import catalogues
from repaircore.ports.unit_of_work import PriceFilter, RecordedPrice
from repaircore.wiring.opening import open_core


@app.command
def prices(
    *,
    device: str = "",
    service: str = "",
    subject: str = "",
    batch: str = "",
    limit: Annotated[int, Parameter(validator=Number(gte=1, lte=10_000))] = 50,
    place: Place = HERE,
    json: Json = False,
) -> None:
    """List changes of prices and of parts' costs, the newest first: who, when, why, with which batch.

    Parameters
    ----------
    device
        Only this device's.
    service
        Only this service's.
    subject
        Only this price rule's, or this supplier's part's.
    batch
        Only what came with this delivery.
    limit
        At most so many.
    """
    wanted = PriceFilter(device=device, service=service, subject=subject, batch=batch)
    found = asyncio.run(_prices(place, wanted, limit))
    if json:
        write_json([to_builtins(catalogues.price_change(each)) for each in found])
        return
    rows = [
        [
            each.change.at.isoformat(timespec="minutes"),
            each.change.subject,
            str(each.change.before or "none"),
            str(each.change.after or "none"),
            each.change.by.id,
            each.change.batch,
            each.change.reason,
        ]
        for each in found
    ]
    write_table(("when", "what", "before", "after", "who", "batch", "why"), rows, empty="No price changed yet.")


async def _prices(place: Place, wanted: PriceFilter, limit: int) -> list[RecordedPrice]:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        return list(await core.catalogues.price_history(wanted, limit=limit))
