"""Reading what arrived: raw bytes, as a mail program parses them."""

import email
from email.message import EmailMessage
from email.policy import default

from repaircore.testing.notifications import Arrived


def opened(content: bytes, recipients: tuple[str, ...]) -> Arrived:
    """Parse a message, which must have no defects and a plain and an HTML part."""
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    assert message["Bcc"] is None
    return Arrived(
        identity=str(message["Message-ID"]),
        recipients=recipients,
        subject=str(message["Subject"]),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def addressed(content: bytes) -> tuple[str, ...]:
    """Say who a message without an envelope is for: its `To` header."""
    message = email.message_from_bytes(content, policy=default)
    return tuple(address.addr_spec for address in message["To"].addresses)


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content
