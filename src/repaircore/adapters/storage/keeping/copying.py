"""Copying one database into another of whichever kind, and proving that both are the same."""

from contextlib import AbstractContextManager
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import Any

from attrs import frozen
from sqlalchemy import Table

from repaircore.adapters.storage.head import HEAD
from repaircore.adapters.storage.jobs import HANDED_OVER
from repaircore.adapters.storage.keeping.showing import Show
from repaircore.adapters.storage.keeping.sides import Side, Source, Target
from repaircore.adapters.storage.keeping.snapshot import count, in_use, migration_of, take_inventory
from repaircore.adapters.storage.keeping.tables import TABLES, chunks, digest, encoded
from repaircore.adapters.storage.urls import is_postgresql
from repaircore.domain.operations.inventory import Inventory
from repaircore.ports.errors import Rejected

_COPIED = frozenset(table.name for table in TABLES)


@frozen
class Copied:
    """What both databases hold now, and the sha256 of each table's rows in the order of their keys."""

    inventory: Inventory
    hashes: dict[str, str]


def copy_database(source_url: str | Path, target_url: str | Path, show: Show) -> Copied:
    """Copy everything, in one transaction, into a database without data; it is migrated first where it never was.

    Memory does not grow with the data. Rows, hashes, ledger and event streams are compared before anything is committed. Raises
    Rejected when anybody writes the source meanwhile, its jobs wait in an engine, the target holds anything or cannot hold a value,
    the data has faults, or one of the two is not at this program's migration; Unavailable when one cannot be reached. Then the target
    is as it was.
    """
    with _source(source_url) as source, _target(target_url) as (target, transaction):
        return copy_between(source, target, transaction, show)


def copy_between(source: Source, target: Target, transaction: Any, show: Show) -> Copied:
    """Copy and compare inside the target's open transaction, whose end is the caller's; raises as `copy_database` does."""
    _prepare(source, target, transaction)
    total = sum(count(source, table.name) for table in TABLES)
    show.begin("Copying")
    hashes = _copy(source, target, total, show)
    show.begin("Comparing")
    inventory = _compare(source, target, hashes, total, show)
    source.hold_still()
    target.count_on(source.counters())
    return Copied(inventory, hashes)


def _prepare(source: Source, target: Target, transaction: Any) -> None:
    if migration_of(source) != HEAD:
        raise Rejected(
            f"the source is at migration {migration_of(source)}, this program needs {HEAD}: migrate it first"
        )
    _refuse_handed_over(source)
    held = in_use(target)
    if held:
        raise Rejected(f"the target is not empty, it holds {held}: nothing was copied")
    if "alembic_version" not in target.tables():
        from repaircore.adapters.storage.migrations.scripts import run

        run(transaction, found=None)
    if migration_of(target) != HEAD:
        raise Rejected(
            f"the target is at migration {migration_of(target)}, this program needs {HEAD}: migrate it first"
        )
    target.lock()
    if in_use(target):
        raise Rejected("somebody uses the target, nothing was copied: it must be empty")


def _refuse_handed_over(source: Source) -> None:
    """A job that an engine holds has no due time of its own, and what the engine holds is not copied: nobody would ever do it."""
    ((jobs,),) = source.stream(f"SELECT count(*) FROM jobs WHERE {HANDED_OVER}")
    if jobs:
        raise Rejected(
            f"{jobs} jobs of the source wait in an engine, and would be lost: stop the servers and workers, write"
            ' engine = "embedded" under [jobs], run `repaircore migrate`, then copy'
        )


def _copy(source: Side, target: Target, total: int, show: Show) -> dict[str, str]:
    hashes, done = {}, 0
    for table in TABLES:
        found = sha256()
        for chunk in chunks(source.rows(table)):
            target.fill(table, chunk)
            found.update(encoded(chunk))
            done += len(chunk)
            show.tell(done, total)
        hashes[table.name] = found.hexdigest()
    return hashes


def _compare(source: Source, target: Target, hashes: dict[str, str], total: int, show: Show) -> Inventory:
    expected, done = take_inventory(source, _COPIED), 0
    faults = (*expected.faults(), *expected.differences(take_inventory(target, _COPIED)))
    if faults:
        raise Rejected(f"{'; '.join(faults)}: nothing was copied")
    for table in TABLES:
        if digest(target.rows(table)) != hashes[table.name]:
            raise Rejected(
                f"{_first_difference(source, target, table)} is not the same in the target: nothing was copied"
            )
        done += expected.rows[table.name]
        show.tell(done, total)
    return expected


def _first_difference(source: Side, target: Side, table: Table) -> str:
    key = [index for index, column in enumerate(table.columns) if column.primary_key]
    for here, there in zip_longest(source.rows(table), target.rows(table), fillvalue=()):
        if here != there:
            row = here or there
            return f"{table.name} {', '.join(str(row[index]) for index in key)}"
    return table.name


def _source(url: str | Path) -> AbstractContextManager[Source]:
    if is_postgresql(url):
        from repaircore.adapters.storage.keeping.postgresql_sides import postgresql_source

        return postgresql_source(str(url))
    from repaircore.adapters.storage.keeping.sqlite_sides import sqlite_source

    return sqlite_source(Path(url))


def _target(url: str | Path) -> AbstractContextManager[tuple[Target, Any]]:
    if is_postgresql(url):
        from repaircore.adapters.storage.keeping.postgresql_sides import postgresql_target

        return postgresql_target(str(url))
    from repaircore.adapters.storage.keeping.sqlite_sides import sqlite_target

    return sqlite_target(Path(url))
