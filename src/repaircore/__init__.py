"""The core of a repair or service business: quotes, bookings, deposits, payments and messages, every provider by configuration.

    async with repaircore.open_core("business.toml") as core:
        quote = await core.pricing.quote(device="iphone-13-pro", items=["screen-repair"])

Names are imported when they are first used, so that `import repaircore` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from repaircore.domain.actors import Actor, Role
    from repaircore.domain.booking.contact import Address, Contact, Fulfilment
    from repaircore.domain.booking.lifecycle import Action, Status
    from repaircore.domain.errors import DomainError
    from repaircore.domain.money import Money
    from repaircore.domain.payments.payment import Purpose
    from repaircore.ports.errors import PortError
    from repaircore.wiring.core import Core
    from repaircore.wiring.opening import open_core

__all__ = [
    "Action",
    "Actor",
    "Address",
    "Contact",
    "Core",
    "DomainError",
    "Fulfilment",
    "Money",
    "PortError",
    "Purpose",
    "Role",
    "Status",
    "open_core",
]

_HOMES = {
    "Action": "repaircore.domain.booking.lifecycle",
    "Actor": "repaircore.domain.actors",
    "Address": "repaircore.domain.booking.contact",
    "Contact": "repaircore.domain.booking.contact",
    "Core": "repaircore.wiring.core",
    "DomainError": "repaircore.domain.errors",
    "Fulfilment": "repaircore.domain.booking.contact",
    "Money": "repaircore.domain.money",
    "PortError": "repaircore.ports.errors",
    "Purpose": "repaircore.domain.payments.payment",
    "Role": "repaircore.domain.actors",
    "Status": "repaircore.domain.booking.lifecycle",
    "open_core": "repaircore.wiring.opening",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'repaircore' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
