"""A real mail server on loopback that keeps what it receives and misbehaves on request."""

import asyncio
import ssl
from pathlib import Path
from typing import Self

import aiosmtpd
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from attrs import define, field

CERTIFICATES = Path(aiosmtpd.__file__).parent / "tests" / "certs"
CERTIFICATE = CERTIFICATES / "server.crt"
PASSWORD = "correct horse"


def server_tls() -> ssl.SSLContext:
    """The server's own end of an encrypted connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, CERTIFICATES / "server.key")
    return context


@define
class Received:
    """What came in one transaction."""

    recipients: tuple[str, ...]
    content: bytes
    encrypted: bool
    login: str


@define
class MailServer:
    """`replies` maps a recipient to the server's answer about it; `verdict` is the answer to the next text."""

    starttls: ssl.SSLContext | None = None
    tls: ssl.SSLContext | None = None
    utf8: bool = True
    wants_login: bool = False
    port: int = 0
    received: list[Received] = field(factory=list)
    replies: dict[str, str] = field(factory=dict)
    verdict: str = "250 Kept"
    hangs_up: bool = False
    stays_silent: bool = False
    drops_goodbye: bool = False
    _server: asyncio.Server | None = None
    _connections: list[SMTP] = field(factory=list)

    async def start(self) -> Self:
        """Listen, on the port of last time where there was one."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        assert self._server is not None
        self._server.close()
        for connection in self._connections:
            _drop(connection)
        await self._server.wait_closed()

    def _connection(self) -> SMTP:
        connection = SMTP(
            self,
            hostname="mail.example.com",
            enable_SMTPUTF8=self.utf8,
            tls_context=self.starttls,
            require_starttls=self.starttls is not None,
            auth_required=self.wants_login,
            authenticator=_authenticate,
            loop=asyncio.get_running_loop(),
        )
        self._connections.append(connection)
        return connection

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer as told; otherwise note the recipient."""
        if address in self.replies:
            return f"{self.replies[address]} <{address}>"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the text, unless the verdict is no; then answer, hang up or say nothing."""
        assert isinstance(envelope.content, bytes)
        if self.verdict.startswith("250"):
            encrypted = session.ssl is not None or self.tls is not None
            login = str(session.auth_data or "")
            self.received.append(Received(tuple(envelope.rcpt_tos), envelope.content, encrypted, login))
        if self.hangs_up:
            self.hangs_up = False
            _drop(server)
        if self.stays_silent:
            await asyncio.Event().wait()
        return self.verdict

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Say goodbye, or hang up without a word."""
        if self.drops_goodbye:
            _drop(server)
        return "221 Bye"


def _drop(connection: SMTP) -> None:
    if isinstance(connection.transport, asyncio.Transport):
        connection.transport.abort()


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    known = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
    login = data.login.decode() if isinstance(data, LoginPassword) else ""
    return AuthResult(success=known, handled=False, auth_data=login)
