"""Payments in this process's memory: no network, and a customer, a bank and faults that a test or a script plays."""

from typing import TYPE_CHECKING

from attrs import field, frozen

from repaircore.ports.clock import Clock
from repaircore.ports.errors import Unsupported

if TYPE_CHECKING:
    from repaircore.ports.payments import PaymentGateway

__all__ = ["MemorySettings", "build"]


@frozen(kw_only=True)
class MemorySettings:
    """Which secrets verify its webhooks; the first one signs them."""

    webhook_secrets: tuple[str, ...] = field(default=("memory",), repr=False)


def build(settings: MemorySettings, *, clock: Clock, environment: str) -> "PaymentGateway":
    """Make the gateway. Refuses production with Unsupported, since it moves no money and forgets everything."""
    if environment == "production":
        raise Unsupported(
            'payments in memory move no money: choose another payments provider when environment = "production"'
        )
    from repaircore.adapters.payments.memory.gateway import MemoryGateway

    return MemoryGateway(clock=clock, secrets=settings.webhook_secrets)
