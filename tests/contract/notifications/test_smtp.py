"""The mail server's own ways: encryption, logins, refusals, silence."""

import asyncio
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from attrs import evolve

from repaircore.adapters.notifications import smtp
from repaircore.adapters.notifications.smtp import Security, Settings, SmtpMailer
from repaircore.domain.operations.business import Environment
from repaircore.ports.errors import InvalidResponse, OutcomeUnknown, PortError, Rejected, Unavailable
from tests.contract.notifications.mail_server import CERTIFICATE, PASSWORD, MailServer, server_tls
from tests.unit.notifications.letters import LETTER, SENDER, StandingClock, letter

Serve = Callable[..., Awaitable[MailServer]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start servers, and stop them after the test."""
    servers = []

    async def start(**manners: Any) -> MailServer:
        servers.append(await MailServer(**manners).start())
        return servers[-1]

    yield start
    for server in servers:
        await server.stop()


def mailer(server: MailServer, **changes: Any) -> SmtpMailer:
    """Make a mailer for that server which trusts its certificate, whoever it is made out to."""
    trust = ssl.create_default_context(cafile=CERTIFICATE)
    trust.check_hostname = False
    plain = Settings(host="127.0.0.1", port=server.port, security=Security.NONE, sender=SENDER, deadline=10.0)
    return SmtpMailer(evolve(plain, **changes), StandingClock(), trust)


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_encrypted(serve: Serve, security: Security) -> None:
    """The message goes over encrypted, from the first byte or after STARTTLS."""
    server = await serve(**{security.value: server_tls()})

    await mailer(server, security=security).send(LETTER)

    assert [each.encrypted for each in server.received] == [True]


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_an_unknown_certificate(serve: Serve, security: Security) -> None:
    """A server that cannot prove who it is gets nothing."""
    server = await serve(**{security.value: server_tls()})
    settings = mailer(server, security=security).settings
    wary = smtp.build(settings, clock=StandingClock(), environment=Environment.TEST)

    with pytest.raises(Unavailable):
        await wary.send(LETTER)

    assert server.received == []


async def test_no_falling_back(serve: Serve) -> None:
    """A server that does not offer STARTTLS gets nothing in the clear."""
    server = await serve()

    with pytest.raises(Unavailable):
        await mailer(server, security=Security.STARTTLS).send(LETTER)

    assert server.received == []


async def test_login(serve: Serve) -> None:
    """The right password opens the door."""
    server = await serve(wants_login=True, starttls=server_tls())

    await mailer(server, security=Security.STARTTLS, username="desk", password=PASSWORD).send(LETTER)

    assert [each.login for each in server.received] == ["desk"]


async def test_wrong_password(serve: Serve) -> None:
    """Our wrong password is no reason to give the customer's message up: it is Unavailable, and the password stays unsaid."""
    server = await serve(wants_login=True, starttls=server_tls())

    with pytest.raises(Unavailable, match="535") as refusal:
        await mailer(server, security=Security.STARTTLS, username="desk", password="incorrect").send(LETTER)

    assert "incorrect" not in str(refusal.value)


@pytest.mark.parametrize(
    ("verdict", "error"),
    [("451 Try later", Unavailable), ("554 Spam", Rejected), ("300 Hm", InvalidResponse), ("hello", InvalidResponse)],
)
async def test_verdicts_on_the_text(serve: Serve, verdict: str, error: type[PortError]) -> None:
    """The first digit decides; words that no mail server says are neither success nor failure."""
    server = await serve(verdict=verdict)

    with pytest.raises(error):
        await mailer(server).send(LETTER)


async def test_silence_after_the_text(serve: Serve) -> None:
    """When the deadline passes after the text went over, nobody knows."""
    server = await serve(stays_silent=True)

    with pytest.raises(OutcomeUnknown):
        await mailer(server, deadline=0.2).send(LETTER)

    assert len(server.received) == 1


async def test_silence_before_the_text() -> None:
    """When the deadline passes before that, nothing was sent."""
    held: list[asyncio.StreamWriter] = []
    dumb = await asyncio.start_server(lambda _, writer: held.append(writer), "127.0.0.1", 0)
    port = dumb.sockets[0].getsockname()[1]

    with pytest.raises(Unavailable):
        await mailer(MailServer(port=port), deadline=0.1).send(LETTER)

    for writer in held:
        writer.close()
    dumb.close()
    await dumb.wait_closed()


@pytest.mark.parametrize(("greeting", "error"), [("554 Go away", Unavailable), ("HTTP/1.1 400", InvalidResponse)])
async def test_strange_greetings(greeting: str, error: type[PortError]) -> None:
    """A server that will not serve us has done nothing; something that is no mail server is parked."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"{greeting}\r\n".encode())
        await writer.drain()
        writer.close()

    strange = await asyncio.start_server(greet, "127.0.0.1", 0)

    with pytest.raises(error):
        await mailer(MailServer(port=strange.sockets[0].getsockname()[1])).send(LETTER)

    strange.close()
    await strange.wait_closed()


async def test_names_beyond_ascii(serve: Serve) -> None:
    """Where the server speaks SMTPUTF8 such a customer is reached; elsewhere the message is rejected."""
    speaks, does_not = await serve(), await serve(utf8=False)

    await mailer(speaks).send(letter(to="zoë@example.com"))
    with pytest.raises(Rejected):
        await mailer(does_not).send(letter(to="zoë@example.com"))

    assert [each.recipients for each in speaks.received] == [("zoë@example.com",)]


async def test_a_bad_goodbye(serve: Serve) -> None:
    """Once the server said yes, nothing that happens afterwards is the message's business."""
    server = await serve(drops_goodbye=True)

    await mailer(server).send(LETTER)

    assert len(server.received) == 1


def test_the_password_is_not_shown() -> None:
    """Settings may be printed; the password may not."""
    settings = Settings(host="127.0.0.1", sender=SENDER, username="desk", password=PASSWORD)

    assert PASSWORD not in repr(settings)


def test_nothing_is_imported_until_it_is_needed() -> None:
    """Naming the mailers costs no mail library, no template engine."""
    names = ["file", "memory", "smtp"]
    program = "import sys\n" + "\n".join(f"import repaircore.adapters.notifications.{name}" for name in names)
    program += "\nprint([name for name in ('aiosmtplib', 'jinja2', 'mrml', 'email_validator') if name in sys.modules])"

    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"
