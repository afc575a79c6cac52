"""Every test of the contract can fail: each lie is caught by the test that is there for it."""

import pytest

from repaircore.adapters.storage.memory import MemoryStorage
from repaircore.testing.jobs import JobQueueContract, words
from tests.contract.jobs.liars import LIES
from tests.contract.storage.harnesses import MemoryHarness

CAUGHT = (AssertionError, ValueError, TimeoutError, pytest.fail.Exception)


@pytest.mark.parametrize(("lie", "test"), LIES)
async def test_a_lie_is_caught(lie: type[MemoryStorage], test: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue lies and the test fails."""
    monkeypatch.setattr(words, "PATIENCE", 0.05)

    with pytest.raises(CAUGHT):
        await getattr(JobQueueContract(), test)(MemoryHarness(lie))


def test_no_test_without_a_lie() -> None:
    """A test that no lie can fail would prove nothing."""
    tests = {name for name in dir(JobQueueContract()) if name.startswith("test_")}

    assert {test for _, test in LIES} == tests
