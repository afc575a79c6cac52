"""The job queue over an engine: the embedded queue's rows, leased in the order in which the engine delivers their numbers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from msgspec.json import encode

from repaircore.adapters.jobs.engine import Engine
from repaircore.adapters.storage.encoding import from_instant, instant
from repaircore.adapters.storage.jobs import job_from, position_of
from repaircore.adapters.storage.postgresql.deliveries import handing_over
from repaircore.adapters.storage.postgresql.jobs import PostgresqlJobs
from repaircore.adapters.storage.postgresql.link import Statement
from repaircore.adapters.storage.postgresql.wire import parameters
from repaircore.ports.jobs import Job


class CarriedJobs(PostgresqlJobs):
    """Hands over what falls due and takes what the engine delivers, in one transaction. Time is the caller's, leases are the rows'."""

    delivers = True
    engine: ClassVar[Engine]

    async def lease(self, limit: int, *, now: datetime, seconds: float) -> Sequence[Job]:
        """Take up to `limit` deliveries, in the order in which their jobs fell due, for that long."""
        await self._listening.begin()
        self._waking.look()
        fetching: list[Statement] = [("deliveries_begin", ()), ("deliveries_fetch", parameters((limit,)))]
        found = await self._doing.rows(
            ("jobs_take", parameters((instant(now + timedelta(seconds=seconds)),))),
            before=[*handing_over(instant(now)), *fetching],
            after=[("deliveries_refuse", ()), ("deliveries_end", ())],
        )
        found.sort(key=lambda row: row[-1])
        return [job_from(row) for row in found]

    async def next_due(self) -> datetime | None:
        """Say when the next job falls due, or fell due while the engine holds it."""
        row = await self._reader.first("jobs_next_delivery")
        return from_instant(row[0]) if row and row[0] else None

    def _afterwards(self, jobs: Sequence[Job]) -> list[Statement]:
        """End the deliveries of jobs that nobody holds any more."""
        positions = encode([str(position_of(job.id)) for job in jobs])
        return [("deliveries_let_go", (positions,)), ("deliveries_end", ())]
