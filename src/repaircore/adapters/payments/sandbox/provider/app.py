"""The sandbox's web application. Run it alone (`SandboxServer`), or mount it in another application under a prefix."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp
from aiohttp import web

from repaircore.adapters.payments.sandbox.provider import api, pay
from repaircore.adapters.payments.sandbox.provider.account import Account
from repaircore.adapters.payments.sandbox.provider.bank import Bank
from repaircore.adapters.payments.sandbox.provider.courier import Courier, Post
from repaircore.adapters.payments.sandbox.provider.desk import DESK, Desk
from repaircore.adapters.payments.sandbox.provider.faults import FaultPlan
from repaircore.adapters.payments.sandbox.provider.journal import Journal
from repaircore.ports.clock import Clock

_LARGEST_REQUEST = 64 * 1024


def build_app(
    account: Account, *, clock: Clock, state: Path | None = None, post: Post | None = None
) -> web.Application:
    """Make the application. `state` is a file that outlives restarts; `post` delivers webhooks (by HTTP when it is not given)."""
    desk = open_desk(account, clock=clock, state=state, post=post)
    app = web.Application(client_max_size=_LARGEST_REQUEST, middlewares=[api.guard])
    app[DESK] = desk
    app.add_routes([*api.ROUTES, *pay.ROUTES])
    app.cleanup_ctx.append(_run)
    return app


def open_desk(account: Account, *, clock: Clock, state: Path | None, post: Post | None) -> Desk:
    """Put the provider's parts together."""
    bank = Bank(Journal(state), clock)
    courier = Courier(account, clock, post or _post_by_http, bank.finish)
    return Desk(account=account, bank=bank, courier=courier, faults=FaultPlan(), clock=clock)


async def _run(app: web.Application) -> AsyncIterator[None]:
    desk = app[DESK]
    desk.courier.send(list(desk.bank.journal.events.values()))  # not accepted before the last stop
    yield
    await desk.courier.aclose()
    desk.bank.journal.close()


async def _post_by_http(url: str, headers: Mapping[str, str], body: bytes) -> int:
    timeout = aiohttp.ClientTimeout(total=10)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as client,
            client.post(url, headers=headers, data=body, allow_redirects=False) as response,
        ):
            return response.status
    except aiohttp.ClientError as error:
        raise ConnectionError(str(error)) from error
