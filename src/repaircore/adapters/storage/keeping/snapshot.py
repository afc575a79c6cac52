"""A database held still while somebody reads it, and the inventory of one."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from attrs import frozen

from repaircore.domain.ledger.tally import tally
from repaircore.domain.operations.inventory import Inventory
from repaircore.ports.errors import Unavailable

Row = tuple[Any, ...]

_VERSIONS = "alembic_version"
_BROKEN = """
    SELECT aggregate_id FROM events GROUP BY aggregate_id
    HAVING min(sequence) <> 1 OR max(sequence) <> count(*) ORDER BY aggregate_id
"""
_EVENTS = "SELECT coalesce(max(position), 0), count(DISTINCT aggregate_id) FROM events"
_POSTINGS = "SELECT entry_id, account, currency, amount FROM ledger_postings ORDER BY entry_id, number"


class Snapshot(Protocol):
    """What was committed when it was opened, and nothing later."""

    def tables(self) -> Sequence[str]:
        """Name every table, sorted."""
        ...

    def stream(self, statement: str) -> Iterator[Row]:
        """Answer rows one after the other, without holding all of them."""
        ...


@frozen
class Contents:
    """A whole database: which migration it is at, and what it holds."""

    migration: str
    inventory: Inventory


def contents(snapshot: Snapshot) -> Contents:
    """Look at everything. Raises Unavailable for a database that was never migrated."""
    return Contents(migration_of(snapshot), take_inventory(snapshot))


def migration_of(snapshot: Snapshot) -> str:
    """Answer the migration. Raises Unavailable when there is none."""
    found = list(snapshot.stream("SELECT version_num FROM alembic_version")) if _VERSIONS in snapshot.tables() else []
    if not found:
        raise Unavailable("the database was never migrated: run `repaircore migrate`")
    return str(found[0][0])


def take_inventory(snapshot: Snapshot, tables: Iterable[str] | None = None) -> Inventory:
    """Count and check everything, or of the rows those of some tables only."""
    wanted = snapshot.tables() if tables is None else sorted(tables)
    ((last_event, streams),) = snapshot.stream(_EVENTS)
    ledger = tally(snapshot.stream(_POSTINGS))
    return Inventory(
        rows={table: count(snapshot, table) for table in wanted},
        last_event=last_event,
        streams=streams,
        broken_streams=tuple(stream for (stream,) in snapshot.stream(_BROKEN)),
        balances=ledger.balances,
        unbalanced_entries=ledger.unbalanced,
    )


def count(snapshot: Snapshot, table: str) -> int:
    """Count a table's rows."""
    quoted = table.replace('"', '""')
    ((number,),) = snapshot.stream(f'SELECT count(*) FROM "{quoted}"')
    return int(number)


def in_use(snapshot: Snapshot) -> str | None:
    """Name a table that holds anything; None for a database without data. Which migration it is at is no data."""
    return next((table for table in snapshot.tables() if table != _VERSIONS and count(snapshot, table)), None)
