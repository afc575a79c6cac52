"""Each adapter with its far side."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp
from attrs import define, field

from repaircore.adapters.payments.memory.gateway import HEADER, MemoryGateway
from repaircore.adapters.payments.sandbox import SandboxSettings
from repaircore.adapters.payments.sandbox.gateway import SandboxGateway
from repaircore.adapters.payments.sandbox.provider import Account, SandboxServer
from repaircore.adapters.payments.sandbox.provider.faults import ApiFault
from repaircore.adapters.payments.signature import sign
from repaircore.adapters.resilience.payments import resilient
from repaircore.domain.money import Money
from repaircore.domain.payments.payment import FactKind
from repaircore.ports.errors import InvalidResponse, OutcomeUnknown, Unavailable
from repaircore.ports.payments import Outcome, PaymentGateway
from repaircore.testing.payments import Delivery, FarPayment, PaymentHarness, Signer
from tests.contract.payments.clocks import EagerClock

CURRENT, PREVIOUS, NEXT = "secret-of-today", "secret-of-yesterday", "secret-of-tomorrow"
_SECRETS = {
    Signer.CURRENT: (CURRENT,),
    Signer.PREVIOUS: (PREVIOUS,),
    Signer.BOTH: (NEXT, CURRENT),
    Signer.STRANGER: ("secret-of-a-stranger",),
}
_ALWAYS = 10_000


@define(eq=False)
class MemoryHarness:
    """The memory gateway is its own far side; its books are read directly."""

    gateway: MemoryGateway
    clock: EagerClock

    async def approve(self, outcome: Outcome) -> None:
        self.gateway.approve(outcome.reference)

    async def decline(self, outcome: Outcome) -> None:
        self.gateway.decline(outcome.reference)

    async def payments(self) -> Sequence[FarPayment]:
        return [
            FarPayment(
                key=held.order.key,
                amount=held.order.amount,
                collected=held.sum(FactKind.CAPTURED),
                refunded=held.sum(FactKind.REFUNDED),
            )
            for held in self.gateway.payments.values()
        ]

    async def webhooks(self) -> Sequence[Delivery]:
        return [Delivery(headers, body) for headers, body in self.gateway.webhooks]

    async def lose_reply(self) -> None:
        self.gateway.fail_next(OutcomeUnknown("no answer"), acts=True)

    async def fail_after_acting(self) -> None:
        self.gateway.fail_next(OutcomeUnknown("it failed"), acts=True)

    async def garble(self) -> None:
        self.gateway.fail_next(InvalidResponse("what?"), acts=True)

    async def be_busy(self, *, retry_after: int) -> None:
        self.gateway.fail_next(Unavailable("busy", retry_after=retry_after), times=_ALWAYS)

    async def break_down(self) -> None:
        self.gateway.fail_next(Unavailable("nobody there"), times=_ALWAYS)

    async def recover(self) -> None:
        self.gateway.recover()

    def sign(self, body: bytes, *, by: Signer) -> Mapping[str, str]:
        return {HEADER: sign(body, secrets=_SECRETS[by], at=self.clock.now())}

    def strange_news(self, outcome: Outcome) -> Delivery:
        fact = {
            "kind": "teleported",
            "reference": "r",
            "amount": {"amount": 1, "currency": "GBP"},
            "at": "2026-01-05T09:00:00Z",
        }
        news = {"event_id": "evt", "kind": "payment", "created_at": "2026-01-05T09:00:00Z"}
        body = json.dumps({**news, "outcome": {"key": outcome.key, "reference": "r", "facts": [fact]}}).encode()
        return Delivery(self.sign(body, by=Signer.CURRENT), body)


@define(eq=False)
class SandboxHarness:
    """The sandbox as a server on loopback; the customer is a web client, and the books are the server's own."""

    gateway: SandboxGateway
    clock: EagerClock
    server: SandboxServer
    sent: list[Delivery] = field(factory=list)

    async def approve(self, outcome: Outcome) -> None:
        await self._pay(outcome, "4242424242424242")

    async def decline(self, outcome: Outcome) -> None:
        await self._pay(outcome, "4000000000000002")

    async def payments(self) -> Sequence[FarPayment]:
        return [
            FarPayment(
                key=session.key,
                amount=Money(session.amount, session.currency),
                collected=Money(session.charged, session.currency),
                refunded=Money(session.refunded, session.currency),
            )
            for session in self.server.desk.bank.journal.sessions.values()
        ]

    async def webhooks(self) -> Sequence[Delivery]:
        await self.server.desk.courier.settle()
        return list(self.sent)

    async def lose_reply(self) -> None:
        self.server.desk.faults.add(ApiFault(kind="lose_reply"))

    async def fail_after_acting(self) -> None:
        self.server.desk.faults.add(ApiFault(kind="status", status=500, acts=True))

    async def garble(self) -> None:
        self.server.desk.faults.add(ApiFault(kind="garbage"))

    async def be_busy(self, *, retry_after: int) -> None:
        self.server.desk.faults.add(ApiFault(kind="status", status=503, retry_after=retry_after, times=_ALWAYS))

    async def break_down(self) -> None:
        await self.server.stop()

    async def recover(self) -> None:
        await self.server.start()

    def sign(self, body: bytes, *, by: Signer) -> Mapping[str, str]:
        return {"sandbox-signature": sign(body, secrets=_SECRETS[by], at=self.clock.now())}

    def strange_news(self, outcome: Outcome) -> Delivery:
        charge = {"id": "ch_1", "kind": "charge", "amount": 2475, "at": "2026-01-05T09:00:00Z"}
        session = {
            "id": outcome.reference,
            "key": outcome.key,
            "mode": "sale",
            "status": "teleported",
            "amount": 2475,
            "currency": "GBP",
            "pay_url": "",
            "created_at": "2026-01-05T09:00:00Z",
            "operations": [charge],
        }
        news = {"id": "evt_1", "type": "payment.teleported", "created_at": "2026-01-05T09:00:00Z", "session": session}
        body = json.dumps(news).encode()
        return Delivery(self.sign(body, by=Signer.CURRENT), body)

    async def _pay(self, outcome: Outcome, card: str) -> None:
        url = f"{self.server.base_url}/pay/{outcome.reference}"
        async with aiohttp.ClientSession() as browser, browser.post(url, json={"card": card}) as answer:
            assert answer.status in (200, 409)


@define(eq=False)
class ResilientHarness:
    """Any harness, with the chain around its gateway."""

    inner: PaymentHarness
    gateway: PaymentGateway = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.gateway = resilient(self.inner.gateway, clock=self.inner.clock)

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)


def memory_harness() -> MemoryHarness:
    """Payments in memory, able to do everything."""
    clock = EagerClock()
    return MemoryHarness(MemoryGateway(clock=clock, secrets=(CURRENT, PREVIOUS)), clock)


async def start_sandbox(state: Path) -> SandboxHarness:
    """A running sandbox and its gateway."""
    clock, sent = EagerClock(), list[Delivery]()

    async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        sent.append(Delivery({name.lower(): value for name, value in headers.items()}, body))
        return 200

    account = Account(api_key="key", webhook_secrets=(CURRENT,), webhook_url="http://shop.example.com/hook")
    server = SandboxServer(account, clock=clock, state=state, post=post)
    await server.start()
    settings = SandboxSettings(base_url=server.base_url, api_key="key", webhook_secrets=(CURRENT, PREVIOUS), timeout=2)
    return SandboxHarness(SandboxGateway(settings, clock=clock), clock, server, sent)
