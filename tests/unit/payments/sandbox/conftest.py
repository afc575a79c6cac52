"""A sandbox for each test, on a clock that nobody waits for."""

from collections.abc import AsyncIterator

import pytest

from tests.contract.payments.clocks import EagerClock
from tests.unit.payments.sandbox.till import Till, open_till


@pytest.fixture
async def till() -> AsyncIterator[Till]:
    """A running sandbox."""
    async with open_till(EagerClock()) as running:
        yield running
