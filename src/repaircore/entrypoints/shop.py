"""What a server process holds once it is open: the core, HTTP, the worker, and in development the payment sandbox next door."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from socket import socket

from aiohttp import web

from repaircore.entrypoints.doorway import Doorway
from repaircore.entrypoints.http.app import DESK
from repaircore.entrypoints.http.rooms import application
from repaircore.entrypoints.http.server import accepting
from repaircore.entrypoints.listening import address
from repaircore.entrypoints.logs import JsonLog
from repaircore.entrypoints.processes.counting import counting
from repaircore.entrypoints.processes.post import Post
from repaircore.entrypoints.worker import JobReports, TroubleReports, working
from repaircore.wiring.core import Core
from repaircore.wiring.opening import open_core
from repaircore.wiring.sandbox import PATH, MountedSandbox


@asynccontextmanager
async def open_shop(
    config: Path,
    *,
    data_dir: Path,
    url: str,
    worker: bool,
    migrate: bool | None,
    listener: socket,
    door: Doorway | None,
    post: Post | None,
    stop: asyncio.Event,
    patience: float,
    log: JsonLog,
) -> AsyncIterator[Core]:
    """Open the core and serve it. From `stop` on no job is begun; at the end accept nothing more, answer what was asked, finish
    the jobs in hand, and close: all that for up to `patience` seconds. `post`: this is one of several processes.

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
        working(core, log=log, stop=stop, patience=patience) if worker else nullcontext(),
    ):
        app = application(core, log=log)
        if core.providers.sandbox is not None:
            app.add_subapp(PATH, _sandbox(core, core.providers.sandbox, post))
        backroom = [post.backroom] if post is not None and post.is_first else []
        async with (
            nullcontext() if post is None else counting(app[DESK].metrics, post),
            accepting(app, listener, *backroom, door=door, patience=patience),
        ):
            yield core


def _sandbox(core: Core, sandbox: MountedSandbox, post: Post | None) -> web.Application:
    """Of several processes the first one runs it, because it knows what it was told and nobody else does."""
    if post is not None and not post.is_first:
        from repaircore.entrypoints.processes.forwarding import forwarding

        return forwarding(address(post.backroom))
    from repaircore.adapters.payments.sandbox.provider import Account, build_app

    account = Account(
        api_key=sandbox.api_key,
        webhook_secrets=sandbox.webhook_secrets,
        webhook_url=sandbox.webhook_url,
        public_url=sandbox.public_url,
    )
    return build_app(account, clock=core.clock, state=sandbox.state)
