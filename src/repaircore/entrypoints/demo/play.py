"""The order of the story."""

import asyncio
import signal
from pathlib import Path

from attrs import frozen

from repaircore.entrypoints.demo.client import Client, asking
from repaircore.entrypoints.demo.customer import Customer, Wire
from repaircore.entrypoints.demo.process import Server, command, serving
from repaircore.entrypoints.demo.proof import Proof
from repaircore.entrypoints.demo.refusals import DemoFailed
from repaircore.entrypoints.demo.scenario import scenario_for
from repaircore.entrypoints.demo.staff import Staff
from repaircore.entrypoints.demo.telling import Telling, telling
from repaircore.wiring.databases import MEMORY
from repaircore.wiring.opening import mail_directory
from repaircore.wiring.settings import Settings, load_settings, options

USUAL_PORT = 8080


@frozen(kw_only=True)
class Demo:
    """One run: which business, where its data is, and on which port its server listens."""

    config: Path
    data_dir: Path
    port: int

    async def __call__(self) -> None:
        """Play it. Raises DemoFailed for the first thing that is not as promised; the server is stopped in any case."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _cancel, asyncio.current_task())
        settings, tell = load_settings(self.config), telling()
        _must_be_playable(settings)
        tell.step(f"{settings.name}: the database is migrated, the rulebook published, the server started")
        log = self.data_dir / "var" / "demo-server.log"
        async with serving(self.config, self.data_dir, self.port, log=log) as server, asking(server.url) as client:
            tell.fact("address", server.url)
            tell.fact("ready", ", ".join(each["name"] for each in (await client.get("/ready"))["checks"]))
            await self._play(client, server, settings, tell)
        self._goodbye(tell)

    async def _play(self, client: Client, server: Server, settings: Settings, tell: Telling) -> None:
        folder = _mail_folder(settings, self.data_dir)
        known = frozenset(path.name for path in folder.glob("*.eml"))
        customer = Customer(client, scenario_for(settings.profile), tell)
        booking = await self._book(customer)
        proof = Proof(client, booking, tell)
        await proof.customer_told()
        if booking["deposit"]["status"] == "due":
            tell.step("The deposit is paid at the payment provider's own page")
            await customer.pay(booking, "deposit")
            await proof.customer_told()
            await proof.forgery_refused(settings.payments.provider)
            await proof.account()
        staff = Staff(client, await self._key(tell), tell, proof)
        await self._repair(booking, staff, customer)
        tell.step("The balance is paid; the provider sends its webhook twice")
        before = server.webhooks_answered
        await customer.pay(booking, "balance", faults=("duplicate_webhook",))
        await proof.one_effect(server, before)
        await proof.account()
        tell.step("What the customer was sent")
        proof.mails(folder, known)
        tell.step("The whole story")
        await proof.story()

    async def _book(self, customer: Customer) -> Wire:
        quote = await customer.ask(await customer.find())
        await customer.understand(quote)
        await customer.prove(quote)
        return await customer.book(quote)

    async def _key(self, tell: Telling) -> str:
        tell.step("A key for the staff is made: repaircore keys create --role staff")
        place = ("--config", str(self.config), "--data-dir", str(self.data_dir))
        made = await command("keys", "create", "--role", "staff", "--label", "demo", "--json", *place)
        tell.fact("id", made["id"])
        tell.fact("key", "shown once, to whoever makes it; the demo uses it from here on")
        return str(made["key"])

    async def _repair(self, booking: Wire, staff: Staff, customer: Customer) -> None:
        tell = staff.tell
        tell.step("The shop confirms; a move that makes no sense is refused")
        await staff.move(booking, "confirm", "confirmed")
        await staff.overreach(booking)
        tell.step("The repair begins, waits for a part, and needs a word with the customer")
        await staff.move(booking, "start", "in_progress")
        await staff.move(booking, "wait_for_parts", "waiting_parts", reason="The screen arrives tomorrow morning.")
        await staff.move(booking, "start", "in_progress")
        reason = "The frame is bent too; straightening it is included."
        await staff.move(booking, "request_approval", "waiting_approval", reason=reason)
        await customer.approve(booking)
        await staff.proof.customer_told()
        tell.step("The job is finished")
        if await staff.can(booking, "ready"):
            await staff.move(booking, "ready", "ready_for_pickup")
        await staff.move(booking, "complete", "completed")

    def _goodbye(self, tell: Telling) -> None:
        port = self.port or USUAL_PORT
        tell.console.print()
        tell.said("Everything answered as promised, and the server is stopped again.")
        tell.said(f"Go on:  make serve CONFIG={self.config} PORT={port}")
        tell.said(f"Then read and try the API at http://127.0.0.1:{port}/docs")
        tell.said("A key of your own:  repaircore keys create --role staff --config " + str(self.config))


def _must_be_playable(settings: Settings) -> None:
    if settings.payments.provider != "sandbox":
        raise DemoFailed(f"the demo pays at the sandbox, and this business uses {settings.payments.provider}")
    if settings.database.url == MEMORY:
        raise DemoFailed(
            "the demo needs a database that two processes share: set database.url to sqlite:///var/demo.db"
        )


def _mail_folder(settings: Settings, data_dir: Path) -> Path:
    if settings.notifications.provider != "file":
        raise DemoFailed("the demo reads the mails from files: set notifications.provider to file")
    given = options(settings.notifications.providers, "file").get("directory")
    return Path(given) if given else mail_directory(data_dir)


def _cancel(task: "asyncio.Task[None] | None") -> None:
    if task is not None:
        task.cancel("asked to stop")
