"""The server itself: alive, ready, measured, described."""

from functools import cache

from aiohttp import web

from repaircore.entrypoints.http.metrics import CONTENT_TYPE, Metrics
from repaircore.entrypoints.http.pages import page
from repaircore.entrypoints.http.refusals import NotReady
from repaircore.entrypoints.http.routes import Routes
from repaircore.entrypoints.http.schemas.service import Health, Readiness, ReadinessCheck
from repaircore.ports.errors import PortError
from repaircore.wiring.core import Core

routes = Routes("Service")

_ALIVE = Health(status="ok")


@routes.get("/health", is_limited=False)
async def health() -> Health:
    """Say that the process answers."""
    return _ALIVE


@routes.get("/ready", is_limited=False, statuses={503: "The core cannot do its work; `checks` says what is wrong."})
async def ready(core: Core) -> Readiness:
    """Say whether requests should be sent here: database, migrations, worker, providers."""
    readiness = await core.operations.readiness()
    checks = [
        ReadinessCheck(name=check.name, ok=check.ok, detail=check.detail, degraded=check.degraded)
        for check in readiness.checks
    ]
    if not readiness.ok:
        failing = ", ".join(check.name for check in checks if not check.ok)
        told = [{"name": check.name, "ok": check.ok, "detail": check.detail} for check in checks]
        raise NotReady(f"not ready: {failing}", headers={"Retry-After": "5"}, checks=told)
    return Readiness(status="degraded" if readiness.degraded else "ready", checks=checks)


@routes.get("/metrics", is_limited=False)
async def metrics(core: Core, metrics: Metrics) -> web.Response:
    """Give counts and durations of requests and the jobs' lag, in the Prometheus text format."""
    try:
        lag = await core.operations.lag()
    except PortError:
        lag = None
    return web.Response(body=metrics.render(lag), headers={"Content-Type": CONTENT_TYPE})


@routes.get("/openapi.json")
async def openapi() -> web.Response:
    """Describe this API in OpenAPI 3.1, generated from the code's own types."""
    return web.Response(body=_openapi(), headers={"Content-Type": "application/json", "Cache-Control": "no-cache"})


@routes.get("/docs")
async def docs() -> web.Response:
    """Show this description as a page on which requests can be tried; it needs nothing from anywhere else."""
    return page("docs.html")


@routes.get("/pages/{name}")
async def page_part(name: str) -> web.Response:
    """Give a page's style or script."""
    return page(name)


@cache
def _openapi() -> bytes:
    from repaircore.entrypoints.http.openapi import written

    return written()
