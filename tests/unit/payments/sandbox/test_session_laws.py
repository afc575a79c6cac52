"""A session's money: never more is charged than was agreed, and never more goes back than was charged."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repaircore.adapters.payments.sandbox.provider.sessions import PAYABLE, Kind, Mode, Refused, Session, Status
from tests.contract.payments.clocks import START
from tests.unit.payments.laws import FIRST_BREACH, LAWFUL

STEPS = st.lists(
    st.tuples(st.sampled_from(["approve", "decline", "capture", "refund", "void"]), st.integers(-1, 12)), max_size=12
)


class Lenient(Session):
    """Does not look at what is left."""

    def _check(self, amount: int, currency: str, *, most: int, code: str) -> None:
        pass


def opened(kind: type[Session], mode: Mode) -> Session:
    return kind(
        id="ses",
        key="pay_1",
        mode=mode,
        amount=10,
        currency="JPY",
        description="",
        return_url="",
        pay_url="",
        created_at=START,
    )


def stepped(session: Session, step: str, amount: int, number: str) -> Session:
    match step:
        case "approve" | "decline" if session.status not in PAYABLE:
            return session
        case "approve":
            return session.approve(id=number, at=START)
        case "decline":
            return session.decline("card_declined", id=number, at=START)
        case "capture":
            return session.capture(amount, "JPY", id=number, at=START)
        case "refund":
            return session.refund(amount, "JPY", id=number, at=START)
        case _:
            return session.void(id=number, at=START)


def money_is_conserved(kind: type[Session], runs: settings) -> None:
    """0 ≤ refunded ≤ charged ≤ amount, whatever is asked in whatever order; nothing is charged after a decline or a void."""

    @runs
    @given(st.sampled_from(Mode), STEPS)
    def law(mode: Mode, steps: list[tuple[str, int]]) -> None:
        session = opened(kind, mode)
        for number, (step, amount) in enumerate(steps):
            try:
                session = stepped(session, step, amount, str(number))
            except Refused:
                continue
            assert 0 <= session.refunded <= session.charged <= session.amount
            assert all(operation.amount > 0 for operation in session.operations)
            if session.status in (Status.DECLINED, Status.VOIDED):
                assert not session.charged
            if session.charged:
                assert {Kind.DECLINE, Kind.VOID}.isdisjoint(each.kind for each in session.operations)

    law()


Law = Callable[[type[Session], settings], None]


@pytest.mark.parametrize("law", [money_is_conserved])
def test_law(law: Law) -> None:
    """It holds."""
    law(Session, LAWFUL)


@pytest.mark.parametrize("law", [money_is_conserved])
def test_law_catches(law: Law) -> None:
    """It can be broken."""
    with pytest.raises(AssertionError):
        law(Lenient, FIRST_BREACH)
