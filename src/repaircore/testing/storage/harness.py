"""What the storage contract needs to be given, and the few words its tests are written in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

import pytest

from repaircore.adapters.clock.memory import ManualClock
from repaircore.domain.booking.booking import Booking
from repaircore.domain.events import Event
from repaircore.ports.errors import AlreadyExists
from repaircore.ports.jobs import JobQueue
from repaircore.ports.unit_of_work import Storage, UnitOfWork
from repaircore.testing.storage.values import first_entry


class StorageWithJobs(Storage, Protocol):
    """A database and the job queue that lives in it."""

    @property
    def jobs(self) -> JobQueue:
        """The worker's side of its queue."""
        ...


class StorageHarness(Protocol):
    """An empty, migrated database, opened with `values.subscriptions` and this clock."""

    @property
    def storage(self) -> StorageWithJobs:
        """The storage under test."""
        ...

    @property
    def clock(self) -> ManualClock:
        """The storage's clock."""
        ...


class DurableHarness(StorageHarness, Protocol):
    """A database that outlives its program."""

    async def reopen(self) -> None:
        """Close the storage, and open it again on the same data."""
        ...


@asynccontextmanager
async def committed(harness: StorageHarness) -> AsyncIterator[UnitOfWork]:
    """One unit of work, committed at the end."""
    async with harness.storage.unit_of_work() as work:
        yield work
        await work.commit()


async def store(harness: StorageHarness, *bookings: Booking, events: tuple[Event, ...] = ()) -> None:
    """Store new bookings, and events with them."""
    async with committed(harness) as work:
        work.record(*events)
        for booking in bookings:
            work.bookings.add(booking, first_entry(booking))


@asynccontextmanager
async def refused_as(constraint: str) -> AsyncIterator[None]:
    """Expect AlreadyExists for that constraint."""
    with pytest.raises(AlreadyExists) as refused:
        yield
    assert refused.value.constraint == constraint
