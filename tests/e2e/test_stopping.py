"""Stopping, politely and not: whatever was acknowledged is there afterwards, and what it causes happens once."""

import asyncio
import json
import signal
from functools import partial

import pytest

from repaircore.application.notifications.subscriptions import SEND_MESSAGE
from repaircore.entrypoints.demo.client import Client, asking, until
from repaircore.entrypoints.demo.process import Server, serving
from tests.e2e.customers import Wire, crowd, messages
from tests.e2e.places import Place

_CUSTOMERS, _ENOUGH = 8, 40


async def booked_until_stopped(server: Server, how: signal.Signals) -> list[Wire]:
    """Let a crowd book, end the server in the middle of it, and answer every booking that was acknowledged."""
    acknowledged: list[Wire] = []

    def acknowledge(booking: Wire) -> None:
        acknowledged.append(booking)
        if len(acknowledged) == _ENOUGH:
            server.process.send_signal(how)

    async with asking(server.url) as client:
        await crowd(client, _CUSTOMERS, acknowledge)
    await server.process.wait()
    return acknowledged


async def still_there(client: Client, bookings: list[Wire]) -> None:
    """Every booking can be read by whoever got its link, as it was acknowledged."""
    for booking in bookings:
        read = await client.get(f"/v1/bookings/{booking['id']}", token=booking["tracking_token"])
        assert read["reference"] == booking["reference"]


def mails(place: Place) -> int:
    """Count the mails that were written."""
    return len(list((place.data / "var" / "mail").glob("*.eml")))


async def each_told_once(client: Client, place: Place, bookings: list[Wire]) -> None:
    """Every booking is confirmed by one message and one mail, and no job is left or dead."""
    for booking in bookings:
        await until(partial(messages, client, booking), bool, "the confirmation")
        assert await messages(client, booking) == 1
    told = await until(partial(finished, place), bool, "the end of all jobs")
    assert mails(place) == told >= len(bookings)


async def finished(place: Place) -> int:
    """Count the messages that jobs sent, once no job is left; until then 0."""
    jobs = json.loads((await asyncio.to_thread(place.run, "jobs", "list", "--json", "--limit", "1000")).stdout)
    if {job["state"] for job in jobs} != {"done"}:
        return 0
    return sum(job["name"] == SEND_MESSAGE for job in jobs)


@pytest.mark.parametrize("processes", ["1", "2"])
async def test_asked_to_stop_under_load(bench: Place, processes: str) -> None:
    """SIGTERM: requests under way are answered, the process ends well, and nothing acknowledged is missing."""
    async with serving(bench.config, bench.data, 0, "--workers", processes, log=bench.log) as server:
        bookings = await booked_until_stopped(server, signal.SIGTERM)
        assert server.process.returncode == 0

    assert len(bookings) >= _ENOUGH
    assert '"event":"stopped"' in bench.log.read_text()
    async with serving(bench.config, bench.data, 0, log=bench.log) as server, asking(server.url) as client:
        await still_there(client, bookings)
        await each_told_once(client, bench, bookings)


@pytest.mark.parametrize("processes", ["1", "2"])
async def test_killed_under_load(bench: Place, processes: str) -> None:
    """SIGKILL: the next server has everything that was acknowledged, and finishes what the first one began, once. Of several
    processes the parent is killed: the others end by themselves."""
    async with serving(bench.config, bench.data, 0, "--workers", processes, log=bench.log) as server:
        bookings = await booked_until_stopped(server, signal.SIGKILL)
        assert server.process.returncode == -signal.SIGKILL

    assert len(bookings) >= _ENOUGH
    async with serving(bench.config, bench.data, 0, log=bench.log) as server, asking(server.url) as client:
        await still_there(client, bookings)
        await each_told_once(client, bench, bookings)
