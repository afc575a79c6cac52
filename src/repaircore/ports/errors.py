"""What can go wrong outside, named by what the caller should do next.

    PortError
    ├── Rejected            understood, and refused: stop, tell the customer
    │   └── Declined        the customer's bank or card said no
    ├── Unavailable         it did nothing: try again later, or another provider
    ├── OutcomeUnknown      we asked and never heard: look it up before asking again; never retry blind, never fail over
    ├── Unsupported         it cannot do this at all: refuse at start-up where possible
    └── InvalidResponse     it answered in words we do not know: park and alert; never read as success or failure

Two errors belong to storage alone: `Conflict`, somebody else was faster (read again, decide again), and
`AlreadyExists`, a value that may exist only once does (carries which constraint).
"""


class PortError(Exception):
    """Something outside did not do what was asked. The text never holds personal data or secrets."""

    code = "port_error"


class Rejected(PortError):
    """Understood, and refused."""

    code = "rejected"


class Declined(Rejected):
    """The customer's bank or card said no. `reason` is in our words."""

    code = "declined"

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class Unavailable(PortError):
    """It did nothing. `retry_after` is in seconds, where it said so."""

    code = "unavailable"

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OutcomeUnknown(PortError):
    """We asked and never heard."""

    code = "outcome_unknown"


class Unsupported(PortError):
    """It cannot do this at all."""

    code = "unsupported"


class InvalidResponse(PortError):
    """It answered in words we do not know."""

    code = "invalid_response"


class Conflict(PortError):
    """Somebody else changed it first: read again and decide again."""

    code = "conflict"


class AlreadyExists(PortError):
    """A value that may exist only once already does; `constraint` says which (`booking.reference`)."""

    code = "already_exists"

    def __init__(self, constraint: str) -> None:
        super().__init__(f"{constraint} already exists")
        self.constraint = constraint
