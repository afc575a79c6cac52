"""`repaircore serve`."""

from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from repaircore.entrypoints.cli.options import HERE, Drain, Migrate, Place, Port
from repaircore.entrypoints.cli.refusals import DONE, answered
from repaircore.entrypoints.process import PATIENCE, run
from repaircore.entrypoints.serving import Serving

app = App(name="serve", help_format="plaintext")


@app.default
def serve(
    *,
    host: str = "127.0.0.1",
    port: Port = 8080,
    workers: Annotated[int, Parameter(validator=Number(gte=1, lte=64))] = 1,
    worker: Annotated[bool, Parameter(negative="--no-worker")] = True,
    drain: Drain = PATIENCE,
    migrate: Migrate = False,
    place: Place = HERE,
) -> int:
    """Serve the HTTP API until told to stop (SIGTERM, Ctrl-C); then answer what was asked, and close.

    Parameters
    ----------
    host
        The address to listen on; 0.0.0.0 is every one.
    port
        The port; 0 takes a free one.
    workers
        So many processes on the one port; one that ends is replaced.
    worker
        Do the jobs as well, in each process.
    """
    serving = Serving(
        config=place.business_file,
        data_dir=place.data_dir,
        host=host,
        port=port,
        worker=worker,
        migrate=migrate or None,
        patience=drain,
    )
    if workers > 1:
        from repaircore.entrypoints.processes.several import serve_several

        return serve_several(serving, workers, lambda serve: answered(lambda _: serve(), []))
    run(serving())
    return DONE
