"""The aiohttp application: every route of every room over one core."""

from collections.abc import Iterable

from aiohttp import web
from attrs import frozen

from repaircore.application.operations.limiting import Traffic
from repaircore.entrypoints.http.bodies import LARGEST
from repaircore.entrypoints.http.callers import STRANGER
from repaircore.entrypoints.http.correlating import RequestIds, correlate
from repaircore.entrypoints.http.endpoint import REQUEST_ID, Desk, Endpoint, Host
from repaircore.entrypoints.http.gate import Gate, TooManyRequests
from repaircore.entrypoints.http.metrics import Metrics
from repaircore.entrypoints.http.problems import problem
from repaircore.entrypoints.http.refusals import MethodNotAllowed, NoSuchPath, Refusal
from repaircore.entrypoints.http.routes import Route
from repaircore.entrypoints.logs import JsonLog

NOWHERE = "(no route)"
DESK = web.AppKey("desk", Desk)


def serving(
    core: Host, routes: Iterable[Route], *, log: JsonLog | None = None, gate: Gate | None = None
) -> web.Application:
    """Build an application that serves these routes over the core, and answers everything else as a problem document. Without a
    `gate` nothing limits how often somebody asks."""
    app = web.Application(client_max_size=LARGEST)
    desk = Desk(core, Metrics(), log or JsonLog(), RequestIds(core.ids), gate)
    app[DESK] = desk
    lost = Lost(desk)
    for route in routes:
        endpoint = Endpoint(route, desk)
        if route.method == "GET":
            app.router.add_get(route.path, endpoint.serve, expect_handler=lost.expectation)
        else:
            app.router.add_route(route.method, route.path, endpoint.serve, expect_handler=lost.expectation)
    app.router.add_route("*", "/{rest:.*}", lost.serve, expect_handler=lost.expectation)
    return app


class ExpectationFailed(Refusal):
    """The client expects something other than `100-continue`."""

    status = 417
    code = "expectation_failed"
    title = "Only 100-continue can be expected"


@frozen
class Lost:
    """Answers requests that no route takes: a path that is not there, or a method that the path does not have."""

    desk: Desk

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer 404, or 405 with what is allowed."""
        allowed = await _allowed(request)
        if allowed:
            names = ", ".join(sorted(allowed))
            error: Refusal = MethodNotAllowed(f"allowed here: {names}", headers={"Allow": names})
        else:
            error = NoSuchPath("there is nothing at this path; /docs shows what there is")
        return self._answer(request, await self._counted(request, error))

    async def expectation(self, request: web.Request) -> web.StreamResponse | None:
        """Let `Expect: 100-continue` go on, refuse other expectations."""
        if request.headers.get("Expect", "").lower() != "100-continue":
            return self._answer(request, ExpectationFailed("this expectation cannot be met"))
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # so that an error may still be answered, as aiohttp's own handler does
        return None

    async def _counted(self, request: web.Request, error: Refusal) -> Refusal:
        """Looking for what is not there counts as reading, of a stranger whoever asks."""
        if self.desk.gate is None:
            return error
        try:
            error.headers = {**error.headers, **await self.desk.gate.admit(request, STRANGER, Traffic.READ)}
        except TooManyRequests as refusal:
            return refusal
        return error

    def _answer(self, request: web.Request, error: Refusal) -> web.StreamResponse:
        request_id = correlate(
            self.desk.request_ids, request.headers.get(REQUEST_ID), request.headers.get("traceparent")
        )
        response = problem(error, request_id)
        response.headers[REQUEST_ID] = request_id
        method = request.method if request.method in _METHODS else "OTHER"
        self.desk.metrics.observe(method, NOWHERE, response.status, 0.0)
        self.desk.log.access(method, NOWHERE, response.status, 0.0, "unknown")
        return response


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


async def _allowed(request: web.Request) -> set[str]:
    """Collect the methods that the other resources at this path have."""
    allowed: set[str] = set()
    for resource in request.app.router.resources():
        if resource.canonical != "/{rest}":
            _, methods = await resource.resolve(request)
            allowed |= methods
    return allowed
