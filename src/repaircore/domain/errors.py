"""What the domain refuses, and why.

DomainError
├── InvalidValue          a value that cannot exist (a negative price, a currency nobody issues)
├── CurrencyMismatch      two currencies in one sum
├── NotFound              no such thing; carries what was asked for and the nearest known name
├── NotOffered            known, but not sold for this device
├── QuoteExpired          the price is no longer held
├── QuoteChanged          approval was given to other terms than the ones stored
├── QuoteUsed             the quote already became a booking
├── IllegalTransition     a lifecycle move the table does not have; carries what is allowed
├── ReasonRequired        the move needs a reason
├── DepositRequired       confirming needs the deposit first
├── NothingDue            the amount asked for is already paid, or was never due
└── Forbidden             this actor may not do this
"""

from collections.abc import Sequence
from difflib import get_close_matches


class DomainError(Exception):
    """A rule of the business said no. `code` is stable and machine-readable; `str()` says what to do."""

    code = "domain_error"


class InvalidValue(DomainError, ValueError):
    """A value that cannot exist. `pointer` is a JSON pointer into the request, where there is one."""

    code = "invalid_value"

    def __init__(self, message: str, *, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer


class CurrencyMismatch(InvalidValue):
    """Two currencies in one sum."""

    code = "currency_mismatch"


class NotFound(DomainError, LookupError):
    """No such thing. `nearest` is the closest known name, if one is close. `pointer` is set where a request's field named it."""

    code = "not_found"

    def __init__(self, kind: str, wanted: str, known: Sequence[str] = (), *, pointer: str = "") -> None:
        self.kind, self.wanted, self.pointer = kind, wanted, pointer
        self.nearest = nearest(wanted, known)
        hint = f"; did you mean {self.nearest!r}?" if self.nearest else ""
        super().__init__(f"there is no {kind} {wanted!r}{hint}")


class NotOffered(DomainError):
    """The service exists, but not for this device."""

    code = "service_not_offered"

    def __init__(self, message: str, *, pointer: str = "", code: str = "service_not_offered") -> None:
        super().__init__(message)
        self.pointer, self.code = pointer, code


class QuoteExpired(DomainError):
    """The price is no longer held: ask for a new quote."""

    code = "quote_expired"


class QuoteChanged(DomainError):
    """Approval was given to other terms than the ones stored."""

    code = "quote_changed"


class QuoteUsed(DomainError):
    """The quote already became a booking."""

    code = "quote_used"


class IllegalTransition(DomainError):
    """A lifecycle move the table does not have."""

    code = "illegal_transition"

    def __init__(self, *, current: str, wanted: str, allowed: Sequence[str]) -> None:
        self.current, self.wanted, self.allowed = current, wanted, tuple(sorted(allowed))
        options = ", ".join(self.allowed) or "nothing: this is a final state"
        super().__init__(f"a booking that is {current} cannot become {wanted}; from here: {options}")


class ReasonRequired(DomainError):
    """This move needs a reason in words. `pointer` is where in the request it belongs."""

    code = "reason_required"

    def __init__(self, message: str, *, pointer: str = "/reason") -> None:
        super().__init__(message)
        self.pointer = pointer


class DepositRequired(DomainError):
    """The policy asks for the deposit before the booking is confirmed."""

    code = "deposit_required"


class NothingDue(DomainError):
    """The amount asked for is already paid, or was never due."""

    code = "nothing_due"


class VersionChanged(DomainError):
    """The caller decided on an older version than the stored one: read again and decide again."""

    code = "version_changed"

    def __init__(self, *, expected: int, stored: int) -> None:
        super().__init__(
            f"this was version {expected}, and is version {stored} by now: read it again before changing it"
        )
        self.expected, self.stored = expected, stored


class Forbidden(DomainError):
    """This actor may not do this."""

    code = "forbidden"


def nearest(wanted: str, known: Sequence[str]) -> str | None:
    """Answer the closest known name, or None when nothing is close."""
    return next(iter(get_close_matches(wanted, known, n=1, cutoff=0.6)), None)
