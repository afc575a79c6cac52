"""The counters keep the contract."""

from collections.abc import AsyncIterator

import pytest

from repaircore.adapters.limits.fallback import FallbackLimits
from repaircore.adapters.limits.memory import MemoryLimits
from repaircore.adapters.limits.redis import RedisLimits, RedisSettings
from repaircore.testing.limits import RateLimitsContract
from tests.contract.limits.harnesses import ManualHarness, ServerHarness


class TestMemory(RateLimitsContract):
    """Counting in the process."""

    @pytest.fixture
    def harness(self) -> ManualHarness:
        return ManualHarness.of()


class TestFallback(RateLimitsContract):
    """The wrapper, while nothing is lost."""

    @pytest.fixture
    def harness(self) -> ManualHarness:
        return ManualHarness.of(
            lambda clock: FallbackLimits(
                MemoryLimits(clock), MemoryLimits(clock), clock=clock, report=lambda trouble: None
            )
        )


class TestValkey(RateLimitsContract):
    """Counting on a real server."""

    @pytest.fixture
    async def harness(self, valkey_url: str) -> AsyncIterator[ServerHarness]:
        limits = RedisLimits(RedisSettings(url=valkey_url, patience_ms=5000))
        yield ServerHarness(limits)
        await limits.aclose()
