"""Each promise of the contract catches a gateway that breaks it."""

from collections.abc import Mapping

import pytest

from repaircore.adapters.payments.memory.gateway import MemoryGateway
from repaircore.ports.errors import PortError
from repaircore.ports.payments import Capability, InvalidSignature
from repaircore.testing.payments import PaymentGatewayContract
from tests.contract.payments import lying_about_failures as failures
from tests.contract.payments import lying_in_webhooks as news
from tests.contract.payments import lying_with_money as money
from tests.contract.payments.clocks import EagerClock
from tests.contract.payments.harnesses import CURRENT, PREVIOUS, MemoryHarness

LIES: Mapping[str, type[MemoryGateway]] = {
    "test_identity": money.UnderAnotherName,
    "test_sale_opens_one_payment": money.Hasty,
    "test_approved_sale_is_collected": money.HundredYen,
    "test_declined_sale_collects_nothing": money.DeafToNo,
    "test_repeated_key": money.Forgetful,
    "test_repeated_key_at_the_same_time": money.Forgetful,
    "test_repeated_key_after_approval": money.Forgetful,
    "test_key_with_another_amount": money.NeverSaysNo,
    "test_other_keys": money.OneForAll,
    "test_without_sales": money.Boastful,
    "test_look_up_before_the_customer_decides": money.Prophetic,
    "test_look_up_after_approval": money.Stale,
    "test_look_up_after_a_decline": money.Stale,
    "test_look_up_of_an_unknown_key": money.Obliging,
    "test_without_look_up": money.Boastful,
    "test_closing": money.ClosesOnce,
    "test_reservation_collects_nothing": money.SellsInstead,
    "test_look_up_of_a_reservation": money.Stale,
    "test_repeated_authorization": money.Forgetful,
    "test_capture": money.SaysDone,
    "test_partial_capture": money.TakesItAll,
    "test_without_partial_capture": money.Boastful,
    "test_capture_of_too_much": money.NeverSaysNo,
    "test_repeated_capture": money.SaysDone,
    "test_capture_before_approval": money.ReservesByItself,
    "test_capture_of_an_unknown_payment": money.NeverSaysNo,
    "test_without_authorization": money.Boastful,
    "test_void": money.SaysDone,
    "test_void_after_capture": money.NeverSaysNo,
    "test_without_void": money.Boastful,
    "test_refund": money.SaysDone,
    "test_partial_refund": money.TakesItAll,
    "test_refund_of_more_than_is_left": money.NeverSaysNo,
    "test_without_partial_refund": money.Boastful,
    "test_refund_of_too_much": money.NeverSaysNo,
    "test_refund_in_another_currency": money.TakesItAll,
    "test_refund_of_an_unpaid_payment": money.NeverSaysNo,
    "test_repeated_refund": money.Forgetful,
    "test_without_refunds": money.Boastful,
    "test_lost_reply": failures.CallsSilenceFailure,
    "test_looking_up_a_lost_reply": money.Ignorant,
    "test_lost_reply_of_a_refund": failures.RefundsAgain,
    "test_failure_after_acting": failures.CallsSilenceFailure,
    "test_garbled_answer": failures.TakesNonsenseForSuccess,
    "test_busy": failures.Impatient,
    "test_out_of_reach": failures.SendsItLater,
    "test_look_up_out_of_reach": failures.FindsNothingWhenItCannotLook,
    "test_look_up_without_an_answer": failures.FindsNothingWhenItCannotLook,
    "test_failing_calls_move_no_money": failures.PaysInSilence,
    "test_news_of_an_approval": news.HearsNothing,
    "test_news_and_look_up_agree": news.HearsOtherFacts,
    "test_news_of_a_decline": news.HearsNothing,
    "test_event_ids": news.NumbersNewsItself,
    "test_altered_body": news.Trusting,
    "test_late_webhook": news.Timeless,
    "test_early_webhook": news.Timeless,
    "test_wrong_secret": news.TellsSecrets,
    "test_rotated_secret": news.KnowsOneSecret,
    "test_two_signatures": news.ReadsOneSignature,
    "test_headers_that_say_nothing": news.TripsOverHeaders,
    "test_unsigned_nonsense": news.ReadsFirst,
    "test_signed_nonsense": news.MakesSenseOfNonsense,
    "test_unknown_status": news.MakesSenseOfNonsense,
    "test_without_webhooks": news.Trusting,
}
PROMISES = tuple(name for name in dir(PaymentGatewayContract) if name.startswith("test_"))
CAUGHT = (AssertionError, pytest.fail.Exception, PortError, InvalidSignature, LookupError)


class Promises(PaymentGatewayContract):
    """The contract as a gateway in memory is held to it; not run by itself, as its name does not begin with Test."""

    adapter = "memory"


def _capabilities(name: str) -> frozenset[Capability]:
    """Everything, but for what the promise is about the lack of."""
    lacked: frozenset[Capability] = getattr(getattr(PaymentGatewayContract, name), "lacked", frozenset())
    return frozenset(Capability) - lacked


def _harness(gateway: type[MemoryGateway], name: str) -> MemoryHarness:
    clock = EagerClock()
    return MemoryHarness(gateway(clock=clock, secrets=(CURRENT, PREVIOUS), capabilities=_capabilities(name)), clock)


@pytest.mark.parametrize("name", PROMISES)
async def test_promise_catches_its_liar(name: str) -> None:
    """The honest gateway keeps the promise; the liar is caught."""
    promise = getattr(PaymentGatewayContract, name)
    await promise(Promises(), _harness(MemoryGateway, name))

    with pytest.raises(CAUGHT):
        await promise(Promises(), _harness(LIES[name], name))


def test_every_promise_has_a_liar() -> None:
    """A new promise must show that it can be broken."""
    assert set(LIES) == set(PROMISES)
