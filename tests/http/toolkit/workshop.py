"""A made-up room on a made-up core: just enough to see the toolkit at work."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from attrs import define, field
from msgspec import Meta

from repaircore.application.operations.once import InProgress, KeyReused
from repaircore.domain.actors import Actor, Role
from repaircore.domain.errors import NotFound
from repaircore.entrypoints.http.callers import KNOWN, STAFF, Caller, reaching
from repaircore.entrypoints.http.conditions import IfMatch, etag
from repaircore.entrypoints.http.routes import RawRequest, Routes
from repaircore.ports.unit_of_work import Replay


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Screw(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    size: Annotated[int, Meta(ge=1, le=100)]
    label: Annotated[str, Meta(max_length=20)] = ""


class Box(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=2000)]
    colour: Colour = Colour.RED
    screws: Annotated[tuple[Screw, ...], Meta(max_length=5)] = ()
    best_before: Annotated[datetime, Meta(tz=True)] | None = None
    lid: Screw | None = None


class Shelf(msgspec.Struct, kw_only=True):
    id: str
    version: int
    name: str = ""

    def tag(self) -> str:
        return etag(self.version)


class Empty(msgspec.Struct, forbid_unknown_fields=True):
    pass


@define
class Attempt:
    once: "OnceInMemory"
    name: tuple[str, str]
    fingerprint: str
    replay: Replay | None

    async def answer(self, status: int, headers: Mapping[str, str], body: bytes) -> Replay:
        scope, key = self.name
        replay = Replay(
            scope=scope,
            key=key,
            fingerprint=self.fingerprint,
            status=status,
            headers=headers,
            body=body,
            created_at=datetime(2026, 5, 1, tzinfo=UTC),
        )
        self.once.kept[self.name] = replay
        return replay


@define
class OnceInMemory:
    kept: dict[tuple[str, str], Replay] = field(factory=dict)
    running: set[tuple[str, str]] = field(factory=set)

    @asynccontextmanager
    async def attempt(self, scope: str, key: str, fingerprint: str) -> AsyncIterator[Attempt]:
        name = scope, key
        if name in self.running:
            raise InProgress("a request with this key is running")
        replay = self.kept.get(name)
        if replay is not None and replay.fingerprint != fingerprint:
            raise KeyReused("the key belongs to another request")
        self.running.add(name)
        try:
            yield Attempt(self, name, fingerprint, replay)
        finally:
            self.running.discard(name)


@define
class Workshop:
    """Knows two keys and one token; counts what was done."""

    done: list[Any] = field(factory=list)
    error: Exception | None = None
    once: OnceInMemory = field(factory=OnceInMemory)
    made: int = 0

    @property
    def access(self) -> "Workshop":
        return self

    @property
    def ids(self) -> "Workshop":
        return self

    def new(self, prefix: str) -> str:
        self.made += 1
        return f"{prefix}_{self.made}"

    def subject(self, token: str) -> str | None:
        return "sh_1" if token == "opens-shelf-1" else None

    async def authenticate(self, api_key: str) -> Actor | None:
        return {"staff-key": Actor(Role.STAFF, "key_1"), "bot-key": Actor(Role.CUSTOMER, "cus_1")}.get(api_key)


routes = Routes("Shelves")


@routes.post("/boxes", status=201, location="/shelves/{id}")
async def put(core: Workshop, caller: Caller, body: Box) -> Shelf:
    """Put a box away."""
    if core.error is not None:
        raise core.error
    core.done.append(body)
    return Shelf(id=f"sh_{len(core.done)}", version=1, name=body.name)


@routes.get("/shelves")
async def find(
    core: Workshop,
    q: str = "",
    limit: Annotated[int, Meta(ge=1, le=100)] = 20,
    from_: str = "",
    colour: Colour = Colour.RED,
) -> Shelf:
    """Find shelves."""
    return Shelf(id=q, version=limit, name=f"{from_}{colour}")


@routes.get("/shelves/{shelf_id}", auth=reaching("shelf_id"))
async def look(core: Workshop, shelf_id: str) -> Shelf:
    """Look at a shelf."""
    if shelf_id == "sh_9":
        raise NotFound("shelf", shelf_id)
    return Shelf(id=shelf_id, version=3)


@routes.post("/shelves/{shelf_id}/tidy", auth=STAFF)
async def tidy(core: Workshop, shelf_id: str, if_match: IfMatch, body: Empty = Empty()) -> Shelf:  # noqa: B008
    """Tidy up a shelf."""
    if_match.expected(3)
    core.done.append(shelf_id)
    return Shelf(id=shelf_id, version=4)


@routes.get("/mine", auth=KNOWN)
async def mine(core: Workshop, caller: Caller) -> Shelf:
    """See who I am."""
    return Shelf(id=caller.actor.id, version=1)


@routes.post("/hooks")
async def hook(core: Workshop, raw: RawRequest) -> Shelf:
    """Take in raw bytes."""
    core.done.append(raw)
    return Shelf(id=raw.headers.get("x-seal", ""), version=len(raw.body))
