"""Sends messages through a mail server, one connection per message."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from repaircore.adapters.notifications.mime import Envelope, Sender, compose
from repaircore.domain.errors import InvalidValue
from repaircore.domain.operations.business import Environment
from repaircore.ports.clock import Clock
from repaircore.ports.errors import InvalidResponse, OutcomeUnknown, PortError, Rejected, Unavailable
from repaircore.ports.notifications import Message

if TYPE_CHECKING:
    from aiosmtplib import SMTP

_FAREWELL = 2.0  # seconds for the server to say goodbye; the message is accepted by then


class Security(StrEnum):
    """How the connection is encrypted: from the first byte, by STARTTLS (never falling back to none), or not at all."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


_PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _is_port(_: object, __: object, value: int) -> None:
    if not 0 <= value <= 65535:
        raise InvalidValue(f"a port is between 1 and 65535, or 0 for the usual one; not {value}")


def _is_time(_: object, __: object, value: float) -> None:
    if not 0 < value <= 300:
        raise InvalidValue(f"the deadline is more than 0 and at most 300 seconds, not {value}")


@frozen(kw_only=True)
class Settings:
    """Where the server is and how to talk to it. `deadline` is in seconds, for the whole of one message.

    `port` 0 is the usual one for the security chosen; `ca_file` trusts a private certificate authority.
    """

    host: str
    sender: Sender
    port: int = field(default=0, validator=_is_port)
    security: Security = Security.STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)
    deadline: float = field(default=30.0, validator=_is_time)
    ca_file: Path | None = None

    def __attrs_post_init__(self) -> None:
        if bool(self.username) != bool(self.password):
            raise InvalidValue("a mail server wants both username and password, or neither")
        if self.password and self.security is Security.NONE and self.host not in _LOOPBACK:
            raise InvalidValue("a password is never sent in the clear: set security to tls or starttls")


@frozen
class SmtpMailer:
    """Hands each message to the server; SMTP cannot tell whether a key was sent before. `trust` decides which certificates are good."""

    settings: Settings
    clock: Clock
    trust: ssl.SSLContext | None = None

    @property
    def name(self) -> str:
        """`smtp`."""
        return "smtp"

    @property
    def deduplicates(self) -> bool:
        """No: a repeat arrives again, under the same Message-ID."""
        return False

    async def send(self, message: Message) -> None:
        """Hand the message over and wait for the server to accept it."""
        envelope = compose(message, self.settings.sender, self.clock.now())
        deadline = asyncio.get_running_loop().time() + self.settings.deadline
        client = self._client()
        try:
            with _nothing_sent_yet():
                async with asyncio.timeout_at(deadline):
                    await client.connect()
                    await _address(client, envelope)
            with _perhaps_sent():
                async with asyncio.timeout_at(deadline):
                    await client.data(envelope.content)
            with suppress(Exception):
                await client.quit(timeout=_FAREWELL)
        finally:
            client.close()

    async def aclose(self) -> None:
        """Nothing is held between messages."""

    def _client(self) -> "SMTP":
        from aiosmtplib import SMTP

        chosen = self.settings
        return SMTP(
            hostname=chosen.host,
            port=chosen.port or _PORTS[chosen.security],
            username=chosen.username or None,
            password=chosen.password or None,
            local_hostname=chosen.sender.domain,
            timeout=chosen.deadline,
            use_tls=chosen.security is Security.TLS,
            start_tls=chosen.security is Security.STARTTLS,
            tls_context=self.trust,
        )


async def _address(client: "SMTP", envelope: Envelope) -> None:
    """Name the sender and the recipient."""
    if client.is_ehlo_or_helo_needed:
        await client.ehlo()
    if envelope.needs_smtputf8 and not client.supports_extension("smtputf8"):
        raise Rejected("the mail server cannot write to addresses beyond ASCII")
    options, encoding = (["SMTPUTF8", "BODY=8BITMIME"], "utf-8") if envelope.needs_smtputf8 else ([], "ascii")
    await client.mail(envelope.sender, options=options, encoding=encoding)
    await client.rcpt(envelope.recipient, encoding=encoding)


@contextmanager
def _nothing_sent_yet() -> Iterator[None]:
    """Translate what happens before the text: whatever breaks, the server has done nothing."""
    from aiosmtplib import (
        SMTPException,
        SMTPRecipientRefused,
        SMTPResponseException,
        SMTPSenderRefused,
    )

    try:
        yield
    except (SMTPRecipientRefused, SMTPSenderRefused) as refusal:
        who = "recipient" if isinstance(refusal, SMTPRecipientRefused) else "sender"
        raise _refusal(refusal.code, who) from None
    except SMTPResponseException as answer:  # the greeting or the login: ours to mend, not the customer's
        raise _unready(answer.code) from None
    except (SMTPException, OSError) as problem:  # timeouts are OSErrors too
        raise Unavailable(f"the mail server cannot be reached: {type(problem).__name__}") from None


@contextmanager
def _perhaps_sent() -> Iterator[None]:
    """Translate what happens once the text is on its way: silence then means that nobody knows."""
    from aiosmtplib import SMTPException, SMTPResponseException

    try:
        yield
    except SMTPResponseException as refusal:
        raise _refusal(refusal.code, "message") from None
    except (SMTPException, OSError) as problem:
        raise OutcomeUnknown(f"the mail server took the message and never answered: {type(problem).__name__}") from None


def _refusal(code: int, what: str) -> PortError:
    """Name a refusal by its first digit. The server's own words stay out: they name the customer."""
    match code // 100:
        case 4:
            return Unavailable(f"the mail server put the {what} off with {code}")
        case 5:
            return Rejected(f"the mail server refused the {what} with {code}")
        case _:
            return InvalidResponse(f"the mail server answered {code} to the {what}")


def _unready(code: int) -> PortError:
    if code // 100 in {4, 5}:
        return Unavailable(f"the mail server would not serve us: {code}")
    return InvalidResponse(f"the mail server answered {code} before any message")


def build(settings: Settings, *, clock: Clock, environment: Environment) -> SmtpMailer:
    """Make the mailer; no connection is opened yet. Raises InvalidValue when `ca_file` cannot be read."""
    trust = None if settings.security is Security.NONE else _trust(settings.ca_file)
    return SmtpMailer(settings, clock, trust)


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as problem:
        raise InvalidValue(f"the setting ca_file: {ca_file} is not a readable file of certificates") from problem
