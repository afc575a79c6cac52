"""What only the first of several processes can answer is forwarded to it by the others."""

from collections.abc import AsyncIterator, Iterable
from typing import Final

import aiohttp
from aiohttp import web
from yarl import URL

_OF_THE_CONNECTION: Final = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
)
_PATIENCE: Final = 60.0  # seconds


def forwarding(to: str) -> web.Application:
    """Make an application that answers every request as the server at that address does."""
    app = web.Application()
    forwarder = _Forwarder(to)
    app.cleanup_ctx.append(forwarder.run)
    app.router.add_route("*", "/{rest:.*}", forwarder.serve)
    return app


class _Forwarder:
    """One session for all that is forwarded."""

    _session: aiohttp.ClientSession

    def __init__(self, to: str) -> None:
        self._to = to

    async def run(self, app: web.Application) -> AsyncIterator[None]:
        """Hold the session for as long as the application is there."""
        timeout = aiohttp.ClientTimeout(total=_PATIENCE)
        async with aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as self._session:
            yield

    async def serve(self, request: web.Request) -> web.Response:
        """Ask there, and answer the same."""
        body = await request.read()
        asked = self._session.request(
            request.method,
            URL(self._to + request.raw_path, encoded=True),
            headers=_end_to_end(request.headers.items()),
            data=body or None,
            allow_redirects=False,
        )
        try:
            async with asked as answer:
                return web.Response(
                    status=answer.status, headers=_end_to_end(answer.headers.items()), body=await answer.read()
                )
        except aiohttp.ClientError:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "1"}) from None


def _end_to_end(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in _OF_THE_CONNECTION]
