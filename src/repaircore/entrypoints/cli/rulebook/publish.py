"""`repaircore rulebook publish`, `rollback` and `list`."""

import asyncio
from collections.abc import Sequence

import msgspec

from repaircore.domain.pricing.publications import Publication
from repaircore.entrypoints.cli.options import HERE, Json, Place
from repaircore.entrypoints.cli.output import write_json, write_table
from repaircore.entrypoints.cli.refusals import faults_in_full
from repaircore.entrypoints.cli.rulebook.commands import app, moment, named, opened
from repaircore.entrypoints.http.schemas import rulebooks


@app.command
def publish(
    rulebook: str = "",
    /,
    *,
    approver: str,
    effective: str = "",
    note: str = "",
    place: Place = HERE,
    json: Json = False,
) -> None:
    """Put a rulebook into force. One with errors is refused; quotes that were given out keep their version.

    Parameters
    ----------
    rulebook
        A file or a draft's id; without it, the business's own file.
    approver
        Who answers for it.
    effective
        From when: a date (its midnight in the business's zone) or a time with offset. Without it, as the file says, or now.
    note
        Why.
    """
    with faults_in_full("nothing is published"):
        made = asyncio.run(_publish(place, rulebook, effective, approver, note))
    _tell(made, json=json)


@app.command
def rollback(
    version: str = "",
    /,
    *,
    approver: str,
    effective: str = "",
    note: str = "",
    place: Place = HERE,
    json: Json = False,
) -> None:
    """Put an earlier rulebook into force again. A running server follows within seconds.

    Parameters
    ----------
    version
        Which; without it, the one before the one in force.
    approver
        Who answers for it.
    effective
        From when; without it, now.
    note
        Why.
    """
    _tell(asyncio.run(_roll_back(place, version, effective, approver, note)), json=json)


@app.command(name="list")
def list_(*, place: Place = HERE, json: Json = False) -> None:
    """List what was published when and by whom, newest first, and which of it is in force."""
    publications, current = asyncio.run(_list(place))
    if json:
        write_json([msgspec.to_builtins(rulebooks.publication(each, current)) for each in publications])
        return
    rows = [
        [
            str(each.number),
            each.version + (" (in force)" if each == current else ""),
            each.effective_from.isoformat(timespec="minutes"),
            each.published_at.isoformat(timespec="minutes"),
            each.approver,
            f"instead of {each.rolls_back}. {each.note}" if each.rolls_back else each.note,
        ]
        for each in publications
    ]
    write_table(("", "version", "effective", "published", "approver", "note"), rows, empty="Nothing is published yet.")


async def _publish(place: Place, name: str, effective: str, approver: str, note: str) -> Publication:
    async with opened(place) as core:
        return await core.publish.anew(
            await named(core, place, name), effective_from=moment(core, effective), approver=approver, note=note
        )


async def _roll_back(place: Place, version: str, effective: str, approver: str, note: str) -> Publication:
    async with opened(place) as core:
        return await core.rulebooks.roll_back(
            version, effective_from=moment(core, effective), approver=approver, note=note
        )


async def _list(place: Place) -> tuple[Sequence[Publication], Publication | None]:
    async with opened(place) as core:
        return await core.rulebooks.publications()


def _tell(publication: Publication, *, json: bool) -> None:
    if json:
        write_json(msgspec.to_builtins(rulebooks.publication(publication, None)))
    else:
        at = publication.effective_from.isoformat(timespec="minutes")
        print(f"Rulebook {publication.version} is in force from {at}; approved by {publication.approver}.")
