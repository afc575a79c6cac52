"""Every test of the contract can fail: each lie is caught by the test that is there for it."""

import pytest

from repaircore.adapters.notifications.memory import MemoryMailer, Settings
from repaircore.ports.errors import PortError
from repaircore.testing.notifications import RemoteMailerContract
from tests.contract.notifications import liars
from tests.contract.notifications.harnesses import MemoryHarness
from tests.unit.notifications.letters import StandingClock

CAUGHT = (AssertionError, ValueError, PortError, pytest.fail.Exception)
LIES: list[tuple[type[MemoryMailer], str]] = [
    (liars.Swallows, "test_what_is_sent_arrives"),
    (liars.Confuses, "test_what_is_sent_arrives"),
    (liars.Redirects, "test_what_is_sent_arrives"),
    (liars.Cuts, "test_awkward_texts_arrive"),
    (liars.Unstuffs, "test_awkward_texts_arrive"),
    (liars.Smuggles, "test_awkward_texts_arrive"),
    (liars.Repeats, "test_same_key_twice"),
    (liars.Renames, "test_same_key_twice"),
    (liars.Denies, "test_same_key_twice"),
    (liars.Lumps, "test_other_keys"),
    (liars.Accepts, "test_no_address"),
    (liars.Tells, "test_no_address"),
    (liars.Pretends, "test_far_side_out_of_reach"),
    (liars.Hoards, "test_far_side_out_of_reach"),
    (liars.Forgets, "test_closing"),
    (liars.Insists, "test_refused_recipient"),
    (liars.Tells, "test_refused_recipient"),
    (liars.GivesUp, "test_deferred_recipient"),
    (liars.Tells, "test_deferred_recipient"),
    (liars.Pretends, "test_lost_reply"),
    (liars.Guesses, "test_lost_reply"),
    (liars.Sulks, "test_after_a_lost_reply"),
]


@pytest.mark.parametrize(("lie", "test"), LIES)
async def test_a_lie_is_caught(lie: type[MemoryMailer], test: str) -> None:
    """The mailer lies and the test fails."""
    harness = MemoryHarness(lie(Settings(), StandingClock()))

    with pytest.raises(CAUGHT):
        await getattr(RemoteMailerContract(), test)(harness)


def test_no_test_without_a_lie() -> None:
    """A test that no lie can fail would prove nothing."""
    tests = {name for name in dir(RemoteMailerContract) if name.startswith("test_")}

    assert {test for _, test in LIES} == tests
