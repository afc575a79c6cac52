"""The peers' very requests and answers on our own stack, so that the same work is compared.

Every request goes through the toolkit as ours do: request id, caller, strict validation, idempotency keys, metrics, access log.
Writes go through the committer, reads through the reader (`stores.py`); only the tables and the price formula are the suite's.
`REPAIRCORE_PEERS` is the folder of the suite with its `common.py`; the database is the one that it names.
"""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from attrs import frozen
from msgspec import Meta

from bench.stores import SqliteStore, Store
from repaircore.adapters.clock.system import SystemClock
from repaircore.adapters.ids.system import SystemIds
from repaircore.adapters.storage.memory import MemoryStorage
from repaircore.application.access.keys import Authenticate, CreateKey, ListKeys, RevokeKey
from repaircore.application.access.room import AccessRoom
from repaircore.application.access.tokens import CapabilityTokens
from repaircore.application.notifications.subscriptions import subscriptions
from repaircore.application.operations.once import Once
from repaircore.domain.errors import NotFound
from repaircore.entrypoints.http.app import serving
from repaircore.entrypoints.http.routes import RawRequest, Routes
from repaircore.entrypoints.http.schemas.words import Body, Limit, Moment, View
from repaircore.entrypoints.http.server import accepting
from repaircore.entrypoints.listening import bound
from repaircore.entrypoints.logs import JsonLog
from repaircore.entrypoints.process import run, stopping
from repaircore.ports.payments import InvalidSignature

sys.path.insert(0, os.environ["REPAIRCORE_PEERS"])
suite: Any = import_module("common")

Repair = Literal[
    "screen", "battery", "port", "camera", "speaker", "mic", "button", "backglass", "water", "software", "board", "data"
]
Region = Literal["us-ny", "us-ca", "us-tx", "us-fl", "us-wa"]

routes = Routes("Peers")

_to_json = msgspec.json.Encoder().encode
_from_json = msgspec.json.Decoder().decode


class QuoteIn(Body):
    """What the peers price."""

    model_id: Annotated[str, Meta(min_length=1, max_length=80)]
    repairs: Annotated[list[Repair], Meta(min_length=1, max_length=6)]
    region: Region
    month: Annotated[int, Meta(ge=1, le=12)]
    urgency: Literal["standard", "express", "same_day"]
    tier: Literal["new", "returning", "business"]

    def price(self) -> Any:
        """Price it by the suite's formula, as every peer does."""
        if self.model_id not in suite.CATALOGUE:
            raise NotFound("model", self.model_id)
        return suite.price(self.model_id, self.repairs, self.region, self.month, self.urgency, self.tier)


class CustomerIn(Body):
    """Whom the peers book for."""

    name: Annotated[str, Meta(min_length=1, max_length=120)]
    email: Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=200)]
    phone: Annotated[str, Meta(pattern=r"^\+[0-9]{7,15}$")]


class BookingIn(Body):
    """What the peers book."""

    customer: CustomerIn
    quote: QuoteIn
    scheduled_at: Moment
    notes: Annotated[str, Meta(max_length=2000)] = ""


class Item(View):
    """A booking in the peers' list."""

    id: str
    ticket: str
    status: str
    payment_status: str
    customer_name: str
    customer_email: str
    customer_phone: str
    model_id: str
    total_cents: int
    deposit_cents: int
    scheduled_at: datetime
    created_at: datetime


class Booking(Item):
    """A booking of the peers."""

    quote: msgspec.Raw
    notes: str


class Page(View):
    """A page of the peers' list."""

    items: list[Item]
    next_cursor: str | None


@frozen
class Host:
    """What the toolkit and the handlers need."""

    access: AccessRoom
    once: Once
    ids: SystemIds
    clock: SystemClock
    store: Store


@routes.get("/health")
async def health() -> dict[str, bool]:
    """Say that the process answers."""
    return {"ok": True}


@routes.post("/quotes")
async def quote(body: QuoteIn) -> dict[str, Any]:
    """Price a job."""
    priced: dict[str, Any] = body.price()
    return priced


@routes.post("/bookings", status=201)
async def book(core: Host, body: BookingIn) -> Booking:
    """Price and book a job: the booking and its message to the world in one transaction."""
    now, priced, customer = core.clock.now(), body.quote.price(), body.customer
    quote, (id, ticket) = _to_json(priced), suite.new_ids()
    total, deposit = priced["total_cents"], priced["deposit_cents"]
    told = _to_json({"booking_id": id, "ticket": ticket, "total_cents": total}).decode()
    who = (customer.name, customer.email, customer.phone)
    head = (id, ticket, "pending", "unpaid", *who, body.quote.model_id, total, deposit)
    at = _written(now)
    booking = (*head, quote.decode(), body.notes, _written(body.scheduled_at), at, at)
    await core.store.book(booking, ("booking.created", told, at))
    return _booking(head, body.scheduled_at, now, quote, body.notes)


@routes.get("/bookings")
async def find(core: Host, status: str, limit: Limit = 20, cursor: str = "") -> Page:
    """List bookings by keyset."""
    micros, _, id = cursor.partition("_")
    after = (suite.fmt(suite.from_us(int(micros))), id) if cursor else None
    rows = await core.store.page(status, limit + 1, after)
    items = [_item(row) for row in rows[:limit]]
    more = f"{suite.to_us(items[-1].created_at)}_{items[-1].id}" if len(rows) > limit else None
    return Page(items=items, next_cursor=more)


@routes.get("/bookings/{booking_id}")
async def read(core: Host, booking_id: str) -> Booking:
    """Read a booking."""
    row = await core.store.one(booking_id)
    if row is None:
        raise NotFound("booking", booking_id)
    return _booking(row[:10], _read(row[10]), _read(row[11]), row[12].encode(), row[13])


@routes.post("/webhooks/stripe")
async def webhook(core: Host, raw: RawRequest) -> dict[str, bool]:
    """Take in a payment, once."""
    if not suite.verify(raw.headers.get("stripe-signature", ""), raw.body):
        raise InvalidSignature("the signature does not fit")
    event = _from_json(raw.body)
    booking_id = event["data"]["object"]["metadata"]["booking_id"]
    told = _to_json({"booking_id": booking_id}).decode()
    await core.store.paid(event["id"], booking_id, told, _written(core.clock.now()))
    return {"received": True}


def _item(row: Sequence[Any]) -> Item:
    return Item(**dict(zip(Item.__struct_fields__, (*row[:10], _read(row[10]), _read(row[11])), strict=True)))


def _booking(head: Sequence[Any], scheduled_at: datetime, created_at: datetime, quote: bytes, notes: str) -> Booking:
    values = (*head, scheduled_at, created_at, msgspec.Raw(quote), notes)
    return Booking(**dict(zip(Booking.__struct_fields__, values, strict=True)))


def _written(at: datetime) -> str:
    text: str = suite.fmt(at.astimezone(UTC))
    return text


def _read(text: str) -> datetime:
    """SQLite gives what was written; PostgreSQL adds the offset, which is always that of UTC."""
    return datetime.fromisoformat(text.removesuffix("+00") + "+00:00")


def _host() -> Host:
    clock, ids = SystemClock(), SystemIds()
    memory = MemoryStorage(clock=clock, ids=ids, subscriptions=subscriptions)
    return Host(
        access=AccessRoom(
            CapabilityTokens((b"only-for-measuring",), clock),
            Authenticate(memory.unit_of_work, clock),
            CreateKey(memory.unit_of_work, clock, ids),
            ListKeys(memory.unit_of_work),
            RevokeKey(memory.unit_of_work, clock),
        ),
        once=Once(memory.unit_of_work, clock),
        ids=ids,
        clock=clock,
        store=_store(),
    )


def _store() -> Store:
    if suite.DB == "pg":
        from bench.stores_postgresql import PostgresqlStore

        return PostgresqlStore(suite.PG_DSN, columns=suite.COLS)
    return SqliteStore(Path(suite.SQLITE_PATH), columns=suite.COLS, synchronous=suite.SYNC)


async def main() -> None:
    """Serve until told to stop."""
    host = _host()
    with stopping() as stop, bound("127.0.0.1", int(os.environ["PORT"])) as listener:
        async with accepting(serving(host, routes, log=JsonLog()), listener):
            await stop.wait()
    await host.store.aclose()


if __name__ == "__main__":
    run(main())
