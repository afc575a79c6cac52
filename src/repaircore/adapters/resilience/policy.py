"""How patient we are with a provider."""

from attrs import field, frozen
from attrs.validators import gt


@frozen(kw_only=True)
class Policy:
    """Times are seconds. Waits double from `first_wait` to `longest_wait`, each with up to `jitter` on top."""

    deadline: float = field(default=20.0, validator=gt(0))  # for all attempts together
    attempts: int = field(default=3, validator=gt(0))
    first_wait: float = 0.2
    longest_wait: float = 5.0
    jitter: float = 0.2
    fail_max: int = field(default=5, validator=gt(0))  # failures in a row that open the circuit
    reset_timeout: float = 30.0  # until it is tried again
    calls_per_second: float | None = None  # None: as fast as we like
