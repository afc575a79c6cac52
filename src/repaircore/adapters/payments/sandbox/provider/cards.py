"""The test cards. No other number is taken, and none is ever kept or written to a log."""

from enum import Enum

from repaircore.adapters.payments.sandbox.provider.sessions import Refused


class Verdict(Enum):
    """What the bank behind a test card does; the value is the reason of a refusal."""

    APPROVES = ""
    CHALLENGES = "authentication_failed"
    DECLINES = "card_declined"
    LACKS_FUNDS = "insufficient_funds"


CARDS = {
    "4242424242424242": (Verdict.APPROVES, "is approved"),
    "4000002500003155": (Verdict.CHALLENGES, "asks for a 3-D Secure step"),
    "4000000000000002": (Verdict.DECLINES, "is declined"),
    "4000000000009995": (Verdict.LACKS_FUNDS, "has insufficient funds"),
}


def verdict(card: str) -> Verdict:
    """Answer what this card does. Raises Refused for anything that is not one of the test cards, without repeating it."""
    digits = card.replace(" ", "").replace("-", "")
    if digits not in CARDS:
        raise Refused(422, "card_refused", "Only the sandbox's test cards work here. Never enter a real card number.")
    return CARDS[digits][0]
