"""`repaircore catalog import`, `export` and `price-list`."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from msgspec import to_builtins

from repaircore.adapters.catalog.exports import Format, rooms_of
from repaircore.application.catalog.drafting import Review
from repaircore.domain.errors import InvalidValue
from repaircore.entrypoints.cli.catalog.commands import (
    OPERATOR,
    administrator,
    app,
    moment,
    tell_review,
)
from repaircore.entrypoints.cli.options import HERE, Json, Place
from repaircore.entrypoints.cli.output import counting, write_json
from repaircore.entrypoints.cli.refusals import faults_in_full
from repaircore.entrypoints.http.schemas import catalogues
from repaircore.wiring.exchange import (
    TakenIn,
    Terms,
    export_files,
    import_files,
    import_price_list,
    publish_import,
)
from repaircore.wiring.opening import open_core


class _Bar:
    """Adds up what is told in pieces, for a bar that wants to know how much of how much is done."""

    def __init__(self, of: int, show: Callable[[int, int], None]) -> None:
        self.done, self.of, self.show = 0, of, show

    def __call__(self, more: int) -> None:
        before, self.done = self.done, self.done + more
        if before * 200 // max(self.of, 1) != self.done * 200 // max(self.of, 1):
            self.show(min(self.done, self.of), self.of)


@app.command(name="import")
def import_(
    *files: Path,
    reason: str,
    batch: str = "",
    replace: Annotated[bool, Parameter(negative="")] = False,
    publish: Annotated[bool, Parameter(negative="")] = False,
    effective: str = "",
    jumps_are_meant: Annotated[bool, Parameter(negative="")] = False,
    actor: str = OPERATOR,
    place: Place = HERE,
    json: Json = False,
) -> None:
    """Take in categories, services, aliases, devices, parts, prices and rules from CSV sheets and TOML files: all or nothing.

    Without --publish it is a draft: look at it, then `catalog publish ID --rulebook ID`, or `rulebook publish ID` for prices alone.

    Parameters
    ----------
    files
        Sheets are known by their columns, TOML tables by their names.
    reason
        Why; it stays in the history.
    batch
        What to call this delivery in the history.
    replace
        What a room's files do not name is gone from that room.
    publish
        Put it into force.
    effective
        From when: a date, or a time with offset.
    jumps_are_meant
        Costs that jump by more than half are right.
    actor
        Who hands it in, and with --publish answers for it; it stays in the history.
    """
    terms = Terms(by=administrator(actor), reason=reason, batch=batch)
    if not files:
        raise InvalidValue("name at least one file to take in")
    with faults_in_full("nothing is taken in"):
        done = asyncio.run(_import(place, files, terms, replace, publish, effective, jumps_are_meant))
    if json:
        shown = to_builtins(catalogues.review(done.review)) if done.review else None
        write_json({"catalog": shown, "rulebook_draft": done.rulebook_draft, "published": publish})
        return
    if done.review:
        tell_review(done.review, json=False)
    if done.rulebook:
        print(f"Rulebook draft {done.rulebook_draft}: version {done.rulebook.version}.")
    print("Published." if publish else f"Nothing is published yet. To do it: {_approval(done)}")


def _approval(done: TakenIn) -> str:
    """Answer the command that approves all of an import."""
    if done.review is None:
        return f'repaircore rulebook publish {done.rulebook_draft} --approver "…"'
    together = f" --rulebook {done.rulebook_draft}" if done.rulebook_draft else ""
    return f"repaircore catalog publish {done.review.draft.id}{together}"


@app.command
def export(to: Path, /, *, format: Format = Format.CSV, place: Place = HERE, json: Json = False) -> None:
    """Write the catalogue, the price list and the rules in force, in the form in which `catalog import` takes them in.

    Parameters
    ----------
    to
        The folder; it is made where there is none.
    format
        Sheets, or one TOML file.
    """
    written = asyncio.run(_export(place, to, format))
    if json:
        write_json([str(file) for file in written])
    else:
        print("\n".join(f"Wrote {file}" for file in written))


@app.command(name="price-list")
def price_list(
    supplier: str,
    file: Path,
    /,
    *,
    reason: str,
    batch: str = "",
    actor: str = OPERATOR,
    place: Place = HERE,
    json: Json = False,
) -> None:
    """Draft a supplier's new price list, and say what it changes: `catalog publish ID` approves it.

    Parameters
    ----------
    supplier
        Whose list it is.
    file
        A CSV sheet: supplier_part, device, service, grade, cost, date.
    reason
        Why; it stays in the history.
    batch
        What to call this delivery in the history.
    actor
        Who hands it in; it stays in the history.
    """
    terms = Terms(by=administrator(actor), reason=reason, batch=batch)
    with faults_in_full("nothing is taken in"):
        review = asyncio.run(_price_list(place, supplier, file, terms))
    tell_review(review, json=json)


async def _import(
    place: Place,
    files: tuple[Path, ...],
    terms: Terms,
    replace: bool,
    publish: bool,
    effective: str,
    jumps_are_meant: bool,
) -> TakenIn:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        at = moment(core, effective)
        with counting("Reading") as show:
            done = await import_files(core, files, _Bar(_size(files), show), terms, replace=replace)
        if publish:
            await publish_import(core, done, terms, effective_from=at, jumps_are_meant=jumps_are_meant)
        return done


async def _export(place: Place, to: Path, format: Format) -> list[Path]:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        prices = core.pricing.prices
        rooms = rooms_of(prices.catalogue, prices.base(core.clock.now()))
        with counting("Writing") as show:
            return export_files(core, to, format, _Bar(sum(map(len, rooms.values())), show))


async def _price_list(place: Place, supplier: str, file: Path, terms: Terms) -> Review:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        with counting("Reading") as show:
            return await import_price_list(core, supplier, file, _Bar(_size([file]), show), terms)


def _size(files: Sequence[Path]) -> int:
    return sum(file.stat().st_size for file in files if file.is_file())
