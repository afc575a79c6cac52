"""The server under the application: problem documents also for what is not even HTTP, and a shutdown that loses nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from socket import socket
from typing import Any

from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.web_protocol import RequestHandler

from repaircore.entrypoints.doorway import Doorway
from repaircore.entrypoints.http.app import DESK
from repaircore.entrypoints.http.correlating import correlate
from repaircore.entrypoints.http.endpoint import REQUEST_ID, Desk
from repaircore.entrypoints.http.problems import problem
from repaircore.entrypoints.http.refusals import Refusal
from repaircore.entrypoints.http.shortcuts import Shortcuts
from repaircore.entrypoints.listening import BACKLOG
from repaircore.entrypoints.process import PATIENCE

NOT_HTTP = "(not HTTP)"


class MalformedHttp(Refusal):
    """What came is not an HTTP request that can be read."""

    code = "malformed_http"
    title = "This is not HTTP that can be read"


class Protocol(RequestHandler):
    """aiohttp's protocol, whose own errors become problem documents."""

    __slots__ = ("_desk",)

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._desk = desk

    def data_received(self, data: bytes) -> None:
        """Hear what comes; once told to stop, only the rest of a request that has begun. aiohttp drops that, too, and its client waits
        in vain."""
        if not (self._close or self._force_close):
            super().data_received(data)
        elif self._parser is not None and self._is_asked():
            with suppress(HttpProcessingError):  # the body has it already
                self._parser.feed_data(data)

    def _is_asked(self) -> bool:
        return self._current_request is not None and not self._current_request.content.is_eof()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that the parser refused, or that broke outside every handler; the connection is closed."""
        if request.writer.output_size > 0:
            raise ConnectionError("a part of the answer was sent already")
        desk = self._desk
        request_id = correlate(desk.request_ids, None, None)
        error: Exception = MalformedHttp("the request line or its headers cannot be read")
        if status >= 500:
            error = exc if isinstance(exc, Exception) else RuntimeError("unfinished")
            desk.log.error("request failed", exc, route=NOT_HTTP)
        response = problem(error, request_id)
        response.headers[REQUEST_ID] = request_id
        response.force_close()
        desk.metrics.observe("OTHER", NOT_HTTP, response.status, 0.0)
        desk.log.access("OTHER", NOT_HTTP, response.status, 0.0, "unknown")
        return response


class Server(web.Server):
    """Makes one protocol for each connection."""

    def __init__(self, inner: web.Server, app: web.Application) -> None:
        options = {**inner._kwargs, "desk": app[DESK]}
        serve = Shortcuts(app, inner.request_handler).serve
        super().__init__(serve, request_factory=inner.request_factory, loop=inner._loop, **options)

    def __call__(self) -> Protocol:
        return Protocol(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Runs an application made by `serving` under our server."""

    async def _make_server(self) -> Server:
        return Server(await super()._make_server(), self.app)


@asynccontextmanager
async def accepting(
    app: web.Application, *listeners: socket, patience: float = PATIENCE, door: Doorway | None = None
) -> AsyncIterator[None]:
    """Accept requests, first of all those kept at the door; at the end accept no more, and let running ones finish for up to
    `patience` seconds."""
    runner = Runner(app, access_log=None, shutdown_timeout=patience)
    await runner.setup()
    try:
        if door is not None and runner.server is not None:
            door.hand_over(runner.server)
        for listener in listeners:
            await web.SockSite(runner, listener, backlog=BACKLOG).start()
        yield
    finally:
        await runner.cleanup()
