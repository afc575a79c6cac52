"""Starting and stopping."""

import asyncio
from contextlib import AsyncExitStack
from io import BytesIO

import pytest
from aiohttp import ClientConnectionError, ClientSession

from repaircore.entrypoints.http.app import serving
from repaircore.entrypoints.http.routes import Routes
from repaircore.entrypoints.http.server import accepting
from repaircore.entrypoints.listening import address, bound
from repaircore.entrypoints.logs import JsonLog
from tests.http.toolkit.workshop import Box, Empty, Workshop

HEAD = b"POST /boxes HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 13\r\nExpect: 100-continue\r\n\r\n"


async def test_stopping_lets_running_requests_finish() -> None:
    """Nothing new is accepted, and what was asked is answered."""
    running, go_on = asyncio.Event(), asyncio.Event()
    slow = Routes("Slow")

    @slow.get("/slow")
    async def wait() -> Empty:
        """Take a while."""
        running.set()
        await go_on.wait()
        return Empty()

    app = serving(Workshop(), slow, log=JsonLog(BytesIO()))
    stop, listener = asyncio.Event(), bound("127.0.0.1", 0)
    base = address(listener)

    async def serve() -> None:
        async with accepting(app, listener, patience=10):
            await stop.wait()

    server = asyncio.create_task(serve())
    async with ClientSession() as session:
        request = asyncio.create_task(session.get(f"{base}/slow"))
        await running.wait()
        stop.set()
        await refused(base)
        assert not request.done()
        go_on.set()

        assert (await request).status == 200
    await server


@pytest.mark.parametrize(("rest", "status"), [(b'e": "B"}', 201), (b'e": "B"}' + HEAD, 201), (b'e": 123}', 422)])
async def test_stopping_in_the_middle_of_a_request(rest: bytes, status: int) -> None:
    """What has begun is heard to its end and answered; whatever comes behind it is not."""
    boxes = Routes("Boxes")

    @boxes.post("/boxes", status=201)
    async def pack(body: Box) -> Empty:
        """Take a box."""
        return Empty()

    app = serving(Workshop(), boxes, log=JsonLog(BytesIO()))
    with bound("127.0.0.1", 0) as listener:
        async with AsyncExitStack() as server:
            await server.enter_async_context(accepting(app, listener, patience=10))
            reader, writer = await asyncio.open_connection(*listener.getsockname()[:2])
            writer.write(HEAD)
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            stopping = asyncio.create_task(server.aclose())
            await refused(address(listener))
            writer.write(b'{"nam' + rest)
            answered = await reader.read()
            await stopping
            writer.close()

    assert answered.startswith(b"HTTP/1.1 %d" % status)
    assert answered.count(b"HTTP/1.1") == 1


async def refused(base: str) -> None:
    """Come back once nobody answers there any more."""
    while True:
        try:
            async with ClientSession() as session, session.get(f"{base}/nowhere"):
                await asyncio.sleep(0)
        except ClientConnectionError:
            return


def test_an_address_that_is_taken() -> None:
    """It is told at once."""
    with bound("127.0.0.1", 0) as listener, pytest.raises(OSError, match="in use"):
        bound("127.0.0.1", listener.getsockname()[1])


def test_addresses() -> None:
    """As URLs, also for IPv6."""
    with bound("::1", 0) as listener:
        assert address(listener) == f"http://[::1]:{listener.getsockname()[1]}"
