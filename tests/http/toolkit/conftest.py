"""A server of the made-up room, for each test its own."""

from collections.abc import AsyncIterator
from io import BytesIO

import pytest

from repaircore.entrypoints.http.app import serving
from repaircore.entrypoints.logs import JsonLog
from tests.http.asking import Client, asking
from tests.http.toolkit.workshop import Workshop, routes


@pytest.fixture
def core() -> Workshop:
    return Workshop()


@pytest.fixture
async def client(core: Workshop) -> AsyncIterator[Client]:
    log = BytesIO()
    async with asking(serving(core, routes, log=JsonLog(log)), log) as client:
        yield client
