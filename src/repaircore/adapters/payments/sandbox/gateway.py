"""The sandbox as a PaymentGateway."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from attrs import define, field

from repaircore.adapters.payments.reading import Unreadable, read
from repaircore.adapters.payments.sandbox.settings import SandboxSettings
from repaircore.adapters.payments.sandbox.translation import to_new_session, to_outcome
from repaircore.adapters.payments.sandbox.transport import Transport
from repaircore.adapters.payments.sandbox.webhooks import read_event
from repaircore.adapters.payments.sandbox.wire import Amount, WireSession
from repaircore.domain.errors import InvalidValue
from repaircore.domain.identity import PaymentId
from repaircore.domain.money import Money
from repaircore.ports.clock import Clock
from repaircore.ports.errors import InvalidResponse
from repaircore.ports.payments import Capability, Notification, Order, Outcome


@define
class SandboxGateway:
    """Payments at the sandbox. Safe to share between tasks of one event loop."""

    _settings: SandboxSettings
    _clock: Clock = field(kw_only=True)
    _transport: Transport = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._transport = Transport(self._settings, self._clock)

    @property
    def name(self) -> str:
        """`sandbox`."""
        return "sandbox"

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Everything there is."""
        return frozenset(Capability)

    async def sale(self, order: Order) -> Outcome:
        """Open a checkout that charges the card once the customer approves; `next_action` is where to send them."""
        return await self._write("/v1/sessions", to_new_session(order, "sale"), key=order.key)

    async def authorize(self, order: Order) -> Outcome:
        """Open a checkout that only reserves the amount."""
        return await self._write("/v1/sessions", to_new_session(order, "authorize"), key=order.key)

    async def capture(self, reference: str, amount: Money, *, key: str) -> Outcome:
        """Collect (a part of) what was reserved."""
        return await self._write(f"{_path(reference)}/capture", _amount(amount), key=key)

    async def refund(self, reference: str, amount: Money, *, key: str) -> Outcome:
        """Give back (a part of) what was captured."""
        return await self._write(f"{_path(reference)}/refunds", _amount(amount), key=key)

    async def void(self, reference: str, *, key: str) -> Outcome:
        """Release a reservation of which nothing was captured."""
        return await self._write(f"{_path(reference)}/void", {}, key=key)

    async def look_up(self, key: PaymentId) -> Outcome | None:
        """Ask what became of a key, be it of a payment or of an operation on one."""
        body = await self._transport.read("/v1/sessions", key=key)
        return None if body is None else _read(body)

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notification:
        """Verify the raw bytes against any of the secrets, then read them."""
        return read_event(headers, body, secrets=self._settings.webhook_secrets, now=now)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def _write(self, path: str, body: object, *, key: str) -> Outcome:
        return _read(await self._transport.write(path, body, key=key))


def _path(reference: str) -> str:
    return f"/v1/sessions/{quote(reference, safe='')}"


def _amount(amount: Money) -> Amount:
    return Amount(amount=amount.amount, currency=amount.currency)


def _read(body: bytes) -> Outcome:
    try:
        return to_outcome(read(body, WireSession))
    except (Unreadable, InvalidValue) as error:
        raise InvalidResponse("the payment sandbox answered in words that cannot be read") from error
