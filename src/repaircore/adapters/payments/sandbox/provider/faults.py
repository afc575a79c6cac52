"""Misbehaviour on request: of the next API calls, and of the webhooks after one payment."""

import re
from collections.abc import Iterable
from typing import Literal

from attrs import define, evolve, field, frozen

from repaircore.adapters.payments.sandbox.provider.sessions import Refused

_DELAY = re.compile(r"delay:(\d{1,4})(ms|s|m)", re.ASCII)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}
PAY_FAULTS = ("lose_reply", "duplicate_webhook", "reorder_webhooks", "delay:2s", "no_webhook")


@frozen(kw_only=True)
class PayFaults:
    """How one payment misbehaves."""

    lose_reply: bool = False
    duplicate: bool = False
    reorder: bool = False
    drop: bool = False
    delay: float = 0.0  # seconds


def read_pay_faults(words: Iterable[str]) -> PayFaults:
    """Read the words of a payment's `faults`. Raises Refused for one that is not known."""
    faults = PayFaults()
    for word in words:
        faults = _with(faults, word)
    return faults


def _with(faults: PayFaults, word: str) -> PayFaults:
    delay = _DELAY.fullmatch(word)
    if delay is not None:
        return evolve(faults, delay=int(delay[1]) * _UNITS[delay[2]])
    match word:
        case "lose_reply":
            return evolve(faults, lose_reply=True)
        case "duplicate_webhook":
            return evolve(faults, duplicate=True)
        case "reorder_webhooks":
            return evolve(faults, reorder=True)
        case "no_webhook":
            return evolve(faults, drop=True)
    raise Refused(422, "fault_unknown", f"Known faults are {', '.join(PAY_FAULTS)}.")


@frozen(kw_only=True)
class ApiFault:
    """How the next API calls misbehave.

    lose_reply · garbage   the call takes effect; the answer is dropped, or cannot be read
    status                 answers `status` (429 and 503 with Retry-After, when given); `acts` says whether it takes effect
    slow                   takes effect, and answers only after `seconds`
    hang                   takes effect, and never answers
    """

    kind: Literal["lose_reply", "garbage", "status", "slow", "hang"]
    operation: Literal["create", "read", "look_up", "capture", "refund", "void", "any"] = "any"
    status: int = 500
    retry_after: int | None = None
    acts: bool = False
    seconds: float = 0.0
    times: int = 1


@define
class FaultPlan:
    """The faults still to come, in the order they were asked for."""

    pending: list[ApiFault] = field(factory=list)

    def add(self, fault: ApiFault) -> None:
        """Misbehave like this, that many times."""
        if fault.times > 0:
            self.pending.append(fault)

    def take(self, operation: str) -> ApiFault | None:
        """Answer how this call must misbehave, if it must, and count it."""
        for index, fault in enumerate(self.pending):
            if fault.operation in ("any", operation):
                self.pending[index : index + 1] = [evolve(fault, times=fault.times - 1)] if fault.times > 1 else []
                return fault
        return None

    def clear(self) -> None:
        """Behave again."""
        self.pending.clear()
