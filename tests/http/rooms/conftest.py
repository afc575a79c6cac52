"""A shop for each test, with the payment sandbox mounted beside it, as the server does in development."""

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp import ClientSession

from repaircore.adapters.clock.memory import ManualClock
from repaircore.adapters.payments.sandbox.provider import Account, build_app
from repaircore.domain.actors import Role
from repaircore.entrypoints.http.rooms import application
from repaircore.entrypoints.http.server import accepting
from repaircore.entrypoints.listening import address, bound
from repaircore.entrypoints.logs import JsonLog
from repaircore.wiring.core import Core
from repaircore.wiring.opening import open_core
from repaircore.wiring.sandbox import PATH
from tests.http.asking import Client
from tests.http.rooms.shop import Shop

BUSINESS = Path(__file__).parents[3] / "examples" / "revivatech" / "business.toml"


@pytest.fixture
async def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    monkeypatch.setenv("REPAIRCORE_DATABASE_URL", "memory:")
    clock, log = ManualClock(), BytesIO()
    with bound("127.0.0.1", 0) as listener:
        base = address(listener)
        async with open_core(BUSINESS, data_dir=tmp_path, clock=clock, base_url=base) as core:
            app = application(core, log=JsonLog(log))
            app.add_subapp(PATH, build_app(sandbox_account(core), clock=clock))
            async with accepting(app, listener, patience=5), ClientSession() as session:
                _, key = await core.access.create_key(Role.STAFF)
                yield Shop(Client(base, session, log), core, clock, key)


def sandbox_account(core: Core) -> Account:
    sandbox = core.providers.sandbox
    assert sandbox is not None
    return Account(
        api_key=sandbox.api_key,
        webhook_secrets=sandbox.webhook_secrets,
        webhook_url=sandbox.webhook_url,
        public_url=sandbox.public_url,
    )
