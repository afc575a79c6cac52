"""`repaircore serve`."""

from typing import Annotated

from cyclopts import App, Parameter

from repaircore.entrypoints.cli.options import HERE, Migrate, Place, Port
from repaircore.entrypoints.process import run
from repaircore.entrypoints.serving import Serving

app = App(name="serve", help_format="plaintext")


@app.default
def serve(
    *,
    host: str = "127.0.0.1",
    port: Port = 8080,
    worker: Annotated[bool, Parameter(negative="--no-worker")] = True,
    migrate: Migrate = False,
    place: Place = HERE,
) -> None:
    """Serve the HTTP API until told to stop (SIGTERM, Ctrl-C); then answer what was asked, and close.

    Parameters
    ----------
    host
        The address to listen on; 0.0.0.0 is every one.
    port
        The port; 0 takes a free one.
    worker
        Do the jobs in this process as well.
    """
    run(
        Serving(
            config=place.business_file,
            data_dir=place.data_dir,
            host=host,
            port=port,
            worker=worker,
            migrate=migrate or None,
        )()
    )
