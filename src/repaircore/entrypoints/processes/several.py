"""One shop, served by several processes on one port.

The port is taken once and handed on to all of them, so that it goes on answering while any of them is replaced, and nobody is
refused while all of them are.
"""

import gc
from collections.abc import Callable
from functools import partial
from socket import socket

from repaircore.entrypoints.listening import bound
from repaircore.entrypoints.logs import JsonLog
from repaircore.entrypoints.process import run
from repaircore.entrypoints.processes.parent import Parent
from repaircore.entrypoints.processes.post import Post
from repaircore.entrypoints.serving import Serving


def serve_several(serving: Serving, processes: int, ended: Callable[[Callable[[], object]], int]) -> int:
    """Serve with so many processes until told to stop; answer the exit code. `ended` runs what a process does, and answers its
    exit code. Raises PortTaken."""
    with serving.bound() as listener, bound("127.0.0.1", 0) as backroom:

        def main(post: Post) -> int:
            gc.disable()  # as for a server alone, until it is open
            return ended(partial(_serve, serving, listener, post))

        return Parent(processes, main, backroom, JsonLog(), serving.patience).run()


def _serve(serving: Serving, listener: socket, post: Post) -> None:
    run(serving.at(listener, post))
