"""Commands beside a running server: one database, one engine, one set of keys."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from repaircore.entrypoints.demo.client import asking, until
from repaircore.entrypoints.demo.process import serving
from tests.e2e.customers import book, messages
from tests.e2e.places import Place

URGENT = ("quote", "--device", "iphone-13-pro", "--item", "screen-repair", "--urgency", "urgent")
ASKED = {"device_id": "iphone-13-pro", "items": [{"service_id": "screen-repair"}], "urgency": "urgent"}
OF_EACH = {"id", "created_at", "valid_until", "receipt_hash", "token"}


@asynccontextmanager
async def working(place: Place) -> AsyncIterator[Process]:
    """Run `repaircore worker` beside."""
    command = (sys.executable, "-m", "repaircore.entrypoints.cli", "worker", *place.options)
    worker = await asyncio.create_subprocess_exec(*command, stderr=DEVNULL)
    try:
        yield worker
    finally:
        with suppress(ProcessLookupError):
            worker.kill()
        await worker.wait()


async def test_a_quote_here_and_there(bench: Place) -> None:
    """`quote --json` is the quote that the server would make, and the server knows it by its id."""
    async with serving(bench.config, bench.data, 0, log=bench.log) as server, asking(server.url) as client:
        made = json.loads(bench.run(*URGENT, "--json").stdout)
        key = json.loads(bench.run("keys", "create", "--role", "staff", "--json").stdout)["key"]
        asked = await client.post("/v1/quotes", ASKED, token=key, expect=201)
        read = await client.get(f"/v1/quotes/{made['id']}", token=key)

    assert read == made
    assert {name: asked[name] for name in asked.keys() - OF_EACH} == {
        name: made[name] for name in made.keys() - OF_EACH
    }
    assert made["total"] == {"amount": 24800, "currency": "GBP"}
    assert made["deposit_due"] == {"amount": 6200, "currency": "GBP"}


async def test_an_explanation_here_and_there(bench: Place) -> None:
    """`quote explain` and `quote verify` answer for the server's quotes; only staff are told what codes would do."""
    async with serving(bench.config, bench.data, 0, log=bench.log) as server, asking(server.url) as client:
        quote = await client.post("/v1/quotes", ASKED, expect=201)
        there = await client.get(f"/v1/quotes/{quote['id']}/explanation", token=quote["token"])
        here = json.loads(bench.run("quote", "explain", quote["id"], "--json").stdout)
        proof = json.loads(bench.run("quote", "verify", quote["id"], "--json").stdout)

    told = [one for one in here["counterfactuals"] if one["input"] != "promo_codes"]
    assert len(told) < len(here["counterfactuals"])
    assert {**here, "counterfactuals": told} == there
    assert proof["matches"] is True
    assert proof["recomputed_hash"] == proof["receipt_hash"] == quote["receipt_hash"]


async def test_a_key_is_made_used_and_revoked(bench: Place) -> None:
    """A key opens the staff's doors as soon as it is made, and none once it is revoked."""
    async with serving(bench.config, bench.data, 0, log=bench.log) as server, asking(server.url) as client:
        used, unused = (json.loads(bench.run("keys", "create", "--json").stdout) for _ in range(2))
        await client.get("/v1/bookings", token=used["key"])
        for each in (used, unused):
            assert bench.run("keys", "revoke", each["id"]).returncode == 0

        await client.get("/v1/bookings", token=unused["key"], expect=401)
    async with serving(bench.config, bench.data, 0, log=bench.log) as server, asking(server.url) as client:
        await client.get("/v1/bookings", token=used["key"], expect=401)

    listed = {each["id"]: each for each in json.loads(bench.run("keys", "list", "--json").stdout)}
    assert all(listed[each["id"]]["revoked_at"] for each in (used, unused))
    assert used["key"] not in json.dumps(listed)


async def test_a_worker_of_its_own(bench: Place) -> None:
    """A server without a worker takes bookings; a worker in another process sends the mails."""
    async with (
        serving(bench.config, bench.data, 0, "--no-worker", log=bench.log) as server,
        asking(server.url) as client,
    ):
        booking = await book(client)
        assert await messages(client, booking) == 0

        async with working(bench) as worker:
            await until(lambda: messages(client, booking), bool, "the confirmation")
            worker.terminate()
            assert await worker.wait() == 0


def test_migrate_again(bench: Place) -> None:
    """Migrating is safe to repeat; the second time there is nothing to do."""
    first, second = bench.run("migrate"), bench.run("migrate")

    assert (first.returncode, second.returncode) == (0, 0)
    assert "was brought to this version" in first.stdout
    assert "was at this version already" in second.stdout
    assert first.stderr == second.stderr == "", "a progress bar is for terminals"


@pytest.mark.parametrize("name", ["nothing", "key_00000000000000000000000000"])
def test_a_key_that_is_none(bench: Place, name: str) -> None:
    """Revoking what is not there says so."""
    done = bench.run("keys", "revoke", name)

    assert done.returncode == 1
    assert done.stderr.startswith("repaircore: there is no ")
