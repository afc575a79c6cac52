"""The clocks keep the contract."""

import pytest

from repaircore.testing.clock import ClockContract
from tests.contract.clock.harnesses import ManualHarness, SystemHarness


class TestManual(ClockContract):
    """The clock that is moved by hand."""

    @pytest.fixture
    def harness(self) -> ManualHarness:
        return ManualHarness()


class TestSystem(ClockContract):
    """The machine's clock."""

    @pytest.fixture
    def harness(self) -> SystemHarness:
        return SystemHarness()
