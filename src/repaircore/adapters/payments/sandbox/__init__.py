"""The sandbox: a hosted-checkout provider of our own that moves no money, and the adapter that speaks to it.

`provider` is the far side, a separate web application; `gateway` is our side. They share nothing but the wire.
"""

from typing import TYPE_CHECKING

from repaircore.adapters.payments.sandbox.settings import SandboxSettings
from repaircore.ports.clock import Clock
from repaircore.ports.errors import Unsupported

if TYPE_CHECKING:
    from repaircore.ports.payments import PaymentGateway

__all__ = ["SandboxSettings", "build"]


def build(settings: SandboxSettings, *, clock: Clock, environment: str) -> "PaymentGateway":
    """Make the gateway. Refuses production with Unsupported, since customers would pay nothing there."""
    if environment == "production":
        raise Unsupported(
            'the payment sandbox moves no money: choose another payments provider when environment = "production"'
        )
    from repaircore.adapters.payments.sandbox.gateway import SandboxGateway

    return SandboxGateway(settings, clock=clock)
