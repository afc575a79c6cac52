"""A shop whose provider of payments and whose mail server are outside of it, and outlive it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from attrs import define, field

from repaircore.adapters.clock.system import SystemClock
from repaircore.adapters.ids.system import SystemIds
from repaircore.adapters.payments.sandbox.provider import Account, SandboxServer
from repaircore.adapters.storage.migrations import migrate
from repaircore.application.access.keys import CreateKey
from repaircore.domain.actors import Role
from repaircore.ports.unit_of_work import Storage
from repaircore.wiring.databases import open_storage
from repaircore.wiring.settings import DatabaseSettings
from tests.chaos.programs.nursery import Born, Nursery, nursery
from tests.e2e.places import Place, example
from tests.servers.process import free_port

_OUTSIDE = """[payments]
provider = "sandbox"

[payments.providers.sandbox]
base_url = "{sandbox}"
api_key = "key"
webhook_secrets = ["secret"]

[notifications]
provider = "{mailer}"
sender = "Example Repairs <hello@example.com>"
{mail}
[database]
url = "{database}"
"""
_MAIL = """
[notifications.providers.smtp]
host = "127.0.0.1"
port = {port}
security = "none"
"""


@define(eq=False)
class Shop:
    """A server and a worker over one database, each killed and born again as a test likes."""

    place: Place
    database: str
    port: int
    nursery: Nursery
    staff: str = ""
    server: Born | None = field(default=None, init=False)
    worker: Born | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """Where the server listens, every time."""
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        """Bear whichever of the two is not there, and come back when both are up."""
        if self.server is None:
            words = ("serve", "--no-worker", "--port", str(self.port), *self.place.options)
            self.server = await self.nursery.bear(*words, name="server")
        if self.worker is None:
            self.worker = await self.nursery.bear("worker", *self.place.options, name="worker")
        await self.server.up("listening")
        await self.worker.up("working")

    async def second(self) -> str:
        """Bear one more server over the same database, and answer where it listens."""
        port = free_port()
        born = await self.nursery.bear(
            *("serve", "--no-worker", "--port", str(port), *self.place.options), name="second"
        )
        await born.up("listening")
        return f"http://127.0.0.1:{port}"

    async def kill(self, *, server: bool = False, worker: bool = False) -> None:
        """Kill them at this very moment, and come back when they are gone."""
        victims = [each for each, dies in ((self.server, server), (self.worker, worker)) if dies and each is not None]
        for each in victims:
            each.kill()
        for each in victims:
            await each.gone()
        self.server = None if server else self.server
        self.worker = None if worker else self.worker


@asynccontextmanager
async def shop(folder: Path, *, postgres: str = "", variant: str = "", mail_port: int = 0) -> AsyncIterator[Shop]:
    """A shop on an SQLite file or on that PostgreSQL database, with the provider next door; nothing of it runs yet."""
    port, database = free_port(), postgres or f"sqlite:///{folder / 'data' / 'shop.db'}"
    account = Account(
        api_key="key", webhook_secrets=("secret",), webhook_url=f"http://127.0.0.1:{port}/v1/webhooks/sandbox"
    )
    async with SandboxServer(account, clock=SystemClock()) as sandbox, nursery(folder / "logs", variant) as born:
        outside = _OUTSIDE.format(
            sandbox=sandbox.base_url,
            database=database,
            mailer="smtp" if mail_port else "file",
            mail=_MAIL.format(port=mail_port) if mail_port else "",
        )
        bench = example("revivatech", folder / "data")
        place = bench.copied(folder / "shop", change=lambda text: text.partition("[payments]")[0] + outside)
        (folder / "data").mkdir(exist_ok=True)
        await asyncio.to_thread(migrate, postgres or folder / "data" / "shop.db")
        async with stored(database) as storage:
            _, key = await CreateKey(storage.unit_of_work, SystemClock(), SystemIds())(Role.STAFF)
        yield Shop(place, database, port, born, staff=key)


@asynccontextmanager
async def stored(database: str) -> AsyncIterator[Storage]:
    """Open the database itself, to compare it with what was said."""
    storage = await open_storage(DatabaseSettings(url=database), Path(), clock=SystemClock(), ids=SystemIds())
    try:
        yield storage
    finally:
        await storage.aclose()
