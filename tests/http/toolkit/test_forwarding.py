"""What only one of several processes can answer, asked of another one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, web
from yarl import URL

from repaircore.entrypoints.listening import address, bound
from repaircore.entrypoints.processes.forwarding import forwarding


async def echo(request: web.Request) -> web.Response:
    """Answer what was asked, in a way that nobody would by chance."""
    said = f"{request.method} {request.raw_path} {request.headers.get('Authorization')} {await request.text()}"
    if request.path.endswith("/away"):
        raise web.HTTPSeeOther("https://shop.example.com/", headers={"X-Said": said})
    return web.Response(status=418, text=said, headers={"Set-Cookie": "a=b"}, content_type="text/x-odd")


@asynccontextmanager
async def at(app: web.Application) -> AsyncIterator[str]:
    """Serve it, and answer the address."""
    with bound("127.0.0.1", 0) as listener:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        yield address(listener)
        await runner.cleanup()


@pytest.fixture
async def other() -> AsyncIterator[str]:
    """A server that forwards what is below /sandbox to one that can answer."""
    first, second = web.Application(), web.Application()
    first.router.add_route("*", "/{rest:.*}", echo)
    async with at(first) as answering:
        second.add_subapp("/sandbox", forwarding(answering))
        async with at(second) as url:
            yield url


@pytest.mark.parametrize("path", ["/sandbox/pay/1?a=b%20c&d=%2F", "/sandbox/caf%C3%A9/%2F"])
@pytest.mark.parametrize(("method", "body"), [("GET", ""), ("POST", "card=4242"), ("PATCH", "\u00fc")])
async def test_asked_and_answered(other: str, path: str, method: str, body: str) -> None:
    """The question arrives as it was asked, and the answer as it was given."""
    async with (
        ClientSession() as client,
        client.request(
            method, URL(other + path, encoded=True), data=body.encode() or None, headers={"Authorization": "Bearer x"}
        ) as answer,
    ):
        said = await answer.text()

    assert said == f"{method} {path} Bearer x {body}"
    assert (answer.status, answer.content_type, answer.headers["Set-Cookie"]) == (418, "text/x-odd", "a=b")


async def test_sent_elsewhere(other: str) -> None:
    """Redirects are for the one who asked."""
    async with ClientSession() as client, client.get(f"{other}/sandbox/away", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "https://shop.example.com/")


async def test_nobody_there() -> None:
    """While the one that could answer is being replaced, the answer is to come again."""
    with bound("127.0.0.1", 0) as gone:
        nowhere = address(gone)
    async with at(forwarding(nowhere)) as url, ClientSession() as client, client.get(url) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
