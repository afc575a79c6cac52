"""What an error says about the provider's health."""

from enum import Enum

from repaircore.domain.errors import DomainError
from repaircore.ports.errors import Rejected, Unavailable, Unsupported


class Verdict(Enum):
    """What a circuit breaker learns from the end of a call."""

    HEALTHY = "healthy"
    FAILED = "failed"
    NEUTRAL = "neutral"


class CircuitOpen(Unavailable):
    """We did not even ask: the provider failed too often just now."""

    code = "circuit_open"


class Throttled(Unavailable):
    """We did not even ask: our own rate limit had no room before the deadline."""

    code = "throttled"


def judge(error: Exception) -> Verdict:
    """A refusal is an answer, so the provider is well. What never reached it tells nothing. All else is a failure."""
    match error:
        case Rejected():
            return Verdict.HEALTHY
        case Unsupported() | CircuitOpen() | Throttled() | DomainError():
            return Verdict.NEUTRAL
        case _:
            return Verdict.FAILED
