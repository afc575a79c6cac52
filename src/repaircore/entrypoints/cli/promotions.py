"""`repaircore promotions …`."""

import asyncio
from typing import Any

from cyclopts import App

from repaircore.application.pricing.promotions import PromotionState
from repaircore.entrypoints.cli.options import HERE, Json, Place
from repaircore.entrypoints.cli.output import write_json, write_table
from repaircore.wiring.opening import open_core

app = App(name="promotions", help="Show what is left of promotion codes.", help_format="plaintext")


@app.command(name="list")
def list_(*, place: Place = HERE, json: Json = False) -> None:
    """List the promotions of the rulebook in force, with how often each was used."""
    rows = [_row(state) for state in asyncio.run(_list(place))]
    if json:
        write_json(rows)
    else:
        cells = [[row["code"], str(row["used"]), str(row["uses"] or "any"), row["refusal"]] for row in rows]
        write_table(("code", "used", "of", "cannot be used"), cells, empty="There are no promotions.")


async def _list(place: Place) -> tuple[PromotionState, ...]:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        return await core.promotions.all()


def _row(state: PromotionState) -> dict[str, Any]:
    promotion = state.promotion
    return {
        "code": promotion.code,
        "used": state.used,
        "uses": promotion.uses,
        "per_customer": promotion.each,
        "first_order": promotion.first_order,
        "starts": promotion.starts.isoformat() if promotion.starts else None,
        "ends": promotion.ends.isoformat() if promotion.ends else None,
        "stackable": promotion.stackable,
        "refusal": state.refusal,
    }
