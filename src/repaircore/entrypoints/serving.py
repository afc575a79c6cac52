"""The server process: it listens first, loads and opens the shop while its door is open already, and stops without losing anything."""

import asyncio
import errno
import os
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING

from attrs import frozen

from repaircore.domain.errors import DomainError
from repaircore.entrypoints.doorway import Doorway
from repaircore.entrypoints.listening import address, bound
from repaircore.entrypoints.logs import JsonLog, capture_libraries
from repaircore.entrypoints.process import PATIENCE, announce, settle, stopping

if TYPE_CHECKING:
    from repaircore.entrypoints.processes.post import Post
    from repaircore.wiring.core import Core


class PortTaken(DomainError):
    """Another program listens there."""

    code = "port_taken"


@frozen(kw_only=True)
class Serving:
    """What to serve, and where; port 0 takes a free one. `worker`: the jobs are done in this process as well. `migrate` as
    for `open_core`. `patience`: seconds for what is under way when told to stop."""

    config: Path
    data_dir: Path = Path()
    host: str = "127.0.0.1"
    port: int = 8080
    worker: bool = True
    migrate: bool | None = None
    patience: float = PATIENCE

    async def __call__(self) -> None:
        """Serve until told to stop: then accept nothing more, answer what was asked, finish the jobs in hand, and close.

        Raises PortTaken, and whatever `open_core` raises.
        """
        with self.bound() as listener:
            await self.at(listener)

    async def at(self, listener: socket, post: "Post | None" = None) -> None:
        """The same on a listener that is there already; `post` when it is one of several processes."""
        log = JsonLog()
        capture_libraries(log)
        open_door = post is None or post.door
        with stopping() as stop, nullcontext() if post is None else post.staying(stop):
            async with Doorway(listener) if open_door else nullcontext() as door:
                open_shop = await asyncio.to_thread(_load)
                await self._trade(open_shop, stop, listener, door, post, log)
        announce(log, "stopped", **_which(post))

    async def _trade(
        self,
        open_shop: "Callable[..., AbstractAsyncContextManager[Core]]",
        stop: asyncio.Event,
        listener: socket,
        door: Doorway | None,
        post: "Post | None",
        log: JsonLog,
    ) -> None:
        url = _from_here(address(listener))
        async with open_shop(
            self.config,
            data_dir=self.data_dir,
            url=url,
            worker=self.worker,
            migrate=self.migrate,
            listener=listener,
            door=door,
            post=post,
            stop=stop,
            patience=self.patience,
            log=log,
        ) as core:
            announce(log, "listening", url=url, business=core.business.name, worker=self.worker, **_which(post))
            if post is not None:
                post.tell_opened()
            if post is None or post.is_first:
                _welcome(core, url)
            settle()
            await stop.wait()
            announce(log, "stopping", **_which(post))

    def bound(self) -> socket:
        """Take the address. Raises PortTaken."""
        try:
            return bound(self.host, self.port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise DomainError(f"cannot listen on {self.host}:{self.port}: {error.strerror}") from error
            raise PortTaken(
                f"port {self.port} of {self.host} is taken: stop the program that has it, or choose another with --port"
            ) from error


def _load() -> "Callable[..., AbstractAsyncContextManager[Core]]":
    """Load the rest of the program: most of the time that a start takes."""
    from repaircore.entrypoints.shop import open_shop

    return open_shop


def _from_here(url: str) -> str:
    """A server that listens everywhere is reached here by the loopback's address."""
    return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")


def _which(post: "Post | None") -> dict[str, int]:
    return {} if post is None else {"process": post.number, "pid": os.getpid()}


def _welcome(core: "Core", url: str) -> None:
    """Tell a person where to look; programs read the log."""
    if not sys.stdout.isatty():
        return
    print(f"\n  {core.business.name} is open at {url}\n  Read and try the API: {url}/docs")
    if core.providers.sandbox is not None:
        print("  Payments go to the sandbox: no money moves.")
    print("  Stop with Ctrl-C.\n", flush=True)
