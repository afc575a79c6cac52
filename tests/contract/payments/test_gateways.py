"""Every payments adapter keeps the contract, plain and with the chain around it; and no adapter is left out."""

from collections.abc import AsyncIterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from repaircore.adapters.payments.memory.gateway import MemoryGateway
from repaircore.ports.payments import Capability
from repaircore.testing.payments import PaymentGatewayContract, PaymentHarness
from tests.contract.payments.clocks import EagerClock
from tests.contract.payments.harnesses import (
    CURRENT,
    PREVIOUS,
    MemoryHarness,
    ResilientHarness,
    SandboxHarness,
    memory_harness,
    start_sandbox,
)


class TestMemory(PaymentGatewayContract):
    """Payments in memory."""

    adapter = "memory"

    @pytest.fixture
    def harness(self) -> MemoryHarness:
        return memory_harness()


class TestSandbox(PaymentGatewayContract):
    """The sandbox, over HTTP."""

    adapter = "sandbox"

    @pytest.fixture
    async def harness(self, tmp_path: Path) -> AsyncIterator[SandboxHarness]:
        harness = await start_sandbox(tmp_path / "sandbox.jsonl")
        yield harness
        await harness.gateway.aclose()
        await harness.server.stop()


class TestResilientMemory(PaymentGatewayContract):
    """Payments in memory, behind the chain."""

    adapter = "memory"

    @pytest.fixture
    def harness(self) -> ResilientHarness:
        return ResilientHarness(memory_harness())


class TestResilientSandbox(PaymentGatewayContract):
    """The sandbox over HTTP, behind the chain."""

    adapter = "sandbox"

    @pytest.fixture
    async def harness(self, tmp_path: Path) -> AsyncIterator[ResilientHarness]:
        sandbox = await start_sandbox(tmp_path / "sandbox.jsonl")
        yield ResilientHarness(sandbox)
        await sandbox.gateway.aclose()
        await sandbox.server.stop()


class TestLesserProvider(PaymentGatewayContract):
    """A provider that only sells: all else must be refused."""

    adapter = "memory"
    capabilities = frozenset({Capability.SALE})

    @pytest.fixture
    def harness(self) -> MemoryHarness:
        return lesser_harness(self.capabilities)


class TestWholeAmountsOnly(PaymentGatewayContract):
    """A provider that reserves, captures and refunds, but only whole amounts; behind the chain."""

    adapter = "memory"
    capabilities = frozenset({Capability.SALE, Capability.AUTHORIZE, Capability.REFUND, Capability.LOOK_UP})

    @pytest.fixture
    def harness(self) -> ResilientHarness:
        return ResilientHarness(lesser_harness(self.capabilities))


class TestNoSales(PaymentGatewayContract):
    """A provider that can only be asked."""

    adapter = "memory"
    capabilities = frozenset({Capability.LOOK_UP, Capability.WEBHOOKS})

    @pytest.fixture
    def harness(self) -> PaymentHarness:
        return lesser_harness(self.capabilities)


def lesser_harness(capabilities: frozenset[Capability]) -> MemoryHarness:
    """Payments in memory that can do only so much."""
    clock = EagerClock()
    return MemoryHarness(MemoryGateway(clock=clock, secrets=(CURRENT, PREVIOUS), capabilities=capabilities), clock)


def test_no_adapter_is_left_out() -> None:
    """Every payments adapter that the configuration can name keeps the contract here."""
    registered = {each.name for each in entry_points(group="repaircore.payments")}
    kept = {each.adapter for each in PaymentGatewayContract.__subclasses__()}

    assert registered
    assert registered <= kept
