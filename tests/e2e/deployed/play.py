"""What a composition is for: it is migrated, its servers are one shop, its workers share the work, and all of it stops politely."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from repaircore.entrypoints.demo.client import asking, until
from tests.e2e.customers import book, messages
from tests.e2e.deployed.composition import Service, services
from tests.e2e.deployed.program import Program, done, running
from tests.e2e.deployed.stage import Stage

BOOKINGS = 4


async def play(stage: Stage) -> list[str]:
    """Play it, and answer the addresses of the servers. Raises AssertionError for the first thing that is not as promised."""
    composed = services()
    assert "was brought to this version" in await done(stage, composed["migrate"])
    assert "was at this version already" in await done(stage, composed["migrate"])
    async with opened(stage) as (servers, workers):
        urls = [(await server.event("listening"))["url"] for server in servers]
        for worker in workers:
            await worker.event("working")
        await one_shop(urls, stage)
        for program in (*servers, *workers):
            assert await program.stop() == 0, "\n".join(program.said)
    for server in servers:
        assert '"event":"stopped"' in server.said[-1]
    return urls


@asynccontextmanager
async def opened(stage: Stage) -> AsyncIterator[tuple[list[Program], list[Program]]]:
    """Start as many servers and workers as the composition has."""
    async with AsyncExitStack() as stack:

        async def several(service: Service) -> list[Program]:
            return [await stack.enter_async_context(running(stage, service)) for _ in range(service.copies)]

        composed = services()
        yield await several(composed["server"]), await several(composed["worker"])


async def one_shop(urls: list[str], stage: Stage) -> None:
    """What is booked at one server is known to the other, by the link that the first one signed; each customer is told once."""
    first, second = urls
    async with asking(first) as here, asking(second) as there:
        assert (await there.get("/ready"))["status"] == "ready"
        bookings = [await book(here) for _ in range(BOOKINGS)]
        for booking in bookings:
            read = await there.get(f"/v1/bookings/{booking['id']}", token=booking["tracking_token"])
            assert read["reference"] == booking["reference"]
            assert await until(partial(messages, there, booking), bool, "the confirmation") == 1
        async with there.session.get(f"{second}/metrics") as response:
            assert "\nrepaircore_jobs_lag_seconds " in await response.text()
    assert len(list(stage.mail.glob("*.eml"))) == BOOKINGS
