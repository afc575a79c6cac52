"""What prices depend on from day to day: market snapshots, promotions, and prices agreed by staff."""

from repaircore.domain.identity import QuoteId
from repaircore.entrypoints.http import cursors
from repaircore.entrypoints.http.callers import STAFF, Caller
from repaircore.entrypoints.http.rooms.quotes import margin_for
from repaircore.entrypoints.http.routes import Routes
from repaircore.entrypoints.http.schemas import offers, quotes
from repaircore.entrypoints.http.schemas.words import Limit, sane
from repaircore.wiring.core import Core

routes = Routes("Offers")

_SNAPSHOTS = "market_snapshots"


@routes.post("/v1/admin/market/snapshots", auth=STAFF, status=201, location="/v1/admin/market/snapshots/{id}")
async def measure(core: Core, caller: Caller, body: offers.NewSnapshot) -> offers.Snapshot:
    """Keep what was measured of the market; quotes use the newest snapshot that is not too old."""
    at = sane(body.at, "/at")
    return offers.snapshot(await core.market.add(body.figures, by=caller.actor, at=at, note=body.note))


@routes.get("/v1/admin/market", auth=STAFF)
async def market(core: Core) -> offers.Market:
    """Show the snapshot that a quote would use now."""
    current = await core.market.current()
    seconds = int(core.market.max_age.total_seconds())
    return offers.Market(snapshot=offers.snapshot(current) if current else None, max_age_seconds=seconds)


@routes.get("/v1/admin/market/snapshots", auth=STAFF)
async def snapshots(core: Core, limit: Limit = 20, cursor: str = "") -> offers.Snapshots:
    """List the snapshots, newest first."""
    found = await core.market.find(limit=limit + 1, after=cursors.position(_SNAPSHOTS, cursor))
    shown = found[:limit]
    following = cursors.of_position(_SNAPSHOTS, shown[-1].at, shown[-1].id) if len(found) > limit else None
    return offers.Snapshots(items=[offers.snapshot(each) for each in shown], next_cursor=following)


@routes.get("/v1/admin/market/snapshots/{snapshot_id}", auth=STAFF)
async def snapshot(core: Core, snapshot_id: str) -> offers.Snapshot:
    """Read a snapshot, such as the one that a quote names."""
    return offers.snapshot(await core.market.get(snapshot_id))


@routes.get("/v1/admin/promotions", auth=STAFF)
async def promotions(core: Core) -> offers.Promotions:
    """List the promotions of the rulebook in force, with how often each was used."""
    return offers.promotions(await core.promotions.all())


@routes.post("/v1/quotes/{quote_id}/override", auth=STAFF, status=201, location="/v1/quotes/{id}")
async def override(core: Core, caller: Caller, quote_id: str, body: offers.NewOverride) -> quotes.QuoteWithToken:
    """Agree on another price than the rules give: makes a new quote that `replaces` this one, which stays as it is.

    How much may be changed depends on the caller's role; 403 names who may. 409 `margin_too_low` needs an admin's approval.
    """
    agreed = await core.override(
        QuoteId(quote_id),
        tuple(price.agreed() for price in body.prices),
        reason=body.reason,
        expires_at=sane(body.expires_at, "/expires_at"),
        by=caller.actor,
        approval=body.margin_approval,
    )
    margin = await margin_for(core, caller, agreed)
    return quotes.show_new(agreed, core.clock.now(), core.access.token(agreed.id), margin)


@routes.post("/v1/quotes/{quote_id}/override/withdraw", auth=STAFF)
async def withdraw(core: Core, caller: Caller, quote_id: str, body: offers.Withdrawal) -> quotes.Quote:
    """End an agreed price early, with a reason that stays on record; the quote is expired from then on."""
    ended = await core.override.withdraw(QuoteId(quote_id), reason=body.reason, by=caller.actor)
    return quotes.show(ended, core.clock.now(), await margin_for(core, caller, ended))
