"""A payment: one intent to collect an amount, and the facts a provider reported about it, folded in any order."""

from datetime import datetime
from enum import StrEnum

from attrs import evolve, field, frozen

from repaircore.domain.errors import DepositRequired, InvalidValue, NothingDue
from repaircore.domain.identity import BookingId, PaymentId
from repaircore.domain.money import Money


class Purpose(StrEnum):
    """What a payment is for."""

    DEPOSIT = "deposit"
    BALANCE = "balance"
    FEE = "fee"


class PaymentStatus(StrEnum):
    """Folded from facts, never set."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    AUTHORIZED = "authorized"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


class FactKind(StrEnum):
    """What a provider can tell us about a payment. A word we do not know is PENDING: never success, never failure."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    DECLINED = "declined"
    VOIDED = "voided"
    REFUNDED = "refunded"
    NOT_STARTED = "not_started"  # the provider did nothing: the intent is closed, another one may be opened


@frozen(kw_only=True)
class Fact:
    """One thing a provider reported. `reference` names it at the provider: the same kind and reference is the same fact."""

    kind: FactKind
    reference: str
    amount: Money
    at: datetime
    detail: str = ""  # a decline code and the like, in our words; never card data

    @property
    def identity(self) -> tuple[FactKind, str]:
        """What makes two reports the same fact."""
        return self.kind, self.reference


@frozen(kw_only=True)
class NextAction:
    """What the customer has to do: `redirect` to `url`, use `client_secret`, or `none`."""

    type: str = "none"
    url: str = ""
    client_secret: str = ""


NO_ACTION = NextAction()


def _positive(_: object, __: object, amount: Money) -> None:
    if amount.amount <= 0:
        raise InvalidValue(f"a payment is for more than nothing, not {amount}")


_OPEN = frozenset({PaymentStatus.PENDING, PaymentStatus.REQUIRES_ACTION, PaymentStatus.AUTHORIZED})


@frozen(kw_only=True)
class Payment:
    """An intent, committed before the provider hears of it. Its id is the idempotency key the provider is given."""

    id: PaymentId
    booking_id: BookingId
    purpose: Purpose
    amount: Money = field(validator=_positive)
    provider: str
    created_at: datetime
    return_url: str = ""
    facts: tuple[Fact, ...] = ()
    provider_reference: str = ""
    next_action: NextAction = NO_ACTION
    version: int = 1

    @property
    def status(self) -> PaymentStatus:
        """Fold the facts. Any order of the same facts gives the same answer; a parked one counts for nothing."""
        return fold(self._agreed)

    @property
    def captured(self) -> Money:
        """What was collected, before refunds; a parked fact counts for nothing."""
        return _sum(self._agreed, FactKind.CAPTURED, self.amount.currency)

    @property
    def is_open(self) -> bool:
        """Whether money may still arrive, so that no second payment for the same purpose may be opened."""
        return self.status in _OPEN

    @property
    def asked_at(self) -> datetime:
        """When the provider was asked, or told us something, for the last time."""
        return max((self.created_at, *(fact.at for fact in self.facts)))

    def learn(
        self, *facts: Fact, reference: str = "", next_action: NextAction = NO_ACTION
    ) -> tuple["Payment", tuple[Fact, ...]]:
        """Take in what the provider says, and answer which facts are news. What is known already changes nothing, not even the
        version."""
        known = {fact.identity for fact in self.facts}
        news = tuple({fact.identity: fact for fact in facts if fact.identity not in known}.values())
        begun = (reference, next_action) if reference else (self.provider_reference, self.next_action)
        if not news and begun == (self.provider_reference, self.next_action):
            return self, ()
        learned = evolve(
            self,
            facts=(*self.facts, *news),
            provider_reference=begun[0],
            next_action=begun[1],
            version=self.version + 1,
        )
        return learned, news

    def disagrees(self, fact: Fact) -> bool:
        """Whether it is about other money than was asked for, a capture also by its amount: parked, and a person is called."""
        return fact.amount.currency != self.amount.currency or (
            fact.kind is FactKind.CAPTURED and fact.amount != self.amount
        )

    @property
    def _agreed(self) -> tuple[Fact, ...]:
        return tuple(fact for fact in self.facts if not self.disagrees(fact))


def fold(facts: tuple[Fact, ...]) -> PaymentStatus:
    """Answer the status that a set of facts amounts to."""
    kinds = {fact.kind for fact in facts}
    if FactKind.CAPTURED in kinds:
        return _after_capture(facts)
    for kind, status in _BEFORE_CAPTURE:
        if kind in kinds:
            return status
    return PaymentStatus.PENDING


def _after_capture(facts: tuple[Fact, ...]) -> PaymentStatus:
    currency = facts[0].amount.currency
    captured = _sum(facts, FactKind.CAPTURED, currency)
    refunded = _sum(facts, FactKind.REFUNDED, currency)
    if not refunded:
        return PaymentStatus.SUCCEEDED
    return PaymentStatus.REFUNDED if refunded >= captured else PaymentStatus.PARTIALLY_REFUNDED


# The first of these that was reported decides, as long as nothing was captured.
_BEFORE_CAPTURE = (
    (FactKind.VOIDED, PaymentStatus.CANCELLED),
    (FactKind.NOT_STARTED, PaymentStatus.CANCELLED),
    (FactKind.AUTHORIZED, PaymentStatus.AUTHORIZED),
    (FactKind.DECLINED, PaymentStatus.FAILED),
    (FactKind.REQUIRES_ACTION, PaymentStatus.REQUIRES_ACTION),
)


def _sum(facts: tuple[Fact, ...], kind: FactKind, currency: str) -> Money:
    amounts = {fact.identity: fact.amount for fact in facts if fact.kind is kind}
    return Money.total(amounts.values(), currency)


def amount_due(purpose: Purpose, *, total: Money, deposit: Money, paid: Money) -> Money:
    """Say what to ask for now; the client is never asked. The deposit is a part of the total, so it is never paid twice.

    Raises NothingDue when it is already paid, and DepositRequired when the balance is asked for before the deposit.
    """
    match purpose:
        case Purpose.DEPOSIT:
            owed = deposit - paid
        case Purpose.BALANCE:
            if paid < deposit:
                raise DepositRequired(f"pay the deposit of {deposit} first; the balance follows")
            owed = total - paid
        case Purpose.FEE:
            owed = Money.zero(total.currency)
    if owed.amount <= 0:
        raise NothingDue(
            f"no {purpose} is due: {paid} of {total} is paid" + (f", the deposit was {deposit}" if deposit else "")
        )
    return owed
