"""Webhooks of the sandbox, from raw bytes to our words."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from repaircore.adapters.payments.reading import Unreadable, read
from repaircore.adapters.payments.sandbox.translation import to_notification
from repaircore.adapters.payments.sandbox.wire import WireEvent
from repaircore.adapters.payments.signature import verify
from repaircore.domain.errors import InvalidValue
from repaircore.ports.errors import InvalidResponse
from repaircore.ports.payments import Notification

HEADER = "sandbox-signature"


def read_event(headers: Mapping[str, str], body: bytes, *, secrets: Sequence[str], now: datetime) -> Notification:
    """Verify, then read. Raises InvalidSignature, or InvalidResponse for signed bytes that cannot be read."""
    verify(headers.get(HEADER, ""), body, secrets=secrets, now=now)
    try:
        return to_notification(read(body, WireEvent))
    except (Unreadable, InvalidValue) as error:
        raise InvalidResponse("the sandbox's webhook is signed but cannot be read") from error
