"""Which tests of the contract apply: those of what an adapter claims, and those of what it lacks."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from repaircore.domain.identity import PaymentId
from repaircore.domain.money import Money
from repaircore.ports.payments import Capability, Order

_Test = TypeVar("_Test", bound=Callable[..., Any])

ORDER = Order(
    key=PaymentId("pay_contract_1"),
    amount=Money(2475, "GBP"),
    description="Deposit for a screen repair",
    return_url="https://shop.example.com/back",
)
PENNY = Money(1, "GBP")


def claims(*capabilities: Capability) -> Callable[[_Test], _Test]:
    """Mark a test of what an adapter with all of these must do."""
    return _mark("claimed", capabilities)


def lacks(*capabilities: Capability) -> Callable[[_Test], _Test]:
    """Mark a test of what an adapter without these must refuse."""
    return _mark("lacked", capabilities)


class CapableContract:
    """A contract that fits itself to the capabilities its subclass names: tests that do not apply are not collected."""

    adapter: ClassVar[str] = ""
    capabilities: ClassVar[frozenset[Capability]] = frozenset(Capability)

    def __init_subclass__(cls) -> None:
        if not cls.adapter:
            return
        for name in (each for each in dir(cls) if each.startswith("test_")):
            tests = (vars(each).get(name) for each in cls.__mro__)
            test = next(each for each in tests if each is not None)
            setattr(cls, name, test if _applies(test, cls.capabilities) else None)


def _mark(attribute: str, capabilities: tuple[Capability, ...]) -> Callable[[_Test], _Test]:
    def mark(test: _Test) -> _Test:
        setattr(test, attribute, frozenset(capabilities))
        return test

    return mark


def _applies(test: object, capabilities: frozenset[Capability]) -> bool:
    claimed: frozenset[Capability] = getattr(test, "claimed", frozenset())
    lacked: frozenset[Capability] = getattr(test, "lacked", frozenset())
    return claimed <= capabilities and not lacked & capabilities
