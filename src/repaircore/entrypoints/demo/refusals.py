"""How the demonstration fails: it says what it expected and what came instead."""

from repaircore.domain.errors import DomainError


class DemoFailed(DomainError):
    """Something answered otherwise than promised."""

    code = "demo_failed"
