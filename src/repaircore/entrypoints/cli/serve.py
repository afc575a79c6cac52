"""`repaircore serve`."""

import sys
from typing import Annotated

from cyclopts import App, Parameter

from repaircore.entrypoints.cli.options import HERE, Place, Port
from repaircore.entrypoints.process import run
from repaircore.entrypoints.serving import Serving
from repaircore.wiring.core import Core

app = App(name="serve", help_format="plaintext")


@app.default
def serve(
    *,
    host: str = "127.0.0.1",
    port: Port = 8080,
    worker: Annotated[bool, Parameter(negative="--no-worker")] = True,
    place: Place = HERE,
) -> None:
    """Serve the HTTP API until told to stop (SIGTERM, Ctrl-C); then answer what was asked, and close. Migrates the database first.

    Parameters
    ----------
    host
        The address to listen on; 0.0.0.0 is every one.
    port
        The port; 0 takes a free one.
    worker
        Do the jobs in this process as well.
    """
    serving = Serving(
        config=place.business_file, data_dir=place.data_dir, host=host, port=port, worker=worker, started=_welcome
    )
    run(serving())


def _welcome(core: Core, url: str) -> None:
    """Tell a person where to look; programs read the log."""
    if not sys.stdout.isatty():
        return
    print(f"\n  {core.business.name} is open at {url}\n  Read and try the API: {url}/docs")
    if core.providers.sandbox is not None:
        print("  Payments go to the sandbox: no money moves.")
    print("  Stop with Ctrl-C.\n", flush=True)
