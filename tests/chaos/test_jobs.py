"""Every job is handled at least once and has its effect once, whenever its worker is killed; effects are counted at the far side."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from email import message_from_bytes
from pathlib import Path
from random import Random
from typing import Any, cast

import aiohttp
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from attrs import define, field

from repaircore.application.notifications.subscriptions import SEND_MESSAGE
from repaircore.ports.jobs import JobQueue, JobState
from tests.chaos.lengths import JOB_KILLS
from tests.chaos.programs.patience import PATIENCE, until
from tests.chaos.programs.shop import Shop, shop, stored
from tests.chaos.programs.variants import EAGER, NAMELESS
from tests.contract.notifications.mail_server import MailServer
from tests.e2e.customers import CUSTOMER, QUOTE
from tests.servers.postgres import running_postgres

_STEPS = ("recipient", "text", "kept", "goodbye", "afterwards")
_AFTERWARDS = 0.03  # seconds in which a worker writes down what it did
_BOOKED_EACH_TIME = 2


@define(eq=False)
class DeadlyMailServer(MailServer):
    """A mail server that kills its client at the step that was chosen for it."""

    steps: Sequence[str] = _STEPS
    chance: Random = field(factory=Random)
    shop: Shop | None = None
    step: str = ""
    killed: asyncio.Event = field(factory=asyncio.Event)
    deaths: Counter[str] = field(factory=Counter)

    def choose(self) -> None:
        """Choose where the worker dies next."""
        self.step = self.chance.choice(self.steps)
        self.killed.clear()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Hear of a recipient."""
        self._at("recipient")
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep a text, and answer."""
        self._at("text")
        answer = await super().handle_DATA(server, session, envelope)
        self._at("kept")
        return answer

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Say goodbye."""
        self._at("goodbye")
        if self.step == "afterwards":
            asyncio.get_running_loop().call_later(self.chance.uniform(0, _AFTERWARDS), self._at, "afterwards")
        return await super().handle_QUIT(server, session, envelope)

    def _at(self, step: str) -> None:
        if step == self.step and self.shop is not None and self.shop.worker is not None:
            self.shop.worker.kill()
            self.step = ""
            self.deaths[step] += 1
            self.killed.set()


@define(eq=False)
class Clerk:
    """Books jobs, each for somebody else, so that each message can be told apart."""

    shop: Shop
    session: aiohttp.ClientSession
    booked: dict[str, str] = field(factory=dict)  # recipient → booking

    async def book(self) -> None:
        """Book one job."""
        recipient = f"customer-{len(self.booked)}@example.com"
        quote = await self._ask("/v1/quotes", QUOTE)
        wanted = {
            "quote_id": quote["id"],
            "customer": {**CUSTOMER, "email": recipient},
            "fulfilment": "in_store",
            "issue_description": "The screen is cracked from corner to corner.",
        }
        self.booked[recipient] = (await self._ask("/v1/bookings", wanted))["id"]

    async def _ask(self, path: str, body: dict[str, Any]) -> Any:
        async with self.session.post(self.shop.url + path, json=body) as response:
            assert response.status == 201, await response.text()
            return await response.json()


async def worked_off(database: str) -> None:
    """Come back when no message is left to be sent."""
    async with stored(database) as storage:
        queue: JobQueue = cast(Any, storage).jobs

        async def over() -> bool:
            waiting = [state for state in JobState if state is not JobState.DONE]
            return not [job for state in waiting for job in await queue.find(state=state, name=SEND_MESSAGE)]

        await until(over, "the end of all jobs")


async def faults(mail: DeadlyMailServer, clerk: Clerk) -> list[str]:
    """Answer every booking whose customer was not told exactly once. A message that came again under its own name is known again."""
    arrived: dict[str, set[str]] = {}
    for received in mail.received:
        name = str(message_from_bytes(received.content)["Message-ID"])
        arrived.setdefault(received.recipients[0], set()).add(name)
    found = []
    async with stored(clerk.shop.database) as storage, storage.unit_of_work() as work:
        for recipient, booking in clerk.booked.items():
            events = [event.name for event in await work.events.of_aggregate(booking)]
            if len(arrived.get(recipient, ())) != 1 or events.count("message.sent") != 1:
                found.append(f"{recipient}: messages {arrived.get(recipient)}, events {events}")
    return found


async def killed_between_steps(
    folder: Path, times: int, *, steps: Sequence[str] = _STEPS, postgres: str = "", variant: str = ""
) -> tuple[DeadlyMailServer, list[str]]:
    """Kill the worker that often, each time at another step of its work; then let it finish, and answer the faults."""
    async with AsyncExitStack() as stack:
        mail = DeadlyMailServer(steps=steps, chance=Random(times))
        await mail.start()
        stack.push_async_callback(mail.stop)
        place = await stack.enter_async_context(shop(folder, postgres=postgres, variant=variant, mail_port=mail.port))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        mail.shop, clerk = place, Clerk(place, session)
        await place.open()
        for _ in range(times):
            mail.choose()
            for _ in range(_BOOKED_EACH_TIME):
                await clerk.book()
            async with asyncio.timeout(PATIENCE):
                await mail.killed.wait()
            await place.kill(worker=True)
            await place.open()
        await worked_off(place.database)
        await place.kill(server=True, worker=True)
        return mail, await faults(mail, clerk)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_workers_killed_between_any_two_steps(tmp_path: Path, kind: str) -> None:
    """Every customer is told, and told once, though some mails were sent twice."""
    with ExitStack() as servers:
        postgres = servers.enter_context(running_postgres()).url if kind == "postgresql" else ""
        mail, found = await killed_between_steps(tmp_path, JOB_KILLS, postgres=postgres)

    assert not found
    assert set(mail.deaths) == set(_STEPS)


@pytest.mark.parametrize(("variant", "step"), [(EAGER, "recipient"), (NAMELESS, "kept")])
async def test_workers_that_are_broken(tmp_path: Path, variant: str, step: str) -> None:
    """One that says a job is done before it is, and one whose repetitions nobody can know again, are found out."""
    _, found = await killed_between_steps(tmp_path, 1, steps=(step,), variant=variant)

    assert found
