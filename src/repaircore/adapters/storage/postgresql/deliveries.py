"""Handing jobs over to an engine, within the transaction that makes them due.

A job that is due is handed over: its row has no due time any more, and a delivery, which carries the row's number, waits in the
engine. Whoever fetches deliveries leases their rows, which have a due time again: the end of the lease. A job that is over, put
back or lost has no delivery. All of this happens in the transaction that it belongs to, so rows and deliveries always agree.
"""

from typing import Final

from repaircore.adapters.storage.postgresql.link import Statement

AT_ONCE: Final = 1000
"""How many jobs that fell due are handed over in one transaction."""


def handing_over(now: str) -> list[Statement]:
    """Hand over what is due by then; deliveries of workers that were lost end first."""
    return [
        ("jobs_hand_over", (now.encode(), str(AT_ONCE).encode())),
        ("deliveries_end", ()),
        ("deliveries_add", ()),
    ]
