"""`repaircore worker`."""

from cyclopts import App

from repaircore.entrypoints.cli.options import HERE, Place
from repaircore.entrypoints.logs import JsonLog, capture_libraries
from repaircore.entrypoints.process import announce, run, stopping
from repaircore.entrypoints.worker import JobReports, work
from repaircore.wiring.opening import open_core

app = App(name="worker", help_format="plaintext")


@app.default
def worker(*, place: Place = HERE) -> None:
    """Do the jobs that servers enqueue, until told to stop (SIGTERM, Ctrl-C); then finish what is in hand."""
    run(_work(place))


async def _work(place: Place) -> None:
    log = JsonLog()
    capture_libraries(log)
    with stopping() as stop:
        async with open_core(place.business_file, data_dir=place.data_dir, on_failure=JobReports(log)) as core:
            announce(log, "working", business=core.business.name)
            await work(core, stop, log=log)
