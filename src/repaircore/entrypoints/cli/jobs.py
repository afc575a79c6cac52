"""`repaircore jobs …`."""

import asyncio
from typing import Annotated, Any

from cyclopts import App, Parameter
from cyclopts.validators import Number

from repaircore.domain.identity import JobId
from repaircore.entrypoints.cli.options import HERE, Json, Place
from repaircore.entrypoints.cli.output import write_json, write_table
from repaircore.entrypoints.cli.refusals import CannotBeDone
from repaircore.ports.jobs import Job, JobState
from repaircore.wiring.opening import open_core

app = App(name="jobs", help="List jobs, and queue dead ones again.", help_format="plaintext")


@app.command(name="list")
def list_(
    *,
    state: JobState | None = None,
    name: str = "",
    limit: Annotated[int, Parameter(validator=Number(gte=1, lte=1000))] = 50,
    place: Place = HERE,
    json: Json = False,
) -> None:
    """List jobs, newest first.

    Parameters
    ----------
    state
        Only jobs in this state.
    name
        Only jobs of this name.
    limit
        At most so many.
    """
    rows = [_row(job) for job in asyncio.run(_list(place, state, name, limit))]
    if json:
        write_json(rows)
    else:
        cells = [
            [row["id"], row["name"], row["state"], str(row["attempts"]), row["run_at"], row["last_error"]]
            for row in rows
        ]
        write_table(("id", "name", "state", "attempts", "due", "last error"), cells, empty="There are no such jobs.")


@app.command
def replay(id: str = "", /, *, all: Annotated[bool, Parameter(negative="")] = False, place: Place = HERE) -> None:
    """Queue a dead job again, its attempts forgotten.

    Parameters
    ----------
    id
        The job's id, from `jobs list --state dead`.
    all
        Every dead job.
    """
    if not (id or all):
        raise CannotBeDone("name a job, from `jobs list --state dead`, or pass --all")
    replayed = asyncio.run(_replay(place, JobId(id), all=all))
    print("\n".join(f"{each} is queued again." for each in replayed) or "There are no dead jobs.")


async def _list(place: Place, state: JobState | None, name: str, limit: int) -> list[Job]:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        return list(await core.operations.find_jobs(state=state, name=name, limit=limit))


async def _replay(place: Place, job_id: JobId, *, all: bool) -> list[JobId]:
    async with open_core(place.business_file, data_dir=place.data_dir) as core:
        wanted = [job_id]
        if all:
            wanted = [job.id for job in await core.operations.find_jobs(state=JobState.DEAD, limit=10_000)]
        for each in wanted:
            await core.operations.replay_job(each)
    return wanted


def _row(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "name": job.name,
        "state": job.state.value,
        "attempts": job.attempts,
        "run_at": job.run_at.isoformat(),
        "created_at": job.created_at.isoformat(),
        "last_error": job.last_error,
    }
