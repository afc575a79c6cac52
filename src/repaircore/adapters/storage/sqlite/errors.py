"""What SQLite refuses, in the port's words."""

import re
import sqlite3
from typing import Final

from repaircore.domain.errors import DomainError
from repaircore.ports.errors import AlreadyExists, PortError, Rejected, Unavailable

_ONLY_ONCE: Final = {
    "bookings.reference": "booking.reference",
    "payments.booking_id": "payment.open",
    "ledger_entries.key": "ledger.key",
    "ledger_entries.id": "ledger.id",
    "inbox.provider": "inbox.event",
    "replays.scope": "idempotency.key",
    "rulebooks.version": "rulebook.version",
    "rulebook_publications.number": "rulebook.publication",
    "rulebook_drafts.id": "rulebook.draft",
    "catalogue_versions.number": "catalogue.version",
    "catalogue_drafts.id": "catalogue.draft",
    "api_keys.key_hash": "api_key.hash",
    "quotes.id": "quote.id",
    "bookings.id": "booking.id",
    "booking_history.booking_id": "booking.version",
    "payments.id": "payment.id",
    "api_keys.id": "api_key.id",
    "market_snapshots.id": "market_snapshot.id",
    "promotion_uses.code": "promotion.booking",
}

_UNIQUE = re.compile(r"UNIQUE constraint failed: (\w+\.\w+)")


def refusal(error: BaseException) -> BaseException:
    """Answer the port's error for one of the database's; everything else is answered as it is."""
    if isinstance(error, PortError | DomainError) or not isinstance(error, sqlite3.Error):
        return error
    if isinstance(error, sqlite3.IntegrityError):
        return _integrity(error)
    refused = Unavailable(f"the database did not commit: {error}")
    refused.__cause__ = error
    return refused


def _integrity(error: sqlite3.IntegrityError) -> PortError:
    found = _UNIQUE.match(str(error))
    refused = (
        AlreadyExists(_ONLY_ONCE.get(found[1], found[1])) if found else Rejected(f"the database refuses this: {error}")
    )
    refused.__cause__ = error
    return refused
