"""What the gateway makes of answers that the sandbox itself would not give."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from subprocess import run

import pytest
from aiohttp import web

from repaircore.adapters.payments.memory import MemorySettings
from repaircore.adapters.payments.memory import build as build_memory
from repaircore.adapters.payments.sandbox import SandboxSettings, build
from repaircore.adapters.payments.sandbox.gateway import SandboxGateway
from repaircore.adapters.payments.sandbox.translation import to_outcome
from repaircore.adapters.payments.sandbox.transport import seconds
from repaircore.adapters.payments.sandbox.wire import WireOperation, WireSession
from repaircore.domain.identity import PaymentId
from repaircore.domain.money import Money
from repaircore.domain.payments.payment import FactKind
from repaircore.ports.errors import (
    Declined,
    InvalidResponse,
    OutcomeUnknown,
    PortError,
    Rejected,
    Unavailable,
    Unsupported,
)
from repaircore.ports.payments import Order
from tests.contract.payments.clocks import START, EagerClock

ORDER = Order(key=PaymentId("pay_1"), amount=Money(500, "JPY"), description="Deposit")
REASON = '{"error": {"code": "no_luck", "message": "No luck today."}}'
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def settings(base_url: str = "http://127.0.0.1:1", *, timeout: float = 2.0) -> SandboxSettings:
    return SandboxSettings(base_url=base_url, api_key="key-1", webhook_secrets=("secret-1",), timeout=timeout)


@asynccontextmanager
async def odd_provider(answer: Answer, *, patience: float = 2.0) -> AsyncIterator[SandboxGateway]:
    """A gateway whose far side answers everything in this way."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    gateway = SandboxGateway(
        settings(f"http://127.0.0.1:{runner.addresses[0][1]}", timeout=patience), clock=EagerClock()
    )
    yield gateway
    await gateway.aclose()
    await runner.cleanup()


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (402, REASON, Declined),
        (401, REASON, Rejected),
        (404, REASON, Rejected),
        (422, REASON, Rejected),
        (404, "not found", InvalidResponse),
        (418, "", InvalidResponse),
        (429, REASON, Unavailable),
        (503, "", Unavailable),
        (500, REASON, OutcomeUnknown),
        (502, "", OutcomeUnknown),
        (504, "", OutcomeUnknown),
        (302, "", InvalidResponse),
        (200, "", InvalidResponse),
        (200, "[]", InvalidResponse),
        (200, "x" * (1 << 21), InvalidResponse),
    ],
)
async def test_answer(status: int, body: str, error: type[PortError]) -> None:
    """Each status has one meaning, and only a readable 2xx is a success."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, text=body, headers={"Location": "/elsewhere"})

    async with odd_provider(answer) as gateway:
        with pytest.raises(error) as raised:
            await gateway.sale(ORDER)

    assert type(raised.value) is error


async def test_declined_says_why() -> None:
    """The provider's code is passed on."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=402, text=REASON)

    async with odd_provider(answer) as gateway:
        with pytest.raises(Declined) as raised:
            await gateway.sale(ORDER)

    assert raised.value.reason == "no_luck"


async def test_somebody_elses_404_is_not_none() -> None:
    """A server that is not the sandbox knows nothing of our payments, so it must not be believed that there is none."""

    async def answer(request: web.Request) -> web.Response:
        raise web.HTTPNotFound

    async with odd_provider(answer) as gateway:
        with pytest.raises(InvalidResponse):
            await gateway.look_up(ORDER.key)


async def test_no_answer_in_time() -> None:
    """A sale may have happened; a look-up changed nothing."""

    async def answer(request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    async with odd_provider(answer, patience=0.05) as gateway:
        with pytest.raises(OutcomeUnknown):
            await gateway.sale(ORDER)
        with pytest.raises(Unavailable):
            await gateway.look_up(ORDER.key)


async def test_connection_lost_within_the_answer() -> None:
    """Half an answer is none."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"{")
        assert request.transport is not None
        request.transport.abort()
        return response

    async with odd_provider(answer) as gateway:
        with pytest.raises(OutcomeUnknown):
            await gateway.sale(ORDER)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (None, None),
        ("", None),
        ("7", 7.0),
        ("-7", None),
        ("soon", None),
        ("²", None),
        ("Mon, 05 Jan 2026 09:01:30 GMT", 90.0),
        ("Mon, 05 Jan 2026 08:00:00 GMT", 0.0),
    ],
)
def test_retry_after(header: str | None, wait: float | None) -> None:
    """Seconds or a date; anything else is as if nothing was said."""
    assert seconds(header, START) == wait


def test_unknown_words_decide_nothing() -> None:
    """An unknown status hides even a charge; an unknown operation is pending."""
    charge = WireOperation(id="ch", kind="charge", amount=500, at=START)
    riddle = WireOperation(id="xx", kind="riddle", amount=500, at=START)

    def session(status: str) -> WireSession:
        operations = (charge, riddle)
        return WireSession(
            id="ses",
            key="pay_1",
            mode="sale",
            status=status,
            amount=500,
            currency="JPY",
            pay_url="",
            created_at=datetime(2026, 1, 5, tzinfo=UTC),
            operations=operations,
        )

    assert [fact.kind for fact in to_outcome(session("teleported")).facts] == [FactKind.PENDING]
    assert [fact.kind for fact in to_outcome(session("processing")).facts] == [FactKind.PENDING]
    assert [fact.kind for fact in to_outcome(session("paid")).facts] == [FactKind.CAPTURED, FactKind.PENDING]


async def test_nonsense_money_is_invalid() -> None:
    """A currency nobody can issue does not become money."""

    async def answer(request: web.Request) -> web.Response:
        session = {"id": "s", "key": "k", "mode": "sale", "status": "open", "amount": 1, "currency": "pounds"}
        return web.json_response({**session, "pay_url": "", "created_at": "2026-01-05T09:00:00Z"})

    async with odd_provider(answer) as gateway:
        with pytest.raises(InvalidResponse):
            await gateway.sale(ORDER)


async def test_development_only() -> None:
    """Neither the sandbox nor the memory starts in production; elsewhere both do."""
    clock = EagerClock()
    for environment in ("development", "test"):
        assert build(settings(), clock=clock, environment=environment).name == "sandbox"
        assert build_memory(MemorySettings(), clock=clock, environment=environment).name == "memory"

    with pytest.raises(Unsupported, match="moves no money"):
        build(settings(), clock=clock, environment="production")
    with pytest.raises(Unsupported, match="move no money"):
        build_memory(MemorySettings(), clock=clock, environment="production")


def test_settings() -> None:
    """Impossible ones are refused by name, and secrets do not show."""
    for wrong in ({"base_url": "ftp://x"}, {"base_url": "http://"}, {"api_key": ""}, {"timeout": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            SandboxSettings(**({"base_url": "http://x", "api_key": "k", "webhook_secrets": ("s",)} | wrong))
    for secrets in ((), ("",), ("a", "")):
        with pytest.raises(ValueError, match="webhook_secrets"):
            SandboxSettings(base_url="http://x", api_key="k", webhook_secrets=secrets)

    assert "key-1" not in repr(settings())
    assert "secret-1" not in repr(settings())


def test_naming_the_provider_imports_no_web_framework() -> None:
    """What is only named in a configuration costs nothing."""
    lines = (
        "import repaircore.adapters.payments.sandbox, repaircore.adapters.payments.memory, sys",
        "import repaircore.adapters.resilience.payments",
        "print(sorted({'aiohttp', 'pybreaker', 'stamina', 'aiolimiter', 'msgspec'} & set(sys.modules)))",
    )
    answer = run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"
