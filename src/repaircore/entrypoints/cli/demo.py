"""`repaircore demo`."""

import asyncio

from cyclopts import App

from repaircore.entrypoints.cli.options import HERE, Place, Port
from repaircore.entrypoints.demo.play import Demo

app = App(name="demo", help_format="plaintext")


@app.default
def demo(*, port: Port = 8080, place: Place = HERE) -> None:
    """Start a server with its worker, drive it through a whole repair over HTTP, tell each step, and stop it again.

    Parameters
    ----------
    port
        Where the server listens; 0 takes a free port.
    """
    play = Demo(config=place.business_file, data_dir=place.data_dir, port=port)
    asyncio.run(play())
