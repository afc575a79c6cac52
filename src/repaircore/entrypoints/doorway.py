"""The door that is open before the shop is: /health is answered from the first moment, and who comes early is kept until served.

A process is alive as soon as it answers; whether its core can do its work is what /ready says, once there is a core.
"""

import asyncio
from collections.abc import Callable
from socket import socket
from types import TracebackType
from typing import Final, Self, cast

_HEALTH: Final = b"GET /health HTTP/1."
_ALIVE: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\nCache-Control: no-store\r\n"
    b'X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{"status":"ok"}'
)
_END_OF_HEAD: Final = b"\r\n\r\n"
_LONGEST_HEAD: Final = 64 * 1024


class Doorway:
    """Accepts connections on a listener until `hand_over`. Leaving closes whatever was not handed over."""

    def __init__(self, listener: socket) -> None:
        self._listener = listener
        self._inside: Callable[[], asyncio.Protocol] | None = None
        self._kept: dict[_Visitor, None] = {}  # in the order of coming

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self.visitor, sock=self._listener.dup())
        return self

    def visitor(self) -> asyncio.Protocol:
        """Make the protocol of one connection."""
        return _Visitor(self)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for visitor in [*self._kept]:
            visitor.transport.close()

    def hand_over(self, factory: Callable[[], asyncio.Protocol]) -> None:
        """Accept no more, and let the server's own protocols go on with every connection that is here."""
        self._server.close()
        self._inside = factory
        kept = [*self._kept]
        self._kept.clear()
        for visitor in kept:
            visitor.go_on(factory())

    def keep(self, visitor: "_Visitor") -> None:
        """Keep a connection until `hand_over`. One that was accepted before and comes in after it goes straight on."""
        if self._inside is None:
            self._kept[visitor] = None
        else:
            visitor.go_on(self._inside())

    def forget(self, visitor: "_Visitor") -> None:
        """A connection is gone."""
        self._kept.pop(visitor, None)


class _Visitor(asyncio.Protocol):
    """One early connection."""

    transport: asyncio.Transport

    def __init__(self, door: Doorway) -> None:
        self._door = door
        self._said = b""
        self._is_paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        self._door.keep(self)

    def data_received(self, data: bytes) -> None:
        self._said += data
        if _END_OF_HEAD not in self._said and len(self._said) < _LONGEST_HEAD:
            return
        if self._said.startswith(_HEALTH):
            self.transport.write(_ALIVE)
            self.transport.close()
        else:
            self.transport.pause_reading()
            self._is_paused = True

    def connection_lost(self, error: Exception | None) -> None:
        self._door.forget(self)

    def go_on(self, protocol: asyncio.Protocol) -> None:
        """Let that protocol have the connection, and all that was said on it."""
        if self.transport.is_closing():
            return
        self.transport.set_protocol(protocol)
        protocol.connection_made(self.transport)
        if self._said:
            protocol.data_received(self._said)
        if self._is_paused:
            self.transport.resume_reading()
