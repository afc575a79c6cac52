"""Asking a server over the loopback, and reading what it answers."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

from aiohttp import ClientSession, web
from attrs import field, frozen

from repaircore.entrypoints.http.server import accepting
from repaircore.entrypoints.listening import address, bound


@frozen
class Answered:
    """One answer, read completely."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def pointers(self) -> dict[str, str]:
        """The faults of a problem document: pointer → code."""
        return {each["pointer"]: each["code"] for each in self.json["errors"]}


@frozen
class Client:
    """A client of one server."""

    base: str
    session: ClientSession
    log: BytesIO = field(factory=BytesIO)

    async def get(self, path: str, *, token: str = "", headers: Mapping[str, str] | None = None) -> Answered:
        return await self.send("GET", path, token=token, headers=headers)

    async def post(
        self, path: str, body: Any = None, *, token: str = "", headers: Mapping[str, str] | None = None
    ) -> Answered:
        """Post a body as JSON."""
        raw = None if body is None else json.dumps(body).encode()
        return await self.post_raw(path, raw, token=token, headers=headers)

    async def post_raw(
        self, path: str, raw: bytes | None, *, token: str = "", headers: Mapping[str, str] | None = None
    ) -> Answered:
        """Post bytes as they are, said to be JSON unless the headers say otherwise."""
        told = {"Content-Type": "application/json", **(headers or {})} if raw is not None else headers
        return await self.send("POST", path, token=token, headers=told, raw=raw)

    async def send(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
        chunked: bool = False,
    ) -> Answered:
        told = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        data = BytesIO(raw) if raw else raw
        async with self.session.request(
            method, self.base + path, data=data, headers=told, chunked=chunked or None
        ) as response:
            return Answered(response.status, response.headers, await response.read())

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What the server logged."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


@asynccontextmanager
async def asking(app: web.Application, log: BytesIO) -> AsyncIterator[Client]:
    """Run the application and talk to it."""
    with bound("127.0.0.1", 0) as listener:
        async with accepting(app, listener, patience=5), ClientSession() as session:
            yield Client(address(listener), session, log)


def events(lines: Iterable[Mapping[str, Any]], event: str) -> list[Mapping[str, Any]]:
    """Pick the log lines of one event."""
    return [line for line in lines if line["event"] == event]
