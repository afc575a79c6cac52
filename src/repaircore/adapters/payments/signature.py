"""Signed webhooks: `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`, with one `v1` for each secret in use."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from repaircore.ports.payments import InvalidSignature

TOLERANCE = 300  # seconds, both ways: an older or a newer stamp may be a replay
_MOST_SIGNATURES = 16


@frozen
class _Stamp:
    at: str
    signatures: tuple[str, ...]


def sign(body: bytes, *, secrets: Sequence[str], at: datetime) -> str:
    """Write the header for these raw bytes. During a rotation give both secrets: either one will verify it."""
    stamp = str(int(at.timestamp()))
    return ",".join([f"t={stamp}", *(f"v1={_digest(secret, stamp, body)}" for secret in secrets)])


def verify(header: str, body: bytes, *, secrets: Sequence[str], now: datetime) -> None:
    """Check the raw bytes in constant time, then their age. Raises InvalidSignature that says which is wrong and holds no secret."""
    stamp = _parse(header)
    expected = [_digest(secret, stamp.at, body).encode() for secret in secrets]
    given = [signature.encode(errors="replace") for signature in stamp.signatures]
    if not any(hmac.compare_digest(mine, theirs) for mine in expected for theirs in given):
        raise InvalidSignature("the signature does not fit the body: it was altered, or signed with another secret")
    age = now.timestamp() - int(stamp.at)
    if age > TOLERANCE:
        raise InvalidSignature(
            f"the webhook is too old: it was signed {age:.0f} s ago, at most {TOLERANCE} s are allowed"
        )
    if age < -TOLERANCE:
        raise InvalidSignature(
            f"the webhook is too new: it is dated {-age:.0f} s ahead, at most {TOLERANCE} s are allowed"
        )


def _parse(header: str) -> _Stamp:
    if not header:
        raise InvalidSignature("the signature header is missing or empty")
    pairs = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in pairs if name == "t"]
    signatures = tuple(value for name, _, value in pairs if name == "v1")
    if len(stamps) != 1 or not _is_stamp(stamps[0]) or not 0 < len(signatures) <= _MOST_SIGNATURES:
        raise InvalidSignature("the signature header cannot be read: it must be t=<seconds>,v1=<signature>")
    return _Stamp(stamps[0], signatures)


def _is_stamp(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12


def _digest(secret: str, stamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
