"""The message as it goes over the wire: headers that nothing can be smuggled into, and both parts as UTF-8."""

import base64
import re
from binascii import b2a_qp
from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime, quote
from hashlib import sha256

from attrs import field, frozen

from repaircore.domain.errors import InvalidValue
from repaircore.domain.notifications.wording import one_line
from repaircore.ports.errors import Rejected
from repaircore.ports.notifications import Message

LONGEST_ADDRESS = 254  # RFC 5321 §4.5.3.1.3, without the angle brackets
_WORD = 39  # bytes in one encoded word: 64 characters, so that `Subject: ` fits on the line of 76 with it (RFC 2047 §2)
_PLAIN = 60  # characters of a header that need no folding
_LONGEST_NAME = 60
# A dot-atom of RFC 5322 §3.2.3, letters beyond ASCII as in RFC 6532. Quoted local parts are legal, unheard of, and refused.
_ATOM = r"[^\s\x00-\x20\x7f-\xa0()<>\[\]:;@\\,.\"]+"
_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_ADDRESS = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>{_LABEL}(?:\.{_LABEL})*)")


def wire_address(address: str) -> str:
    """Answer an address as the wire has it: the domain in ASCII (IDNA), the local part untouched. Raises ValueError."""
    match = _ADDRESS.fullmatch(address)
    if match is None or len(address) > LONGEST_ADDRESS:
        raise ValueError("this is not one e-mail address")
    return f"{match['local']}@{_ascii_domain(match['domain'])}"


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain
    from email_validator import validate_email

    return validate_email(f"any@{domain}", check_deliverability=False, test_environment=True).ascii_domain


def _is_address(_: object, __: object, value: str) -> None:
    try:
        ascii_only = wire_address(value).isascii()
    except ValueError as problem:
        raise InvalidValue(f"{value!r} is not an e-mail address such as shop@example.com") from problem
    if not ascii_only:
        raise InvalidValue(f"{value!r}: a sender's address must be readable everywhere, so use letters without accents")


def _is_address_or_empty(_: object, __: object, value: str) -> None:
    if value:
        _is_address(_, __, value)


def _is_one_line(_: object, __: object, value: str) -> None:
    if one_line(value) != value or len(value) > _LONGEST_NAME:
        raise InvalidValue(f"{value!r} must be one line of at most {_LONGEST_NAME} characters")


@frozen(kw_only=True)
class Sender:
    """Who the messages come from, and where answers go when that is another address."""

    address: str = field(validator=_is_address)
    name: str = field(default="", validator=_is_one_line)
    reply_to: str = field(default="", validator=_is_address_or_empty)

    @property
    def domain(self) -> str:
        """The right-hand side of the address, in ASCII."""
        return wire_address(self.address).rpartition("@")[2]


@frozen(kw_only=True)
class Envelope:
    """A message ready for the wire: from whom, to whom, and its bytes with CRLF line ends."""

    sender: str
    recipient: str
    content: bytes

    @property
    def needs_smtputf8(self) -> bool:
        """Whether the recipient's name has letters beyond ASCII, which not every mail server takes."""
        return not self.recipient.isascii()


def digest(key: str) -> str:
    """Answer 32 hexadecimal digits that stand for the key and tell nobody what it says."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def compose(message: Message, sender: Sender, at: datetime) -> Envelope:
    """Write the message out. The same message at the same time is the same bytes. Raises Rejected when it cannot be written."""
    try:
        recipient = wire_address(message.to)
        lines = "".join(f"{name}: {value}\r\n" for name, value in _headers(message, sender, recipient, at))
        content = lines.encode() + _body(message)
    except (
        ValueError
    ) as problem:  # a recipient that is none, or text that is no Unicode; its own words would name the customer
        reason = (
            "the text is not Unicode" if isinstance(problem, UnicodeEncodeError) else "the recipient is not an address"
        )
        raise Rejected(f"{reason}: message {digest(message.key)} cannot be sent") from None
    return Envelope(sender=wire_address(sender.address), recipient=recipient, content=content)


def _headers(message: Message, sender: Sender, recipient: str, at: datetime) -> Iterator[tuple[str, str]]:
    address = wire_address(sender.address)
    yield "From", f"{_phrase(sender.name)} <{address}>" if sender.name else address
    yield "To", recipient
    if sender.reply_to:
        yield "Reply-To", wire_address(sender.reply_to)
    yield "Subject", words(one_line(message.subject))
    yield "Date", format_datetime(at)
    yield "Message-ID", f"<{digest(message.key)}@{sender.domain}>"
    yield "Auto-Submitted", "auto-generated"  # RFC 3834: no out-of-office answers, please


def _body(message: Message) -> bytes:
    """Both parts as quoted-printable: any text survives any server, and lines stay short."""
    boundary = f"=_{digest(message.key)}".encode()  # quoted-printable text never contains `=_`
    start = b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="%b"\r\n\r\n' % boundary
    parts = ((b"plain", message.text), (b"html", message.html))
    return start + b"".join([_part(boundary, *part) for part in parts]) + b"--%b--\r\n" % boundary


def _part(boundary: bytes, subtype: bytes, text: str) -> bytes:
    head = b'--%b\r\nContent-Type: text/%b; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    lines = b"\n".join([*text.encode().splitlines(), b""])
    return head % (boundary, subtype) + b2a_qp(lines).replace(b"\n", b"\r\n")


def words(text: str) -> str:
    """Write one line of text as a header's value: plain where that is safe, else in folded encoded words (RFC 2047)."""
    if _is_plain(text):
        return text
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(chunk).decode()}?=" for chunk in _chunks(text))


def _phrase(name: str) -> str:
    return f'"{quote(name)}"' if _is_plain(name) else words(name)


def _is_plain(text: str) -> bool:
    return text.isascii() and len(text) <= _PLAIN and "=?" not in text and text == " ".join(text.split())


def _chunks(text: str) -> Iterator[bytes]:
    """Cut a text into pieces that fit an encoded word, never through a character."""
    chunk = b""
    for character in text:
        encoded = character.encode()
        if len(chunk) + len(encoded) > _WORD:
            yield chunk
            chunk = b""
        chunk += encoded
    if chunk:
        yield chunk
