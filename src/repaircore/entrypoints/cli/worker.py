"""`repaircore worker`."""

from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from repaircore.entrypoints.cli.options import HERE, Drain, Migrate, Place
from repaircore.entrypoints.logs import JsonLog, capture_libraries
from repaircore.entrypoints.process import PATIENCE, announce, run, stopping
from repaircore.entrypoints.worker import CONCURRENCY, JobReports, TroubleReports, work
from repaircore.wiring.opening import open_core

app = App(name="worker", help_format="plaintext")


@app.default
def worker(
    *,
    concurrency: Annotated[int, Parameter(validator=Number(gte=1, lte=256))] = CONCURRENCY,
    drain: Drain = PATIENCE,
    migrate: Migrate = False,
    place: Place = HERE,
) -> None:
    """Do the jobs that servers enqueue, until told to stop (SIGTERM, Ctrl-C); then finish what is in hand.

    Parameters
    ----------
    concurrency
        At most so many jobs at a time.
    """
    run(_work(place, concurrency, drain, migrate=migrate or None))


async def _work(place: Place, concurrency: int, drain: float, *, migrate: bool | None) -> None:
    log = JsonLog()
    capture_libraries(log)
    with stopping() as stop:
        async with open_core(
            place.business_file,
            data_dir=place.data_dir,
            migrate=migrate,
            on_failure=JobReports(log),
            on_trouble=TroubleReports(log),
        ) as core:
            announce(log, "working", business=core.business.name)
            await work(core, stop, log=log, concurrency=concurrency, patience=drain)
