"""The sandbox's words into ours, and back. Pure."""

from attrs import evolve

from repaircore.adapters.payments.sandbox.wire import NewSession, WireEvent, WireOperation, WireSession
from repaircore.domain.identity import PaymentId
from repaircore.domain.money import Money
from repaircore.domain.payments.payment import NO_ACTION, Fact, FactKind, NextAction
from repaircore.ports.payments import Notification, Order, Outcome

_FACT_KINDS = {
    "authorization": FactKind.AUTHORIZED,
    "charge": FactKind.CAPTURED,
    "decline": FactKind.DECLINED,
    "refund": FactKind.REFUNDED,
    "void": FactKind.VOIDED,
}
_WAITING = frozenset({"open", "challenge"})  # for the customer
_DECIDED = frozenset({"authorized", "paid", "declined", "voided"})


def to_new_session(order: Order, mode: str) -> NewSession:
    """Say what to collect in the sandbox's words."""
    return NewSession(
        mode=mode,
        amount=order.amount.amount,
        currency=order.amount.currency,
        description=order.description,
        return_url=order.return_url,
        metadata=dict(order.metadata),
    )


def to_outcome(session: WireSession) -> Outcome:
    """Read a session. With a status we do not know nothing it says is believed: the payment stays pending."""
    outcome = Outcome(key=PaymentId(session.key), reference=session.id)
    if session.status in _WAITING:
        action = NextAction(type="redirect", url=session.pay_url)
        return evolve(outcome, facts=(_own_fact(session, FactKind.REQUIRES_ACTION),), next_action=action)
    if session.status in _DECIDED:
        return evolve(outcome, facts=tuple(_fact(session, each) for each in session.operations), next_action=NO_ACTION)
    return evolve(outcome, facts=(_own_fact(session, FactKind.PENDING),))


def to_notification(event: WireEvent) -> Notification:
    """Read a webhook that was verified."""
    outcome = None if event.session is None else to_outcome(event.session)
    return Notification(event_id=event.id, kind=event.type, created_at=event.created_at, outcome=outcome)


def _own_fact(session: WireSession, kind: FactKind) -> Fact:
    return Fact(kind=kind, reference=session.id, amount=Money(session.amount, session.currency), at=session.created_at)


def _fact(session: WireSession, operation: WireOperation) -> Fact:
    return Fact(
        kind=_FACT_KINDS.get(operation.kind, FactKind.PENDING),
        reference=operation.id,
        amount=Money(operation.amount, session.currency),
        at=operation.at,
        detail=operation.detail,
    )
