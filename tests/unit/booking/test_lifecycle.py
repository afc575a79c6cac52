"""The lifecycle table: what may follow what, who may do it, and why."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from repaircore.domain.actors import GUEST, SYSTEM, Actor, Role
from repaircore.domain.booking.booking import Booking
from repaircore.domain.booking.lifecycle import CANONICAL, MOVES, PROFILES, Action, Lifecycle, Status, mermaid, profile
from repaircore.domain.errors import (
    DepositRequired,
    DomainError,
    Forbidden,
    IllegalTransition,
    NotFound,
    ReasonRequired,
)
from repaircore.domain.money import Money
from tests.unit.booking.samples import CUSTOMER, NOW, STAFF, TECHNICIAN, a_booking, a_quote

# Rulebook §1.2 with no_show, written out a second time so that a slip in the table does not go unseen.
RULEBOOK = """
pending: deposit_paid confirmed rejected cancelled
deposit_paid: confirmed rejected cancelled
confirmed: in_progress cancelled no_show
in_progress: waiting_parts waiting_approval ready_for_pickup completed cancelled
waiting_parts: in_progress cancelled
waiting_approval: in_progress cancelled
ready_for_pickup: completed
completed:
cancelled:
rejected:
no_show:
"""


def test_canonical_table() -> None:
    """The table is the rulebook's."""
    rows = (line.split(":") for line in RULEBOOK.strip().splitlines())

    assert {Status(name): frozenset(map(Status, targets.split())) for name, targets in rows} == dict(CANONICAL)


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_is_whole(name: str) -> None:
    """In every profile each state can be reached, has a row of its own, and every arrow has an action."""
    lifecycle = profile(name)
    reached, todo = set(), [Status.PENDING]
    while todo:
        status = todo.pop()
        reached.add(status)
        targets = {MOVES[action].target for action in lifecycle.actions(status)}
        assert targets == set(lifecycle.table[status])
        todo += targets - reached

    assert reached == set(lifecycle.table)


@given(st.sampled_from(Status), st.sampled_from(Action), st.sampled_from(sorted(PROFILES)))
def test_illegal_moves_say_what_is_allowed(status: Status, action: Action, name: str) -> None:
    """A move that the table does not have is refused with what it has; staff with a reason may make every other."""
    lifecycle = profile(name)
    if action in lifecycle.actions(status):
        assert lifecycle.target(status, action, by=SYSTEM, reason="because") == MOVES[action].target
    else:
        with pytest.raises(IllegalTransition) as refused:
            lifecycle.target(status, action, by=SYSTEM, reason="because")
        assert refused.value.allowed == lifecycle.allowed(status)


@pytest.mark.parametrize(
    ("action", "status", "by"),
    [
        (Action.CONFIRM, Status.PENDING, CUSTOMER),
        (Action.CONFIRM, Status.PENDING, TECHNICIAN),
        (Action.PAY_DEPOSIT, Status.PENDING, STAFF),
        (Action.START, Status.CONFIRMED, GUEST),
        (Action.COMPLETE, Status.IN_PROGRESS, CUSTOMER),
        (Action.CANCEL, Status.IN_PROGRESS, CUSTOMER),
        (Action.CANCEL, Status.WAITING_PARTS, GUEST),
    ],
)
def test_who_may_not(action: Action, status: Status, by: Actor) -> None:
    """A deposit is paid by a verified payment alone; the office confirms; once work began, only the shop cancels."""
    with pytest.raises(Forbidden):
        profile("repair-bench").target(status, action, by=by, reason="because")


@pytest.mark.parametrize("action", [action for action, move in MOVES.items() if move.needs_reason])
def test_reasons(action: Action) -> None:
    """Ending, pausing and refusing need a reason in words; blanks are none."""
    lifecycle = profile("repair-bench")
    status = next(status for status in lifecycle.table if action in lifecycle.actions(status))

    with pytest.raises(ReasonRequired):
        lifecycle.target(status, action, by=STAFF, reason="  ")


def test_unknown_profile() -> None:
    """A misspelt profile names the nearest one."""
    with pytest.raises(NotFound, match="repair-bench"):
        profile("repair-bensh")


def test_confirming_needs_the_deposit() -> None:
    """A booking with a deposit is confirmed only once it is paid; one without is confirmed at once."""
    owing, free = a_booking(), a_booking(quote=a_quote(deposit=0))

    with pytest.raises(DepositRequired, match=r"GBP 62\.00"):
        owing.move(Action.CONFIRM, profile(owing.profile), by=STAFF, at=NOW)
    paid, _, _ = owing.receive(Money(6200, "GBP"), profile(owing.profile), at=NOW)
    assert paid.move(Action.CONFIRM, profile(owing.profile), by=STAFF, at=NOW)[0].status is Status.CONFIRMED
    assert free.move(Action.CONFIRM, profile(free.profile), by=STAFF, at=NOW)[0].status is Status.CONFIRMED


def test_request_and_approve_takes_the_deposit_afterwards() -> None:
    """Where a person approves first, confirming does not wait for money."""
    lifecycle = profile("request-and-approve")
    confirmed, _, _ = a_booking(profile=lifecycle.name).move(Action.CONFIRM, lifecycle, by=STAFF, at=NOW)

    paid, _, _ = confirmed.receive(Money(6200, "GBP"), lifecycle, at=NOW)

    assert (confirmed.status, paid.status) == (Status.CONFIRMED, Status.DEPOSIT_PAID)


class Histories(RuleBasedStateMachine):
    """Whatever is tried, the history explains the booking: replaying it gives the state, and no move escapes the table."""

    lifecycle: Lifecycle = profile("repair-bench")

    def __init__(self) -> None:
        super().__init__()
        self.booking: Booking = a_booking(profile=self.lifecycle.name, quote=a_quote(deposit=0))
        self.moves: list[tuple[Status, Status]] = []
        self.versions = [self.booking.version]

    @rule(action=st.sampled_from(Action), role=st.sampled_from(Role), reason=st.sampled_from(["", "because"]))
    def try_a_move(self, action: Action, role: Role, reason: str) -> None:
        before = self.booking
        try:
            self.booking, event, entry = before.move(action, self.lifecycle, by=Actor(role), at=NOW, reason=reason)
        except DomainError:
            assert self.booking is before
            return
        assert (event.before, event.after) == (entry.before, entry.after)
        self.moves.append((entry.before, entry.after))
        self.versions.append(entry.version)

    @invariant()
    def history_replays_to_the_state(self) -> None:
        status = Status.PENDING
        for before, after in self.moves:
            assert before is status
            assert after in self.lifecycle.table[before]
            status = after
        assert status is self.booking.status

    @invariant()
    def versions_count_up(self) -> None:
        assert self.versions == list(range(1, len(self.versions) + 1))


TestHistories = Histories.TestCase


def test_a_lenient_lifecycle_is_caught() -> None:
    """The property above can fail: a lifecycle that reopens finished bookings breaks it."""

    class Lenient(Histories):
        lifecycle = Lifecycle("lenient", {**CANONICAL, Status.IN_PROGRESS: frozenset({Status.PENDING})})

    machine = Lenient()
    machine.booking, *_ = machine.booking.move(Action.CONFIRM, machine.lifecycle, by=STAFF, at=NOW)

    with pytest.raises(AssertionError):
        machine.history_replays_to_the_state()


def test_diagrams_are_in_step() -> None:
    """The page with the diagrams shows what the table says."""
    page = Path(__file__).parents[3] / "docs" / "lifecycle.md"

    for lifecycle in PROFILES.values():
        assert mermaid(lifecycle) in page.read_text(encoding="utf-8"), "run `make docs`"
