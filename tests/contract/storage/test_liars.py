"""Every test of the contract can fail: each lie is caught by the test that is there for it."""

import pytest
from attrs import define

from repaircore.adapters.storage.memory import MemoryStorage
from repaircore.domain.errors import DomainError
from repaircore.ports.errors import PortError
from repaircore.testing.storage import DurableContract, StorageContract
from tests.contract.storage.harnesses import MemoryHarness
from tests.contract.storage.liars import LIES

CAUGHT = (AssertionError, DomainError, PortError, pytest.fail.Exception)


@define
class Forgetful(MemoryHarness):
    """Keeps nothing when it is opened again."""

    async def reopen(self) -> None:
        """Start afresh."""
        self.__attrs_post_init__()


@pytest.mark.parametrize(("lie", "test"), LIES)
async def test_a_lie_is_caught(lie: type[MemoryStorage], test: str) -> None:
    """The storage lies and the test fails."""
    with pytest.raises(CAUGHT):
        await getattr(StorageContract(), test)(MemoryHarness(lie))


@pytest.mark.parametrize("test", [name for name in dir(DurableContract) if name.startswith("test_")])
async def test_forgetting_is_caught(test: str) -> None:
    """What does not outlive its program is not durable."""
    with pytest.raises((*CAUGHT, ValueError)):
        await getattr(DurableContract(), test)(Forgetful())


def test_no_test_without_a_lie() -> None:
    """A test that no lie can fail would prove nothing."""
    tests = {name for name in dir(StorageContract()) if name.startswith("test_")}

    assert {test for _, test in LIES} == tests
