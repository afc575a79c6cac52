"""The server process: HTTP, the worker inside, and in development the payment sandbox as the provider next door."""

import errno
import sys
from contextlib import nullcontext
from pathlib import Path
from socket import socket

from aiohttp import web
from attrs import frozen

from repaircore.domain.errors import DomainError
from repaircore.entrypoints.http.rooms import application
from repaircore.entrypoints.http.server import accepting, address, bound
from repaircore.entrypoints.logs import JsonLog, capture_libraries
from repaircore.entrypoints.process import announce, settle, stopping
from repaircore.entrypoints.worker import JobReports, working
from repaircore.wiring.core import Core
from repaircore.wiring.opening import open_core
from repaircore.wiring.sandbox import PATH


class PortTaken(DomainError):
    """Another program listens there."""

    code = "port_taken"


@frozen(kw_only=True)
class Serving:
    """What to serve, and where; port 0 takes a free one. `worker`: the jobs are done in this process as well."""

    config: Path
    data_dir: Path = Path()
    host: str = "127.0.0.1"
    port: int = 8080
    worker: bool = True

    async def __call__(self) -> None:
        """Serve until told to stop: then accept nothing more, answer what was asked, finish the jobs in hand, and close.

        Raises PortTaken, and whatever `open_core` raises.
        """
        log = JsonLog()
        capture_libraries(log)
        with stopping() as stop, self._bound() as listener:
            url = _from_here(address(listener))
            async with (
                open_core(self.config, data_dir=self.data_dir, base_url=url, on_failure=JobReports(log)) as core,
                working(core, log=log) if self.worker else nullcontext(),
                accepting(_application(core, log), listener),
            ):
                announce(log, "listening", url=url, business=core.business.name, worker=self.worker)
                _welcome(core, url)
                settle()
                await stop.wait()
                announce(log, "stopping")
        announce(log, "stopped")

    def _bound(self) -> socket:
        try:
            return bound(self.host, self.port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise DomainError(f"cannot listen on {self.host}:{self.port}: {error.strerror}") from error
            raise PortTaken(
                f"port {self.port} of {self.host} is taken: stop the program that has it, or choose another with --port"
            ) from error


def _from_here(url: str) -> str:
    """A server that listens everywhere is reached here by the loopback's address."""
    return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")


def _welcome(core: Core, url: str) -> None:
    """Tell a person where to look; programs read the log."""
    if not sys.stdout.isatty():
        return
    print(f"\n  {core.business.name} is open at {url}\n  Read and try the API: {url}/docs")
    if core.providers.sandbox is not None:
        print("  Payments go to the sandbox: no money moves.")
    print("  Stop with Ctrl-C.\n", flush=True)


def _application(core: Core, log: JsonLog) -> web.Application:
    app, sandbox = application(core, log=log), core.providers.sandbox
    if sandbox is not None:
        from repaircore.adapters.payments.sandbox.provider import Account, build_app

        account = Account(
            api_key=sandbox.api_key,
            webhook_secrets=sandbox.webhook_secrets,
            webhook_url=sandbox.webhook_url,
            public_url=sandbox.public_url,
        )
        app.add_subapp(PATH, build_app(account, clock=core.clock, state=sandbox.state))
    return app
