"""`repaircore catalog review`, `publish`, `rollback` and `versions`."""

import asyncio
from typing import Annotated

from cyclopts import Parameter
from msgspec import to_builtins

from repaircore.application.catalog.drafting import Review
from repaircore.domain.actors import Actor
from repaircore.domain.catalog.versions import CatalogueVersion
from repaircore.entrypoints.cli.catalog.commands import OPERATOR, administrator, app, moment, tell_review
from repaircore.entrypoints.cli.options import HERE, Json, Place
from repaircore.entrypoints.cli.output import write_json, write_table
from repaircore.entrypoints.cli.refusals import faults_in_full
from repaircore.entrypoints.http.schemas import catalogues
from repaircore.wiring.exchange import publish_drafts
from repaircore.wiring.opening import open_core


@app.command
def review(id: str, /, *, place: Place = HERE, json: Json = False) -> None:
    """Say what a draft would change.

    Parameters
    ----------
    id
        The draft's id.
    """
    tell_review(asyncio.run(_review(place, id)), json=json)


@app.command
def publish(
    id: str,
    /,
    *,
    rulebook: str = "",
    reason: str = "",
    effective: str = "",
    jumps_are_meant: Annotated[bool, Parameter(negative="")] = False,
    approver: str = OPERATOR,
    place: Place = HERE,
    json: Json = False,
) -> None:
    """Put a draft into force. Quotes that were given out keep the device as it was.

    Parameters
    ----------
    id
        The draft's id.
    rulebook
        The id of the rulebook's draft that the same import made: both come into force at one moment, or neither does.
    reason
        Why; without one, the draft's own.
    effective
        From when: a date, or a time with offset.
    jumps_are_meant
        Costs that jump by more than half are right.
    approver
        Who answers for it; it stays in the history.
    """
    by = administrator(approver)
    with faults_in_full("nothing is published"):
        made = asyncio.run(_publish(place, id, rulebook, reason, effective, jumps_are_meant, by))
    _tell([made], json=json)


@app.command
def rollback(*, reason: str, to: int = 0, approver: str = OPERATOR, place: Place = HERE, json: Json = False) -> None:
    """Put an earlier version into force again.

    Parameters
    ----------
    reason
        Why; it stays in the history.
    to
        The version's number; without one, the last that was different.
    approver
        Who answers for it; it stays in the history.
    """
    with faults_in_full("nothing is published"):
        made = asyncio.run(_roll_back(place, reason, to, administrator(approver)))
    _tell([made], json=json)


@app.command
def versions(*, place: Place = HERE, json: Json = False) -> None:
    """List every version, the newest first: who published it, when and why."""
    _tell(asyncio.run(_versions(place)), json=json)


async def _review(place: Place, id: str) -> Review:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        return await core.catalogues.draft.review(id)


async def _publish(
    place: Place, id: str, rulebook: str, reason: str, effective: str, jumps_are_meant: bool, approver: Actor
) -> CatalogueVersion:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        return await publish_drafts(
            core,
            id,
            rulebook,
            approver=approver,
            reason=reason,
            effective_from=moment(core, effective),
            jumps_are_meant=jumps_are_meant,
        )


async def _roll_back(place: Place, reason: str, to: int, approver: Actor) -> CatalogueVersion:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        return await core.catalogues.publish.roll_back(approver=approver, reason=reason, to=to)


async def _versions(place: Place) -> list[CatalogueVersion]:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        return list(await core.catalogues.versions())


def _tell(found: list[CatalogueVersion], *, json: bool) -> None:
    if json:
        write_json([to_builtins(catalogues.version(each)) for each in found])
        return
    rows = [
        [
            str(each.number),
            each.effective_from.isoformat(timespec="minutes"),
            each.source.value,
            each.approver.id,
            each.batch,
            each.reason,
        ]
        for each in found
    ]
    write_table(("number", "in force from", "source", "approver", "batch", "reason"), rows, empty="There are none.")
