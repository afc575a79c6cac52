"""Rulebooks: handed in, looked into, compared, simulated, published, rolled back."""

import asyncio

from repaircore.domain.pricing.rules import Rulebook
from repaircore.entrypoints.http import cursors
from repaircore.entrypoints.http.callers import ADMIN, STAFF, Caller
from repaircore.entrypoints.http.refusals import FieldError, InvalidRequest
from repaircore.entrypoints.http.routes import Routes
from repaircore.entrypoints.http.schemas import rulebooks
from repaircore.entrypoints.http.schemas.words import Limit, sane
from repaircore.ports.catalog import FileProblems
from repaircore.wiring.core import Core
from repaircore.wiring.rulebooks import read_handed_in

routes = Routes("Rulebooks")

A_THOUSAND, NOW = rulebooks.Sample(), rulebooks.NewPublication()


@routes.get("/v1/admin/rulebooks", auth=STAFF)
async def published(core: Core, limit: Limit = 20, cursor: str = "") -> rulebooks.Publications:
    """List what was published, newest first, and say which of it is in force."""
    found, current = await core.rulebooks.publications()
    shown, following = cursors.page(
        "publications", found, limit=limit, cursor=cursor, key=lambda each: str(each.number)
    )
    return rulebooks.Publications(items=[rulebooks.publication(each, current) for each in shown], next_cursor=following)


@routes.post("/v1/admin/rulebooks", auth=ADMIN, status=201, location="/v1/admin/rulebooks/{id}")
async def upload(core: Core, caller: Caller, body: rulebooks.NewRulebook) -> rulebooks.RulebookSummary:
    """Hand in a rulebook as a draft; nothing is published. The same content again is the same draft.

    422 names every fault by file, line and field.
    """
    rulebook = await asyncio.to_thread(_read, core, body)
    draft = await core.rulebooks.upload(rulebook, by=caller.actor.id)
    return rulebooks.summary(draft.id, rulebook)


@routes.get("/v1/admin/rulebooks/{rulebook_id}", auth=STAFF)
async def read(core: Core, rulebook_id: str) -> rulebooks.RulebookSummary:
    """Read a draft by its id, or a published rulebook by its version."""
    return rulebooks.summary(rulebook_id, await core.rulebooks.find(rulebook_id))


@routes.get("/v1/admin/rulebooks/{rulebook_id}/check", auth=STAFF)
async def check(core: Core, rulebook_id: str) -> rulebooks.Inspection:
    """Find every fault and whatever is worth a look: ties, overlaps, gaps, rules that never apply, steps the wrong way."""
    rulebook = await core.rulebooks.find(rulebook_id)
    return rulebooks.inspection(await asyncio.to_thread(core.rulebooks.check, rulebook))


@routes.get("/v1/admin/rulebooks/{rulebook_id}/diff", auth=STAFF)
async def diff(core: Core, rulebook_id: str, against: str = "") -> rulebooks.Difference:
    """Compare with another rulebook (without one: with the one in force), from that one to this one."""
    new = await core.rulebooks.find(rulebook_id)
    old = await core.rulebooks.find(against) if against else core.rulebooks.in_force()
    return rulebooks.difference(await asyncio.to_thread(core.rulebooks.diff, old, new))


@routes.post("/v1/admin/rulebooks/{rulebook_id}/simulate", auth=STAFF)
async def simulate(core: Core, rulebook_id: str, body: rulebooks.Sample = A_THOUSAND) -> rulebooks.Simulation:
    """Price the last real quotes once more under this rulebook: who would pay more or less. Nothing is stored."""
    rulebook = await core.rulebooks.find(rulebook_id)
    return rulebooks.simulation(await core.rulebooks.simulate(rulebook, last=body.last))


@routes.post("/v1/admin/rulebooks/{rulebook_id}/publish", auth=ADMIN)
async def publish(
    core: Core, caller: Caller, rulebook_id: str, body: rulebooks.NewPublication = NOW
) -> rulebooks.Publication:
    """Put a draft into force; the caller is its approver. 422 when it has errors; quotes given out keep their version.

    409 when this content, or other content under this version, was published before.
    """
    rulebook = await core.rulebooks.find(rulebook_id)
    done = await core.publish.anew(
        rulebook,
        effective_from=sane(body.effective_from, "/effective_from"),
        approver=caller.actor.id,
        note=body.note,
    )
    return rulebooks.publication(done, core.rulebooks.current())


@routes.post("/v1/admin/rulebooks/{version}/rollback", auth=ADMIN)
async def roll_back(
    core: Core, caller: Caller, version: str, body: rulebooks.NewPublication = NOW
) -> rulebooks.Publication:
    """Put a version that was published before into force again, now or at a moment to come."""
    done = await core.rulebooks.roll_back(
        version,
        effective_from=sane(body.effective_from, "/effective_from"),
        approver=caller.actor.id,
        note=body.note,
    )
    return rulebooks.publication(done, core.rulebooks.current())


def _read(core: Core, body: rulebooks.NewRulebook) -> Rulebook:
    try:
        return read_handed_in(body.toml, body.sheets, core.rulebooks.prices.catalogue, currency=core.business.currency)
    except FileProblems as problems:
        faults = (FieldError(_pointer(each.file), str(each), "invalid_file") for each in problems.findings[:100])
        raise InvalidRequest(tuple(faults)) from None


def _pointer(file: str) -> str:
    return f"/sheets/{file}" if file.endswith(".csv") else "/toml"
