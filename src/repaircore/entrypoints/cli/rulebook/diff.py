"""`repaircore rulebook diff`."""

import asyncio

import msgspec

from repaircore.domain.pricing.review.changes import Changes, FieldChange
from repaircore.domain.pricing.review.difference import Difference
from repaircore.entrypoints.cli.options import HERE, Json, Place
from repaircore.entrypoints.cli.output import write_json
from repaircore.entrypoints.cli.refusals import faults_in_full
from repaircore.entrypoints.cli.rulebook.commands import app, named, opened
from repaircore.entrypoints.http.schemas import rulebooks

_SHOWN = 200


@app.command
def diff(a: str, b: str = "", /, *, place: Place = HERE, json: Json = False) -> None:
    """Compare two rulebooks: what was written, and which prices change in which situation.

    Parameters
    ----------
    a
        A published version, a draft's id, or a file.
    b
        Likewise; without it, the business's own file.
    """
    with faults_in_full("nothing is compared"):
        found = asyncio.run(_difference(place, a, b))
    if json:
        write_json(msgspec.to_builtins(rulebooks.difference(found)))
    else:
        _write(found)


async def _difference(place: Place, a: str, b: str) -> Difference:
    async with opened(place) as core:
        return core.rulebooks.diff(await named(core, place, a), await named(core, place, b))


def _write(found: Difference) -> None:
    if not found.changes:
        print("They say the same.")
        return
    _write_changes(found.changes)
    if found.prices:
        print(f"\nPrices ({len(found.prices)} changes)")
        for change in found.prices[:_SHOWN]:
            print(f"  {change}")
    else:
        print("\nNo price changes.")
    if len(found.prices) > _SHOWN:
        print(f"  and {len(found.prices) - _SHOWN} more: --json lists them all")
    if found.left:
        print(f"  {found.left:,} more situations were not priced.")


def _write_changes(changes: Changes) -> None:
    for setting in changes.settings:
        print(f"setting {_shown(setting)}")
    for rule in changes.rules:
        print(f"{rule.kind} {rule.rule_id}{f'  ({rule.place})' if rule.place else ''}")
        for field in rule.fields:
            print(f"    {_shown(field)}")


def _shown(field: FieldChange) -> str:
    if field.before and field.after:
        return f"{field.field}: {field.before} → {field.after}"
    return f"{field.field}: {field.after}" if field.after else f"{field.field}: no longer {field.before}"
