"""The server itself: alive, ready, measured, described."""

from functools import cache
from pathlib import Path

from aiohttp import web

from repaircore.domain.errors import NotFound
from repaircore.entrypoints.http.metrics import CONTENT_TYPE, Metrics
from repaircore.entrypoints.http.refusals import NotReady
from repaircore.entrypoints.http.routes import Routes
from repaircore.entrypoints.http.schemas.service import Health, Readiness, ReadinessCheck
from repaircore.ports.errors import PortError
from repaircore.wiring.core import Core

routes = Routes("Service")

_ALIVE = Health(status="ok")

# The page runs nothing but its own script, and talks to nobody but this server.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_FOLDER = Path(__file__).parent.parent / "page"
_PAGE = {"docs.html": "text/html", "docs.css": "text/css", "docs.js": "text/javascript"}


@routes.get("/health")
async def health() -> Health:
    """Say that the process answers."""
    return _ALIVE


@routes.get("/ready", statuses={503: "The core cannot do its work; `checks` says what is wrong."})
async def ready(core: Core) -> Readiness:
    """Say whether requests should be sent here: database, migrations, worker, providers."""
    readiness = await core.operations.readiness()
    checks = [ReadinessCheck(name=check.name, ok=check.ok, detail=check.detail) for check in readiness.checks]
    if not readiness.ok:
        failing = ", ".join(check.name for check in checks if not check.ok)
        told = [{"name": check.name, "ok": check.ok, "detail": check.detail} for check in checks]
        raise NotReady(f"not ready: {failing}", headers={"Retry-After": "5"}, checks=told)
    return Readiness(status="ready", checks=checks)


@routes.get("/metrics")
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
    return _page("docs.html")


@routes.get("/docs/{name}")
async def docs_part(name: str) -> web.Response:
    """Give the page's style or script."""
    return _page(name)


@cache
def _openapi() -> bytes:
    from repaircore.entrypoints.http.openapi import written

    return written()


@cache
def _part(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()


def _page(name: str) -> web.Response:
    if name not in _PAGE:
        raise NotFound("part of the page", name, tuple(_PAGE))
    headers = {
        "Content-Type": f"{_PAGE[name]}; charset=utf-8",
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
    return web.Response(body=_part(name), headers=headers)
