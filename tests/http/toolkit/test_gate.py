"""Every request passes the gate: told how much is left, refused beyond the limit."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from io import BytesIO
from ipaddress import ip_network
from typing import Any

import pytest
from attrs import frozen

from repaircore.adapters.clock.memory import ManualClock
from repaircore.adapters.limits.memory import MemoryLimits
from repaircore.application.operations.limiting import Asker, Limiting, Traffic
from repaircore.entrypoints.http.app import serving
from repaircore.entrypoints.http.gate import Gate
from repaircore.entrypoints.http.routes import Routes
from repaircore.entrypoints.logs import JsonLog
from repaircore.ports.limits import Limit
from tests.http.asking import Answered, Client, asking
from tests.http.toolkit.workshop import Shelf, Workshop, routes

LOOPBACK = (ip_network("127.0.0.0/8"),)
LIMITS = {
    (Traffic.READ, Asker.ADDRESS): Limit("read-address", 2, 60),
    (Traffic.READ, Asker.KEY): Limit("read-key", 3, 60),
    (Traffic.READ, Asker.TOKEN): Limit("read-token", 1, 60),
    (Traffic.WRITE, Asker.ADDRESS): Limit("write-address", 1, 60),
    (Traffic.REFUSED, Asker.ADDRESS): Limit("refused-address", 2, 60),
}

free = Routes("Free")


@free.get("/free", is_limited=False)
async def without_a_limit(core: Workshop) -> Shelf:
    """Look as often as you like."""
    return Shelf(id="sh_0", version=1)


@frozen
class Gated:
    """A server with a gate, and its clock."""

    client: Client
    clock: ManualClock

    async def reads(self, times: int, headers: Mapping[str, str] | None = None) -> list[int]:
        """Ask so many times, and answer the statuses."""
        return [(await self.client.get("/shelves", headers=headers)).status for _ in range(times)]


async def gated(**terms: Any) -> AsyncIterator[Gated]:
    """A server whose clients may ask a few times a minute."""
    clock, log = ManualClock(), BytesIO()
    limiting = Limiting(limits=MemoryLimits(clock), terms=LIMITS, **terms)
    app = serving(Workshop(), [*routes, *free], log=JsonLog(log), gate=Gate(limiting))
    async with asking(app, log) as client:
        yield Gated(client, clock)


@pytest.fixture
async def server() -> AsyncIterator[Gated]:
    async for each in gated():
        yield each


@pytest.fixture
async def proxied() -> AsyncIterator[Gated]:
    async for each in gated(trusted_proxies=LOOPBACK):
        yield each


@pytest.fixture
async def exempting() -> AsyncIterator[Gated]:
    async for each in gated(exempt=LOOPBACK):
        yield each


def told(answered: Answered) -> tuple[str, str]:
    """What an answer says of the limit."""
    return answered.headers["RateLimit"], answered.headers["RateLimit-Policy"]


async def test_every_answer_tells(server: Gated) -> None:
    """Success and refusal alike say what the limit is, what is left, and until when."""
    found = await server.client.get("/shelves")
    faulty = await server.client.get("/shelves?limit=0")

    assert (found.status, *told(found)) == (200, '"read-address";r=1;t=60', '"read-address";q=2;w=60')
    assert (faulty.status, *told(faulty)) == (422, '"read-address";r=0;t=61', '"read-address";q=2;w=60')


async def test_too_many(server: Gated) -> None:
    """Beyond the limit the answer is a problem that says when to come back; then it goes on."""
    await server.reads(2)

    refused = await server.client.get("/shelves")

    assert (refused.status, refused.json["code"]) == (429, "rate_limited")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert told(refused)[0] == f'"read-address";r=0;t={refused.headers["Retry-After"]}'
    server.clock.advance(timedelta(seconds=int(refused.headers["Retry-After"])))
    assert await server.reads(1) == [200]


async def test_refused_requests_do_nothing(server: Gated) -> None:
    """A change beyond the limit is not made."""
    made = await server.client.post("/boxes", {"name": "one"})
    refused = await server.client.post("/boxes", {"name": "two"})

    assert (made.status, refused.status) == (201, 429)
    assert made.json["id"] == "sh_1"
    server.clock.advance(timedelta(seconds=121))
    assert (await server.client.post("/boxes", {"name": "three"})).json["id"] == "sh_2"


async def test_each_by_what_they_are_known_by(server: Gated) -> None:
    """A key, a token and an address have limits of their own."""
    stranger = await server.client.get("/shelves")
    by_key = await server.client.get("/shelves", token="staff-key")
    by_token = await server.client.get("/shelves", token="opens-shelf-1")

    names = [told(each)[1].partition(";")[0] for each in (stranger, by_key, by_token)]
    assert names == ['"read-address"', '"read-key"', '"read-token"']


async def test_without_a_limit(server: Gated) -> None:
    """What is not limited is never refused, and tells nothing."""
    answers = [await server.client.get("/free") for _ in range(10)]

    assert {each.status for each in answers} == {200}
    assert "RateLimit" not in answers[0].headers


async def test_guessing_keys(server: Gated) -> None:
    """Keys that are not genuine are counted, and do not use up what the address may read."""
    answers = [await server.client.get("/shelves", token=f"guess-{number}") for number in range(3)]

    assert [each.status for each in answers] == [401, 401, 429]
    assert told(answers[0])[1] == '"refused-address";q=2;w=60'
    assert await server.reads(1) == [200]


async def test_looking_for_what_is_not_there(server: Gated) -> None:
    """Scanners meet the limit as well."""
    statuses = [(await server.client.get(f"/wp-admin/{number}")).status for number in range(3)]

    assert statuses == [404, 404, 429]


async def test_forged_addresses(server: Gated) -> None:
    """Nobody but a trusted proxy is believed: a client that names another address every time is one client."""
    statuses = [
        (await server.client.get("/shelves", headers={"X-Forwarded-For": f"192.0.2.{number}"})).status
        for number in range(3)
    ]

    assert statuses == [200, 200, 429]


async def test_behind_a_proxy(proxied: Gated) -> None:
    """A trusted proxy's clients are apart, whatever they write themselves before what it adds."""
    ana, ben = {"X-Forwarded-For": "203.0.113.9, 192.0.2.1"}, {"X-Forwarded-For": "203.0.113.9, 192.0.2.2"}

    assert await proxied.reads(3, ana) == [200, 200, 429]
    assert await proxied.reads(3, ben) == [200, 200, 429]


async def test_exempt(exempting: Gated) -> None:
    """Who is exempt is told how things stand, and never refused."""
    assert await exempting.reads(5) == [200] * 5

    assert told(await exempting.client.get("/shelves"))[0] == '"read-address";r=0;t=61'
