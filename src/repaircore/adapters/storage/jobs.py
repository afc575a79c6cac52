"""Jobs as rows and back; the number of a job is its place in the order of enqueuing."""

from datetime import datetime
from typing import Any, Final

from repaircore.adapters.storage.encoding import from_instant, instant, payload, read_payload
from repaircore.domain.identity import JOB, JobId
from repaircore.ports.jobs import Job, JobState, NewJob

_DIGITS = 12

HANDED_OVER: Final = """
    state = 'queued' AND due_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM jobs AS others WHERE others.ordering_key = jobs.ordering_key AND others.ordering_key <> ''
            AND others.finished_at IS NULL AND others.position < jobs.position
    )
"""
"""Which rows an engine was handed: they wait, though for no other one of their key, and have no due time of their own."""


def job_id(position: int) -> JobId:
    """Name the job at that place: `job_000000000042`."""
    return JobId(f"{JOB}_{position:0{_DIGITS}d}")


def position_of(id: JobId) -> int:
    """Answer a job's place; 0, where no job is, for what is not a job's id."""
    digits = id.removeprefix(f"{JOB}_")
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def job_cells(job: NewJob, *, now: datetime) -> tuple[Any, ...]:
    """Write a new job; one with an ordering key names it first again where its due time is decided."""
    created_at = instant(now)
    run_at = created_at if job.run_at is None else instant(job.run_at)
    due = (job.ordering_key, run_at) if job.ordering_key else (run_at,)
    rest = (0, 0, job.ordering_key, job.unique_key, "", created_at, None)
    return job.name, payload(job.payload), "queued", run_at, *due, *rest


def job_from(row: tuple[Any, ...]) -> Job:
    """Read a job."""
    state = JobState(row[3])
    return _job(row, state, row[6], row[7], from_instant(row[5]) if state is JobState.LEASED else None)


def leased_from(row: tuple[Any, ...], until: datetime) -> Job:
    """Read a job that is given out at this moment."""
    return _job(row, JobState.LEASED, row[6] + 1, row[7] + 1, until)


def _job(row: tuple[Any, ...], state: JobState, attempts: int, lease: int, leased_until: datetime | None) -> Job:
    return Job(
        id=job_id(row[0]),
        name=row[1],
        payload=read_payload(row[2]),
        state=state,
        run_at=from_instant(row[4]),
        leased_until=leased_until,
        attempts=attempts,
        lease=lease,
        ordering_key=row[8],
        last_error=row[10],
        created_at=from_instant(row[11]),
    )
