"""What PostgreSQL refuses, in the port's words."""

from typing import Final

from psycopg.pq import DiagnosticField, ExecStatus
from psycopg.pq.abc import PGresult

from repaircore.domain.errors import DomainError
from repaircore.ports.errors import AlreadyExists, Conflict, PortError, Rejected, Unavailable

CHANGED: Final = "somebody else changed this first: read it again"

_ONLY_ONCE: Final = {
    "uq_bookings_reference": "booking.reference",
    "uq_payments_open": "payment.open",
    "uq_ledger_entries_key": "ledger.key",
    "uq_ledger_entries_id": "ledger.id",
    "uq_inbox_event": "inbox.event",
    "pk_replays": "idempotency.key",
    "uq_rulebooks_version": "rulebook.version",
    "pk_rulebook_publications": "rulebook.publication",
    "pk_rulebook_drafts": "rulebook.draft",
    "pk_catalogue_versions": "catalogue.version",
    "pk_catalogue_drafts": "catalogue.draft",
    "uq_api_keys_key_hash": "api_key.hash",
    "pk_quotes": "quote.id",
    "pk_bookings": "booking.id",
    "pk_booking_history": "booking.version",
    "pk_payments": "payment.id",
    "pk_api_keys": "api_key.id",
    "pk_market_snapshots": "market_snapshot.id",
    "pk_promotion_uses": "promotion.booking",
}

DIVISION_BY_ZERO: Final = "22012"  # how a guarded write says that it did not touch its rows
NO_NUL: Final = "22P05"
ADMIN_SHUTDOWN: Final = "57P01"
AGAIN: Final = frozenset(("40001", "40P01"))
"""Two transactions stood in each other's way: the same one may well succeed when it is tried again."""

STALE: Final = frozenset(("0A000", "26000"))
"""The tables changed under a prepared statement, or it is gone: a new connection knows better."""


def state_of(answer: PGresult) -> str:
    """Answer the SQLSTATE of an error."""
    return (answer.error_field(DiagnosticField.SQLSTATE) or b"").decode()


def failed(answer: PGresult) -> bool:
    """Whether it is an error of its own, not the echo of an earlier one."""
    return answer.status == ExecStatus.FATAL_ERROR


def refused(answer: PGresult, refusal: DomainError | None = None) -> PortError | DomainError:
    """Answer the port's error for one of the database's; `refusal` stands for a guarded write that found no row."""
    state = state_of(answer)
    if state == DIVISION_BY_ZERO:
        return refusal or Conflict(CHANGED)
    if state == "23505":
        constraint = _field(answer, DiagnosticField.CONSTRAINT_NAME)
        return AlreadyExists(_ONLY_ONCE.get(constraint, constraint))
    if state == NO_NUL:
        return no_nul()
    if state[:2] == "23":
        return Rejected(f"the database refuses this: {_field(answer, DiagnosticField.MESSAGE_PRIMARY)}")
    if state[:2] == "22":  # its message would quote the value
        return Rejected(f"the database cannot hold a value (SQLSTATE {state})")
    if state[:2] == "54":  # a text that is too long for its index, say: it will be next time, too
        return Rejected(f"the database cannot hold this: {_field(answer, DiagnosticField.MESSAGE_PRIMARY)}")
    return Unavailable(f"the database did not commit: {_field(answer, DiagnosticField.MESSAGE_PRIMARY)}", retry_after=1)


def no_nul(field: str = "") -> Rejected:
    """Say that a text cannot be stored."""
    return Rejected(f"the database cannot hold the character NUL{f' in {field}' if field else ''}")


def unheard(reason: str) -> Unavailable:
    """Say that the answer to a COMMIT was lost on the way."""
    return Unavailable(
        f"the connection to the database broke before the commit was confirmed ({reason}): whether it was stored is not known."
        " Ask again with the same idempotency key, or read before asking again",
        retry_after=1,
    )


def _field(answer: PGresult, field: DiagnosticField) -> str:
    return (answer.error_field(field) or b"").decode(errors="replace")
