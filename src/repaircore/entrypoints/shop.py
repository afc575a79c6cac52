"""What a server process holds once it is open: the core, HTTP, the worker, and in development the payment sandbox next door."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from socket import socket

from aiohttp import web

from repaircore.entrypoints.doorway import Doorway
from repaircore.entrypoints.http.rooms import application
from repaircore.entrypoints.http.server import accepting
from repaircore.entrypoints.logs import JsonLog
from repaircore.entrypoints.worker import JobReports, TroubleReports, working
from repaircore.wiring.core import Core
from repaircore.wiring.opening import open_core
from repaircore.wiring.sandbox import PATH


@asynccontextmanager
async def open_shop(
    config: Path,
    *,
    data_dir: Path,
    url: str,
    worker: bool,
    migrate: bool | None,
    listener: socket,
    door: Doorway,
    log: JsonLog,
) -> AsyncIterator[Core]:
    """Open the core and serve it; at the end accept nothing more, answer what was asked, finish the jobs in hand, and close.

    Raises whatever `open_core` raises.
    """
    async with (
        open_core(
            config,
            data_dir=data_dir,
            base_url=url,
            migrate=migrate,
            on_failure=JobReports(log),
            on_trouble=TroubleReports(log),
        ) as core,
        working(core, log=log) if worker else nullcontext(),
        accepting(_application(core, log), listener, door=door),
    ):
        yield core


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
