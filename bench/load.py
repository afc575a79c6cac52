"""The load: keep-alive connections over plain asyncio, each sending its next request as soon as it was answered."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import cast

from attrs import define, field, frozen

from bench.processes import fast_loop

CONNECTIONS = 32
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length:"
_PATIENCE = 120.0  # seconds for one run


class Unanswered(Exception):
    """A server closed a connection, or gave an answer that cannot be read or was not asked for."""


@frozen(kw_only=True)
class Shots:
    """What came of sending some requests. `seconds` from the first request to the last answer; `latencies` sorted, in seconds."""

    seconds: float
    statuses: Counter[int]
    latencies: Sequence[float]
    bodies: Sequence[bytes]

    @property
    def per_second(self) -> float:
        """Requests answered in a second."""
        return len(self.latencies) / self.seconds

    def latency(self, share: float) -> float:
        """The milliseconds within which that share of the requests was answered."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))] * 1000


@define
class _Tally:
    """What the connections of one run share."""

    requests: Iterator[bytes]
    keep: bool
    open: int
    done: asyncio.Future[None]
    statuses: Counter[int] = field(factory=Counter)
    latencies: list[float] = field(factory=list)
    bodies: list[bytes] = field(factory=list)

    def answered(self, status: int, seconds: float, body: bytes) -> None:
        self.statuses[status] += 1
        self.latencies.append(seconds)
        if self.keep:
            self.bodies.append(body)

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)

    def closed(self) -> None:
        self.open -= 1
        if self.open == 0 and not self.done.done():
            self.done.set_result(None)


class _Connection(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, tally: _Tally) -> None:
        self._tally = tally
        self._buffer = b""
        self._ends = 0  # where the answer in the buffer will end; 0 until its head is there
        self._body_from = 0
        self._sent = 0.0
        self._finished = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._ends and not self._read_head():
            return
        if len(self._buffer) >= self._ends:
            body = self._buffer[self._body_from : self._ends]
            self._tally.answered(int(self._buffer[9:12]), perf_counter() - self._sent, body)
            self._buffer, self._ends = b"", 0
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._finished:
            self._tally.fail(Unanswered(f"the server closed a connection: {error}"))
        self._tally.closed()

    def _next(self) -> None:
        request = next(self._tally.requests, None)
        if request is None:
            self._finished = True
            self._transport.close()
        else:
            self._sent = perf_counter()
            self._transport.write(request)

    def _read_head(self) -> bool:
        end = self._buffer.find(_END_OF_HEAD)
        if end < 0:
            return False
        head = self._buffer[:end].lower()
        at = head.find(_LENGTH)
        if at < 0:
            self._tally.fail(Unanswered("an answer without Content-Length"))
            return False
        self._body_from = end + len(_END_OF_HEAD)
        self._ends = self._body_from + int(head[at + len(_LENGTH) :].partition(b"\r\n")[0])
        return True


def fire(
    port: int,
    requests: Sequence[bytes],
    *,
    expected: frozenset[int],
    connections: int = CONNECTIONS,
    keep: bool = False,
) -> Shots:
    """Send every request once and wait for every answer. Raises Unanswered, also for a status that is not expected."""
    shots = fast_loop(_fire(port, requests, connections, keep))
    if not shots.statuses.keys() <= expected:
        raise Unanswered(f"{requests[0].partition(_END_OF_HEAD)[0].decode()}: answered {dict(shots.statuses)}")
    return shots


async def _fire(port: int, requests: Sequence[bytes], connections: int, keep: bool) -> Shots:
    loop = asyncio.get_running_loop()
    wanted = min(connections, len(requests))
    tally = _Tally(iter(requests), keep, wanted, loop.create_future())
    started = perf_counter()
    for _ in range(wanted):
        await loop.create_connection(lambda: _Connection(tally), "127.0.0.1", port)
    async with asyncio.timeout(_PATIENCE):
        await tally.done
    seconds = perf_counter() - started
    return Shots(seconds=seconds, statuses=tally.statuses, latencies=sorted(tally.latencies), bodies=tally.bodies)


def request(method: str, path: str, *, body: bytes = b"", headers: Sequence[tuple[str, str]] = ()) -> bytes:
    """Write a request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers)]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + _END_OF_HEAD + body
