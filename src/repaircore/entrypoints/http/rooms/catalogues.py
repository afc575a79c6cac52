"""Changing the catalogue: taken in as a draft, looked at, published, rolled back; and the history of every price."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from repaircore.entrypoints.http import cursors
from repaircore.entrypoints.http.callers import ADMIN, STAFF, Caller
from repaircore.entrypoints.http.refusals import FieldError, InvalidRequest
from repaircore.entrypoints.http.routes import Routes
from repaircore.entrypoints.http.schemas import catalogues
from repaircore.entrypoints.http.schemas.words import Limit, sane
from repaircore.ports.catalog import FileProblems
from repaircore.ports.unit_of_work import PriceFilter
from repaircore.wiring.core import Core
from repaircore.wiring.exchange import Terms, import_files, import_price_list, publish_drafts

routes = Routes("Catalogue administration")

NOW = catalogues.Approval()
_HISTORY = "price_history"


@routes.get("/v1/admin/catalog/drafts", auth=STAFF)
async def drafts(core: Core, limit: Limit = 20) -> catalogues.Drafts:
    """List the newest drafts."""
    return catalogues.Drafts(items=[catalogues.draft(each) for each in await core.catalogues.draft.list(limit=limit)])


@routes.post("/v1/admin/catalog/imports", auth=STAFF, status=201)
async def take_in(core: Core, caller: Caller, body: catalogues.NewImport) -> catalogues.TakenIn:
    """Draft what these sheets and TOML files say, all or nothing; 422 names every fault by file, line and field.

    Prices and rules become the draft of a rulebook, which is published with the catalogue's draft, or as other rulebooks are.
    """
    terms = Terms(by=caller.actor, reason=body.reason, batch=body.batch)
    with _written(body.files) as files:
        done = await import_files(core, files, _unwatched, terms, replace=body.replace)
    review = catalogues.review(done.review) if done.review else None
    return catalogues.TakenIn(catalog=review, rulebook_draft=done.rulebook_draft or None)


@routes.post("/v1/admin/catalog/price-lists", auth=STAFF, status=201)
async def price_list(core: Core, caller: Caller, body: catalogues.NewPriceList) -> catalogues.Review:
    """Draft a supplier's new price list: what changed, what is new, what is gone, and which costs look wrong."""
    terms = Terms(by=caller.actor, reason=body.reason, batch=body.batch)
    with _written({"price-list.csv": body.csv}) as (file,):
        return catalogues.review(await import_price_list(core, body.supplier, file, _unwatched, terms))


@routes.get("/v1/admin/catalog/drafts/{draft_id}", auth=STAFF)
async def review(core: Core, draft_id: str) -> catalogues.Review:
    """Say what a draft would change."""
    return catalogues.review(await core.catalogues.draft.review(draft_id))


@routes.post("/v1/admin/catalog/drafts/{draft_id}/publish", auth=ADMIN)
async def publish(core: Core, caller: Caller, draft_id: str, body: catalogues.Approval = NOW) -> catalogues.Version:
    """Put a draft into force, now or later; the caller is its approver. Quotes given out keep the device as it was.

    With `rulebook_draft` that rulebook comes into force at the same moment, or neither does. 409 when another version was
    published since it was drafted, or when costs jump and nobody said that they are meant.
    """
    done = await publish_drafts(
        core,
        draft_id,
        body.rulebook_draft,
        approver=caller.actor,
        reason=body.reason,
        effective_from=sane(body.effective_from, "/effective_from"),
        jumps_are_meant=body.jumps_are_meant,
    )
    return catalogues.version(done)


@routes.get("/v1/admin/catalog/versions", auth=STAFF)
async def versions(core: Core, limit: Limit = 20, cursor: str = "") -> catalogues.Versions:
    """List every version of the catalogue, the newest first."""
    found = await core.catalogues.versions()
    shown, following = cursors.page(
        "catalogue_versions", found, limit=limit, cursor=cursor, key=lambda each: str(each.number)
    )
    return catalogues.Versions(items=[catalogues.version(each) for each in shown], next_cursor=following)


@routes.post("/v1/admin/catalog/rollback", auth=ADMIN)
async def roll_back(core: Core, caller: Caller, body: catalogues.Return) -> catalogues.Version:
    """Put an earlier version into force again, by one more version."""
    done = await core.catalogues.publish.roll_back(approver=caller.actor, reason=body.reason, to=body.to)
    return catalogues.version(done)


@routes.get("/v1/admin/catalog/price-history", auth=STAFF)
async def price_history(
    core: Core,
    device_id: str = "",
    service_id: str = "",
    subject: str = "",
    batch: str = "",
    limit: Limit = 20,
    cursor: str = "",
) -> catalogues.PriceHistory:
    """List changes of prices and of parts' costs, the newest first: who, when, why, with which batch."""
    wanted = PriceFilter(device=device_id, service=service_id, subject=subject, batch=batch)
    before = int(cursors.read(_HISTORY, cursor)) if cursor else None
    found = await core.catalogues.price_history(wanted, limit=limit + 1, before=before)
    shown = found[:limit]
    following = cursors.write(_HISTORY, str(shown[-1].position)) if len(found) > limit else None
    return catalogues.PriceHistory(items=[catalogues.price_change(each) for each in shown], next_cursor=following)


@contextmanager
def _written(files: Mapping[str, str]) -> Iterator[list[Path]]:
    """Put texts into files for as long as they are read; faults are told at the file they are in."""
    with TemporaryDirectory() as folder:
        written = []
        for name, text in files.items():
            path = Path(folder) / name
            if path.name != name or path.suffix not in (".csv", ".toml"):
                fault = FieldError("/files", f"{name!r} is not the plain name of a .csv or .toml file", "invalid_name")
                raise InvalidRequest((fault,))
            path.write_text(text, encoding="utf-8", newline="")
            written.append(path)
        try:
            yield written
        except FileProblems as problems:
            faults = (FieldError(f"/files/{each.file}", str(each), "invalid_file") for each in problems.findings)
            raise InvalidRequest(tuple(faults)) from None


def _unwatched(read: int) -> None:
    """Nobody watches a bar here."""
