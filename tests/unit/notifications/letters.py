"""What the tests of messages share: a clock that stands still, a message, and how a mail program reads one."""

import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default

from attrs import evolve, frozen

from repaircore.adapters.notifications.mime import Sender
from repaircore.ports.notifications import Message

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SENDER = Sender(address="hello@shop.example.com", name="Ada's Repairs", reply_to="desk@shop.example.com")
LETTER = Message(
    key="booking.confirmed/bk_1",
    to="customer@example.com",
    subject="Your booking 7ZK4-M2QX-8",
    text="Hello\n",
    html="<p>Hello</p>\n",
)


@frozen
class StandingClock:
    """Always says the same time."""

    at: datetime = NOON

    def now(self) -> datetime:
        """Answer that moment."""
        return self.at

    async def sleep(self, seconds: float) -> None:
        """Come back at once."""


def letter(**changes: str) -> Message:
    """Make a message that differs in that much from the usual one."""
    return evolve(LETTER, **changes)


def read(content: bytes) -> EmailMessage:
    """Parse a message as a mail program would."""
    parsed = email.message_from_bytes(content, policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def part(message: EmailMessage, kind: str) -> str:
    """Answer the `plain` or `html` part with line ends written `\\n`."""
    body = message.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return lines(content)


def lines(text: str) -> str:
    """Write line ends one way and end with exactly one: what a mail keeps of a text."""
    return text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n") + "\n"
