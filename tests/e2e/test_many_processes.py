"""Several servers of several processes, and several workers, on one database: one shop."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from attrs import evolve, frozen

from repaircore.application.notifications.subscriptions import SEND_MESSAGE
from repaircore.entrypoints.demo.client import asking, until
from repaircore.entrypoints.demo.customer import Customer
from repaircore.entrypoints.demo.refusals import DemoFailed
from repaircore.entrypoints.demo.scenario import scenario_for
from repaircore.entrypoints.demo.telling import telling
from tests.e2e.customers import CUSTOMER, QUOTE, Wire
from tests.e2e.deployed.program import PATIENCE, Program
from tests.e2e.places import Place
from tests.e2e.programs import kill, opened, pid, started
from tests.e2e.test_postgresql import on

_CUSTOMERS, _ROUNDS, _TRIES = 6, 5, 50
_SLACK = 3.0
"""Seconds that a busy machine may take for the quotes themselves."""
NEXT = "next"


@frozen
class Street:
    """Two servers of two processes each, and two workers."""

    place: Place
    servers: list[Program]
    workers: list[Program]
    urls: list[str]


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, bench: Place, tmp_path: Path) -> Place:
    """The repair shop on a file, and on a server."""
    if request.param == "sqlite":
        return bench
    place = on(bench, request.getfixturevalue("empty_postgres_url"), tmp_path)
    assert place.run("migrate").returncode == 0
    return place


@asynccontextmanager
async def street(place: Place) -> AsyncIterator[Street]:
    """Open all of them on the one database."""
    async with AsyncExitStack() as stack:

        async def start(*words: str) -> Program:
            return await stack.enter_async_context(started(place, *words))

        first = await start("serve", "--port", "0", "--workers", "2", "--no-worker")
        urls = [await opened(first)]
        servers = [first, await start("serve", "--port", "0", "--workers", "2", "--no-worker")]
        workers = [await start("worker", "--concurrency", "4") for _ in range(2)]
        urls.append(await opened(servers[1]))
        for worker in workers:
            await worker.event("working")
        yield Street(place, servers, workers, urls)


async def insisting(url: str, path: str, body: Wire, *, key: str) -> Wire:
    """Ask under one key until it is acknowledged, each time over a connection of its own, as whoever lost an answer would."""
    for _ in range(_TRIES):
        try:
            async with asking(url) as client:
                answer: Wire = await client.post(path, body, key=key, expect=201)
                return answer
        except DemoFailed as lost:
            said = str(lost)
            await asyncio.sleep(0)
    raise DemoFailed(said)


def wanted(quote: Wire) -> Wire:
    return {
        "quote_id": quote["id"],
        "customer": CUSTOMER,
        "fulfilment": "in_store",
        "issue_description": "The screen is cracked from corner to corner.",
    }


async def customer(url: str, name: str, bookings: list[Wire]) -> None:
    for each in range(_ROUNDS):
        quote = await insisting(url, "/v1/quotes", QUOTE, key=f"{name} quote {each}")
        bookings.append(await insisting(url, "/v1/bookings", wanted(quote), key=f"{name} booking {each}"))


async def sent(place: Place) -> Counter[str]:
    """Wait until no job is left, a killed worker's lease included; count what was done."""
    async with asyncio.timeout(PATIENCE):
        while True:
            done = await asyncio.to_thread(place.run, "jobs", "list", "--json", "--limit", "1000")
            jobs = json.loads(done.stdout)
            if {job["state"] for job in jobs} == {"done"}:
                return Counter(job["name"] for job in jobs)


def mails(place: Place) -> int:
    return len(list((place.data / "var" / "mail").glob("*.eml")))


async def test_one_shop(shop: Place, tmp_path: Path) -> None:
    """One key has one effect wherever it is raced, what is published is in force everywhere, and what is killed is made up for."""
    changed = newer(shop, tmp_path / "newer")
    async with street(shop) as all_of_it:
        told = await one_key_everywhere(all_of_it)
        await published_everywhere(all_of_it, changed)
        told += await some_are_killed(all_of_it)

        done = await sent(shop)
        assert done[SEND_MESSAGE] == mails(shop) == told
        for server in all_of_it.servers:
            assert await server.stop() == 0
        assert await all_of_it.workers[1].stop() == 0


async def one_key_everywhere(all_of_it: Street) -> int:
    """Twenty times at the same moment, at every server: one booking, and the same answer for all who ask on."""
    async with asking(all_of_it.urls[0]) as client:
        quote = await client.post("/v1/quotes", QUOTE, expect=201)
    racers = [insisting(all_of_it.urls[n % 2], "/v1/bookings", wanted(quote), key="one") for n in range(20)]

    answers = await asyncio.gather(*racers)

    assert len({booking["id"] for booking in answers}) == 1
    return 1


async def published_everywhere(all_of_it: Street, changed: Place) -> None:
    """What is published beside them is what every process prices with, two seconds later at the latest."""
    await asyncio.gather(*(versions(url, 20) for url in all_of_it.urls))
    published = await asyncio.to_thread(changed.run, "rulebook", "publish", "--approver", "Grace Example")
    assert published.returncode == 0, published.stderr
    since = asyncio.get_running_loop().time()

    for url in all_of_it.urls:
        await until(partial(versions, url, 20), lambda seen: set(seen) == {NEXT}, "the new version everywhere")

    assert asyncio.get_running_loop().time() - since < 2 + _SLACK


async def some_are_killed(all_of_it: Street) -> int:
    """One process of a server and one worker, in the middle of it: the port goes on answering, another process takes the place,
    the other worker does the jobs, and each booking is made once."""
    bookings: list[Wire] = []

    async def enough() -> bool:
        return len(bookings) >= _CUSTOMERS

    crowd = [customer(all_of_it.urls[n % 2], f"customer {n}", bookings) for n in range(_CUSTOMERS)]
    working = asyncio.gather(*crowd)
    await until(enough, bool, "the first bookings")
    kill(all_of_it.servers[0], 2)
    all_of_it.workers[0].process.kill()
    await working

    replaced = await all_of_it.servers[0].event("process ended: another takes its place")
    assert (replaced["process"], replaced["exit_code"]) == (2, -9)
    assert len({booking["id"] for booking in bookings}) == _CUSTOMERS * _ROUNDS
    return len(bookings)


def newer(place: Place, to: Path) -> Place:
    """The same business with a rulebook of another version."""
    text = (place.config.parent / "rulebook.toml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("version"))
    return place.copied(to, file="rulebook.toml", change=lambda text: text.replace(line, f'version = "{NEXT}"', 1))


async def versions(url: str, many: int) -> Counter[str]:
    """Ask for that many prices at once, each over a connection of its own; count by which rulebook they were made."""

    async def one() -> str:
        async with asking(url) as client:
            quote: Wire = await client.post("/v1/quotes", QUOTE, expect=201)
            return str(quote["rulebook_version"])

    return Counter(await asyncio.gather(*(one() for _ in range(many))))


async def test_paid_at_whichever_process(van: Place) -> None:
    """The sandbox is one, whichever process is asked: what was begun at one is paid at another, and its webhook is heard."""
    async with started(van, "serve", "--port", "0", "--workers", "2") as server:
        url = await opened(server)

        paid = await asyncio.gather(*(pay_a_deposit(url) for _ in range(6)))

        assert [each["status"] for each in paid] == ["succeeded"] * 6
        assert await server.stop() == 0


async def pay_a_deposit(url: str) -> Wire:
    async with asking(url) as client:
        guest = Customer(client, scenario_for("mobile-van"), telling())
        booking = await guest.book(await guest.ask(await guest.find()))
    async with asking(url) as client:
        return await evolve(guest, client=client).pay(booking, "deposit")


async def test_all_are_counted(bench: Place) -> None:
    """Whichever process is scraped tells the counts of all, by process, and a replaced one goes on from what it had."""
    async with started(bench, "serve", "--port", "0", "--workers", "2", "--no-worker") as server:
        url = await opened(server)
        async with asking(url) as client:
            for _ in range(30):
                await client.get("/v1/catalog/categories")
        await until(partial(requests, url), lambda many: many == 30, "all requests in the counts")
        before = pid(server, 2)
        kill(server, 2)
        await until(partial(asyncio.to_thread, pid, server, 2), lambda now: now != before, "another process")

        assert await requests(url) == 30
        assert 'repaircore_process_replaced_total{process="2"} 1.0' in await metrics(url)


async def metrics(url: str) -> str:
    async with asking(url) as client, client.session.get(f"{url}/metrics") as response:
        return await response.text()


async def requests(url: str) -> int:
    lines = [
        line
        for line in (await metrics(url)).splitlines()
        if line.startswith("repaircore_http_request_duration_seconds_count") and "/v1/catalog/categories" in line
    ]
    return sum(int(float(line.rpartition(" ")[2])) for line in lines)


async def test_a_shop_that_cannot_open(bench: Place, tmp_path: Path) -> None:
    """One line says why, once, exit code 1; no process is left."""
    broken = bench.copied(
        tmp_path / "shop", change=lambda text: text.replace("[database]", "[datebase]", 1) + "\nx = 1\n"
    )

    done = await asyncio.to_thread(broken.run, "serve", "--port", "0", "--workers", "3")

    assert done.returncode == 1
    assert len([line for line in done.stderr.splitlines() if line.startswith("repaircore: ")]) == 1
