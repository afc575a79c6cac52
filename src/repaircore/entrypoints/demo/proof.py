"""What can be seen of the job from outside: the account, the mails, the story."""

from email import message_from_bytes, policy
from pathlib import Path

from attrs import define, field

from repaircore.entrypoints.demo.client import Client, until
from repaircore.entrypoints.demo.customer import Wire
from repaircore.entrypoints.demo.process import Server
from repaircore.entrypoints.demo.refusals import DemoFailed
from repaircore.entrypoints.demo.telling import Telling, amount


@define
class Proof:
    """Looks at one booking with nothing but the customer's link to it."""

    client: Client
    booking: Wire
    tell: Telling
    _messages: int = field(default=0, init=False)

    async def account(self) -> None:
        """The ledger's statement: what was paid and what is due make up the total."""
        seen = await self._read("")
        paid, due, total = (seen[name]["amount"] for name in ("paid", "due", "total"))
        self.tell.fact(
            "statement", f"{amount(seen['paid'])} paid + {amount(seen['due'])} due = {amount(seen['total'])}"
        )
        if paid + due != total:
            raise DemoFailed(f"paid {paid} + due {due} is not the total {total}")

    async def customer_told(self) -> None:
        """Wait until one more message has gone out, so that each tells of its own moment."""

        def told(story: list[Wire]) -> bool:
            return [each["kind"] for each in story].count("message.sent") > self._messages

        await until(self._story, told, "the customer's mail")
        self._messages += 1

    async def forgery_refused(self, provider: str) -> None:
        """A webhook that the provider did not sign changes nothing."""
        forged = {"id": "evt_forged", "type": "session.paid"}
        problem = await self.client.post(f"/v1/webhooks/{provider}", forged, expect=400)
        self.tell.fact("forged webhook", f"400 {problem['code']}")

    async def one_effect(self, server: Server, answered_before: int) -> None:
        """A webhook that came twice was answered twice, and counted once."""

        async def answered() -> int:
            return server.webhooks_answered - answered_before

        await until(answered, lambda count: count >= 2, "the duplicate webhook")
        captured = [each for each in await self._story() if each["kind"] == "payment.captured"]
        payments = (await self._read("/payments"))["items"]
        paid = [each for each in payments if each["status"] == "succeeded"]
        if len(captured) != len(paid):
            raise DemoFailed(f"{len(paid)} payments were captured {len(captured)} times")
        self.tell.fact("duplicate", "answered 200 like the first, and nothing counted twice")

    def mails(self, folder: Path, known: frozenset[str]) -> None:
        """Every message to the customer, in the order in which they were written."""
        fresh = [path for path in folder.glob("*.eml") if path.name not in known]
        if len(fresh) != self._messages:
            raise DemoFailed(f"{self._messages} messages were sent, and {len(fresh)} mails are in {folder}")
        for path in sorted(fresh, key=lambda each: each.stat().st_mtime_ns):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            self.tell.fact(f"{path.name[:8]}….eml", message["Subject"])
        self.tell.fact("folder", folder)

    async def story(self) -> None:
        """The booking's timeline."""
        rows = [[each["at"][11:19], each["title"], each["actor"]["role"]] for each in await self._story()]
        self.tell.table(("time", "what", "who"), rows)

    async def _story(self) -> list[Wire]:
        items: list[Wire] = (await self._read("/timeline"))["items"]
        return items

    async def _read(self, part: str) -> Wire:
        path, token = f"/v1/bookings/{self.booking['id']}{part}", self.booking["tracking_token"]
        seen: Wire = await self.client.get(path, token=token)
        return seen
