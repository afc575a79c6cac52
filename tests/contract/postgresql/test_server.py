"""What only a server can suffer: it is stopped, killed, out of reach, or was never migrated; and so are those who use it."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from itertools import count, islice

import psycopg
import pytest
from attrs import evolve

from repaircore.adapters.storage.migrations import migrate
from repaircore.adapters.storage.postgresql.lane import Lane
from repaircore.adapters.storage.postgresql.link import TEXTS, Link, Lost
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.identity import BookingId
from repaircore.ports.errors import Rejected, Unavailable
from repaircore.ports.jobs import NewJob
from repaircore.testing.jobs.words import enqueue, named, names, take
from repaircore.testing.storage.harness import committed, store
from repaircore.testing.storage.transactions import gather_all, stored
from repaircore.testing.storage.values import a_booking
from tests.contract.postgresql.conftest import Person
from tests.contract.storage import survivor
from tests.contract.storage.harnesses import PostgresqlHarness, postgresql_harness
from tests.servers.postgres import PostgresServer, running_postgres

ACKNOWLEDGED = 100
WRITERS = 8
BACK_AGAIN = 5.0


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL that keeps what it acknowledged, and that no other test shares."""
    with running_postgres() as server:
        migrate(server.url)
        yield server


@pytest.fixture
async def own(server: PostgresServer) -> AsyncIterator[PostgresqlHarness]:
    """The database of that server, as the test before left it."""
    async with postgresql_harness(server.url) as harness:
        yield harness


numbers = count(1)


class Load:
    """Writers that go on whatever happens, and a journal of what they were told."""

    def __init__(self, harness: PostgresqlHarness) -> None:
        self.acknowledged: list[int] = []
        self.refused: list[int] = []
        self._harness = harness
        self._over = False
        self._writers = [asyncio.ensure_future(self._write()) for _ in range(WRITERS)]

    async def going(self, more: int) -> None:
        """Come back when that many more were acknowledged."""
        wanted = len(self.acknowledged) + more
        while len(self.acknowledged) < wanted:
            await asyncio.wait(self._writers, timeout=0.005)

    async def end(self) -> None:
        """Let every writer come to an end. Raises what they did not expect."""
        self._over = True
        await asyncio.gather(*self._writers)

    async def _write(self) -> None:
        while not self._over:
            number = next(numbers)
            try:
                async with committed(self._harness) as work:
                    gather_all(work, number)
            except Unavailable:
                self.refused.append(number)
            else:
                self.acknowledged.append(number)


async def lost(harness: PostgresqlHarness, load: Load) -> list[int]:
    """Answer what was acknowledged and is not there; whatever is there by half fails the test."""
    missing = []
    for number in load.acknowledged + load.refused:
        parts = await stored(harness, number)
        assert all(parts) or not any(parts)
        if number in load.acknowledged and not all(parts):
            missing.append(number)
    return missing


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_a_server_that_goes_away_and_comes_back(own: PostgresqlHarness, server: PostgresServer, how: str) -> None:
    """Under load: serving again within five seconds, nothing acknowledged lost, nothing there by half, and no restart of ours."""
    load = Load(own)
    await load.going(WRITERS)

    await asyncio.to_thread(getattr(server, how))
    await asyncio.to_thread(server.start)
    async with asyncio.timeout(BACK_AGAIN):
        await load.going(WRITERS)
    await load.end()

    assert await lost(own, load) == []


async def test_a_loss_is_noticed(own: PostgresqlHarness) -> None:
    """A journal that claims what was never stored does not pass."""
    load = Load(own)
    await load.going(WRITERS)
    await load.end()
    load.acknowledged.append(next(numbers))

    assert await lost(own, load) == load.acknowledged[-1:]


async def test_an_event_loop_that_keeps_the_end_to_itself(own: PostgresqlHarness, server: PostgresServer) -> None:
    """Nobody waits much longer where the loop says nothing of a connection that was reset."""
    lane = Lane(server.url, texts={**TEXTS, "sleep": b"SELECT pg_sleep(60)"})
    link = await lane.connected()
    asked = asyncio.create_task(lane.exchange([[("sleep", ())]]))
    await asyncio.sleep(0)
    assert asyncio.get_running_loop().remove_reader(link.socket)

    await asyncio.to_thread(server.kill)
    try:
        async with asyncio.timeout(BACK_AGAIN):
            with pytest.raises(Lost):
                await asked
    finally:
        server.start()


async def test_connections_at_rest(own: PostgresqlHarness, server: PostgresServer) -> None:
    """Whoever asks after a restart hears nothing of it, and a worker at rest is woken as before."""
    jobs = own.storage.jobs
    await store(own, a_booking(next(numbers)))
    await take(own, 10_000)
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.start)

    number = next(numbers)
    await store(own, a_booking(number))
    assert await own.storage.unit_of_work().bookings.history(a_booking(number).id)
    waiting = asyncio.ensure_future(jobs.wait(3600))
    async with postgresql_harness(own.url) as other:
        await enqueue(other, *named("after the restart"))
        await asyncio.wait_for(waiting, 10)

    assert "after the restart" in names(await take(own, 10_000))


async def test_a_server_that_stays_away(own: PostgresqlHarness, server: PostgresServer) -> None:
    """Whoever asks is told Unavailable and when to try again; when it is back the same storage goes on."""
    await own.storage.health()
    await asyncio.to_thread(server.stop)
    try:
        with pytest.raises(Unavailable, match="cannot be reached") as unavailable:
            await store(own, a_booking(next(numbers)))
        assert unavailable.value.retry_after
        with pytest.raises(Unavailable):
            await own.storage.health()
    finally:
        await asyncio.to_thread(server.start)

    await own.storage.health()


async def test_a_killed_program_loses_nothing_it_acknowledged(harness: PostgresqlHarness) -> None:
    """Killed without warning, mid-commit: everything it said was stored is stored, nothing is there by half, no lock is left."""
    acknowledged = await asyncio.to_thread(run_until_killed, harness.url)

    assert len(acknowledged) >= ACKNOWLEDGED
    for number in range(1, max(acknowledged) + survivor.WRITERS + 1):
        parts = await stored(harness, number)
        assert all(parts) or (not any(parts) and number not in acknowledged)
    await asyncio.wait_for(store(harness, a_booking(10_000)), 5)


def run_until_killed(url: str) -> list[int]:
    """Let the program acknowledge that many, kill it, and answer all that it acknowledged."""
    program = subprocess.Popen([sys.executable, "-m", survivor.__name__, url], stdout=subprocess.PIPE, text=True)
    with program:
        assert program.stdout is not None
        acknowledged = [int(line) for line in islice(program.stdout, ACKNOWLEDGED)]
        program.send_signal(signal.SIGKILL)
        return acknowledged + [int(line) for line in program.stdout if line.endswith("\n")]


async def test_a_commit_whose_answer_is_lost(harness: PostgresqlHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows whether it was stored: that is said, and it is not sent a second time."""
    await store(harness, a_booking(1))
    collect = Link._collect
    monkeypatch.setattr(Link, "_collect", lambda link: link.lose("the line broke") if link._missing else collect(link))
    with pytest.raises(Unavailable, match="not known"):
        await store(harness, a_booking(2))
    monkeypatch.setattr(Link, "_collect", collect)

    await store(harness, a_booking(3))  # comes behind whatever the server still did of the other one
    assert len(await harness.storage.unit_of_work().bookings.history(a_booking(2).id)) <= 1


async def test_a_field_with_a_nul_is_named(harness: PostgresqlHarness) -> None:
    """Whoever is refused learns which text it was; the storage goes on."""
    with pytest.raises(Rejected, match=r"NUL in booking\.notes"):
        await store(harness, evolve(a_booking(1), notes="before\x00after"))
    with pytest.raises(Rejected, match="NUL"):
        await harness.storage.unit_of_work().bookings.get(BookingId("bk_\x00"))

    await store(harness, a_booking(1))


async def test_a_text_that_no_index_can_hold(harness: PostgresqlHarness) -> None:
    """It is refused for good, and alone: whoever shared its transaction is stored."""
    job = NewJob(name="mail", unique_key="".join(sha256(b"%d" % n).hexdigest() for n in range(200)))

    refused, neighbour = await asyncio.gather(
        enqueue(harness, job), store(harness, a_booking(1)), return_exceptions=True
    )

    assert isinstance(refused, Rejected)
    assert neighbour is None
    assert await harness.storage.unit_of_work().bookings.get(a_booking(1).id)


@pytest.mark.parametrize(
    "damage",
    ["UPDATE bookings SET status = 'lost'", "UPDATE bookings SET paid = -1", "UPDATE bookings SET notes = NULL"],
)
async def test_the_database_itself_refuses_nonsense(harness: PostgresqlHarness, person: Person, damage: str) -> None:
    """Whoever goes around the program still cannot store an unknown state, a negative amount, or nothing at all."""
    await store(harness, a_booking(1))

    with pytest.raises(psycopg.IntegrityError):
        await person.execute(damage.encode())

    assert (await harness.storage.unit_of_work().bookings.get(a_booking(1).id)).status is Status.PENDING


async def test_health_of_a_database_that_was_never_migrated(empty_postgres_url: str) -> None:
    """It says which migration is missing and what to do; after migrating it is content."""
    async with postgresql_harness(empty_postgres_url) as harness:
        with pytest.raises(Unavailable, match="repaircore migrate"):
            await harness.storage.health()
        with pytest.raises(Unavailable):
            await store(harness, a_booking(1))
        migrate(empty_postgres_url)

        await harness.storage.health()
        await store(harness, a_booking(1))


def test_opening_imports_no_sqlalchemy(postgres_url: str) -> None:
    """A server that finds its database migrated starts without SQLAlchemy and alembic."""
    program = f"""
import sys
from repaircore.adapters.clock.system import SystemClock
from repaircore.adapters.storage.migrations import migrate
from repaircore.adapters.storage.postgresql import open_postgresql
migrate({postgres_url!r})
open_postgresql({postgres_url!r}, clock=SystemClock(), ids=None, subscriptions=lambda event: ())
print(sorted({{"sqlalchemy", "alembic", "aiohttp"}} & sys.modules.keys()))
"""

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert said.strip() == "[]"
