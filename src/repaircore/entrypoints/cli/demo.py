"""`repaircore demo`."""

import asyncio
import signal

from cyclopts import App

from repaircore.entrypoints.cli.options import HERE, Place, Port
from repaircore.entrypoints.cli.refusals import DONE
from repaircore.entrypoints.demo.play import Demo

app = App(name="demo", help_format="plaintext")

STOPPED = 128 + signal.SIGTERM


@app.default
def demo(*, port: Port = 8080, place: Place = HERE) -> int:
    """Start a server with its worker, drive it through a whole repair over HTTP, tell each step, and stop it again.

    Parameters
    ----------
    port
        Where the server listens; 0 takes a free port.
    """
    play = Demo(config=place.business_file, data_dir=place.data_dir, port=port)
    try:
        asyncio.run(play())
    except asyncio.CancelledError:
        return STOPPED
    return DONE
