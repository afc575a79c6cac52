"""A server that is still opening: alive at once, and nobody who comes early is turned away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from socket import socket, socketpair

import pytest
import uvloop
from aiohttp import web

from repaircore.entrypoints.doorway import Doorway
from repaircore.entrypoints.listening import bound

HEALTH = b"GET /health HTTP/1.1\r\nHost: shop\r\n\r\n"


@pytest.fixture
async def listener() -> AsyncIterator[socket]:
    with bound("127.0.0.1", 0) as listener:
        yield listener


class Visit:
    """One connection to the listener."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, said: bytes) -> None:
        self.writer.write(said)
        await self.writer.drain()

    async def head(self) -> bytes:
        async with asyncio.timeout(5):
            return await self.reader.readuntil(b"\r\n\r\n")

    async def rest(self) -> bytes:
        async with asyncio.timeout(5):
            return await self.reader.read()


@asynccontextmanager
async def visiting(listener: socket) -> AsyncIterator[Visit]:
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    yield Visit(reader, writer)
    writer.close()


async def echo(request: web.BaseRequest) -> web.StreamResponse:
    """Say what was asked for, and what came with it."""
    return web.Response(text=f"{request.path} {await request.text()}")


async def heard(visit: Visit, text: bytes) -> None:
    """Read one answer and its body."""
    assert (await visit.head()).startswith(b"HTTP/1.1 200 OK")
    async with asyncio.timeout(5):
        assert await visit.reader.readexactly(len(text)) == text


async def test_alive_before_open(listener: socket) -> None:
    """/health is answered while everything else is still to come, and the connection closed: the next one is the server's."""
    async with Doorway(listener), visiting(listener) as visit:
        await visit.say(HEALTH[:20])
        await visit.say(HEALTH[20:])

        assert (await visit.rest()).endswith(b'{"status":"ok"}')


async def test_an_early_request_is_answered_once_open(listener: socket) -> None:
    """Whoever asked for more than /health waits, and is served as if they had just come; keep-alive included."""
    async with Doorway(listener) as door, visiting(listener) as visit:
        await visit.say(b"POST /quotes HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\n\r\nhe")
        await asyncio.sleep(0)
        async with alive(listener):
            door.hand_over(web.Server(echo))
        await visit.say(b"llo")

        await heard(visit, b"/quotes hello")

        await visit.say(b"GET /again HTTP/1.1\r\nHost: shop\r\n\r\n")
        await heard(visit, b"/again ")


async def test_a_silent_connection_is_handed_over_too(listener: socket) -> None:
    """A client may connect long before it asks."""
    async with Doorway(listener) as door, visiting(listener) as visit:
        async with alive(listener):
            door.hand_over(web.Server(echo))
        await visit.say(HEALTH)

        await heard(visit, b"/health ")


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_who_was_accepted_just_before_is_not_forgotten(loop_factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """The loop may accept a connection, and tell its protocol only when the door was handed over: it is served like any other."""

    async def play() -> None:
        here, there = socketpair()
        with bound("127.0.0.1", 0) as listener:
            async with Doorway(listener) as door:
                late = door.visitor()
                door.hand_over(web.Server(echo))
                await asyncio.get_running_loop().connect_accepted_socket(lambda: late, there)
                reader, writer = await asyncio.open_connection(sock=here)
                visit = Visit(reader, writer)
                await visit.say(b"GET /late HTTP/1.1\r\nHost: shop\r\n\r\n")
                await heard(visit, b"/late ")
                writer.close()

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(play())


async def test_nothing_opens(listener: socket) -> None:
    """When the shop cannot open, whoever waited is let go at once."""
    async with visiting(listener) as visit:
        async with Doorway(listener):
            await visit.say(b"GET /quotes HTTP/1.1\r\nHost: shop\r\n\r\n")
            async with alive(listener):
                pass

        assert await visit.rest() == b""


@asynccontextmanager
async def alive(listener: socket) -> AsyncIterator[None]:
    """Go on when the door has answered somebody who came after everybody else: then it has seen them all."""
    async with visiting(listener) as visit:
        await visit.say(HEALTH)
        await visit.rest()
    yield
