"""The rooms, as clients see them, and all their routes."""

from collections.abc import AsyncIterator

from aiohttp import web

from repaircore.entrypoints.http.app import serving
from repaircore.entrypoints.http.gate import Gate
from repaircore.entrypoints.http.rooms import (
    bookings,
    catalog,
    catalogues,
    moves,
    offers,
    payments,
    quotes,
    rulebooks,
    service,
    tracking,
)
from repaircore.entrypoints.logs import JsonLog
from repaircore.wiring.core import Core

ROUTES = (
    *service.routes,
    *catalog.routes,
    *catalogues.routes,
    *quotes.routes,
    *offers.routes,
    *rulebooks.routes,
    *bookings.routes,
    *moves.routes,
    *tracking.routes,
    *payments.routes,
)


def application(core: Core, *, log: JsonLog | None = None) -> web.Application:
    """Build the application that serves a business over its core, and follows what other processes publish."""
    app = serving(core, ROUTES, log=log, gate=Gate(core.limiting))

    async def following(app: web.Application) -> AsyncIterator[None]:
        async with core.following():
            yield

    app.cleanup_ctx.append(following)
    return app
