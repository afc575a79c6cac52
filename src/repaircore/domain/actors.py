"""Who does something: every lifecycle move, event and history row names one."""

from enum import StrEnum

from attrs import frozen


class Role(StrEnum):
    """What an actor may do is decided by role; `system` is the core itself acting on a verified fact or a clock."""

    GUEST = "guest"
    CUSTOMER = "customer"
    TECHNICIAN = "technician"
    STAFF = "staff"
    ADMIN = "admin"
    SYSTEM = "system"


@frozen
class Actor:
    """A role and an opaque identifier (an API key's id, a customer's id, a webhook's provider); never a name or an e-mail."""

    role: Role
    id: str = ""

    @property
    def is_staff(self) -> bool:
        """Whether the actor works for the shop (technicians included) or is the core itself."""
        return self.role in {Role.TECHNICIAN, Role.STAFF, Role.ADMIN, Role.SYSTEM}


SYSTEM = Actor(Role.SYSTEM, "repaircore")
GUEST = Actor(Role.GUEST)
