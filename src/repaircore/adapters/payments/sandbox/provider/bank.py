"""The sandbox's books: sessions, the keys that were used, and the news that each change makes."""

import hashlib
import secrets
from collections.abc import Callable

import msgspec
from attrs import evolve, frozen

from repaircore.adapters.payments.sandbox.provider.cards import Verdict
from repaircore.adapters.payments.sandbox.provider.journal import Event, Journal, KeyUse
from repaircore.adapters.payments.sandbox.provider.sessions import PAYABLE, Kind, Mode, Refused, Session, Status
from repaircore.adapters.payments.sandbox.wire import Amount, NewSession, WireEvent
from repaircore.ports.clock import Clock

_NEWS = {Kind.REFUND: "payment.refunded", Kind.VOID: "payment.voided", Kind.CHARGE: "payment.paid"}
_LONGEST_TEXT = 2000


@frozen
class Done:
    """A session as it is now, and the news of what was just done with it."""

    session: Session
    events: tuple[Event, ...] = ()


@frozen
class Bank:
    """Every method is one step that nothing interrupts. Raises Refused."""

    journal: Journal
    clock: Clock

    def get(self, session_id: str) -> Session:
        """The session of that id."""
        session = self.journal.sessions.get(session_id)
        if session is None:
            raise Refused(404, "not_found", "There is no such session.")
        return session

    def look_up(self, key: str) -> Session:
        """The session that a key was used for, be it to open it or for an operation on it."""
        use = self.journal.uses.get(key)
        if use is None:
            raise Refused(404, "not_found", "That key was never used.")
        return self.get(use.session_id)

    def open(self, new: NewSession, *, key: str, pay_url: Callable[[str], str]) -> Done:
        """Open a session, once per key."""
        fingerprint = _fingerprint("open", new)
        if self._repeated(key, fingerprint):
            return Done(self.look_up(key))
        _check(new)
        session_id = _new_id("ses")
        session = Session(
            id=session_id,
            key=key,
            mode=Mode(new.mode),
            amount=new.amount,
            currency=new.currency,
            description=new.description,
            return_url=new.return_url,
            pay_url=pay_url(session_id),
            created_at=self.clock.now(),
            metadata=new.metadata,
        )
        self.journal.add(session=session, use=KeyUse(key=key, fingerprint=fingerprint, session_id=session_id))
        return Done(session)

    def capture(self, session_id: str, amount: Amount, *, key: str) -> Done:
        """Collect from a reservation, once per key."""
        return self._operate(
            session_id,
            _fingerprint(f"capture/{session_id}", amount),
            key,
            lambda session: session.capture(amount.amount, amount.currency, id=_new_id("ch"), at=self.clock.now()),
        )

    def refund(self, session_id: str, amount: Amount, *, key: str) -> Done:
        """Give back, once per key."""
        return self._operate(
            session_id,
            _fingerprint(f"refund/{session_id}", amount),
            key,
            lambda session: session.refund(amount.amount, amount.currency, id=_new_id("rf"), at=self.clock.now()),
        )

    def void(self, session_id: str, *, key: str) -> Done:
        """Release, once per key."""
        return self._operate(
            session_id,
            _fingerprint(f"void/{session_id}", None),
            key,
            lambda session: session.void(id=_new_id("vd"), at=self.clock.now()),
        )

    def pay(self, session_id: str, verdict: Verdict | None, challenge: str) -> Done:
        """Let the customer try. A session that is paid or closed stays as it is; `verdict` None goes on with a challenge."""
        session = self.get(session_id)
        if session.status not in PAYABLE:
            return Done(session)
        if verdict is None and session.status is not Status.CHALLENGE:
            raise Refused(422, "card_required", "Enter the number of a test card.")
        at = self.clock.now()
        submitted = self._event("payment.submitted", session.moved(Status.PROCESSING))
        match verdict or Verdict.CHALLENGES, challenge:
            case (Verdict.APPROVES, _) | (Verdict.CHALLENGES, "pass"):
                after = session.approve(id=_new_id("ch"), at=at)
                news = f"payment.{after.status}"
            case (Verdict.CHALLENGES, ""):
                after, news = session.moved(Status.CHALLENGE), "payment.challenged"
            case (refusal, _):
                after, news = session.decline(refusal.value, id=_new_id("dc"), at=at), "payment.declined"
        return self._keep(after, submitted, self._event(news, after))

    def finish(self, event: Event) -> None:
        """Forget an event that was accepted or given up."""
        self.journal.add(event=evolve(event, done=True))

    def _operate(self, session_id: str, fingerprint: str, key: str, change: Callable[[Session], Session]) -> Done:
        session = self.get(session_id)
        if self._repeated(key, fingerprint):
            return Done(session)
        after = change(session)
        self.journal.add(use=KeyUse(key=key, fingerprint=fingerprint, session_id=session_id))
        return self._keep(after, self._event(_NEWS[after.operations[-1].kind], after))

    def _repeated(self, key: str, fingerprint: str) -> bool:
        if not 0 < len(key) <= 255:
            raise Refused(422, "key_required", "Give an Idempotency-Key of 1 to 255 characters.")
        use = self.journal.uses.get(key)
        if use is not None and use.fingerprint != fingerprint:
            raise Refused(409, "key_reused", "This Idempotency-Key was used for another request.")
        return use is not None

    def _keep(self, session: Session, *events: Event) -> Done:
        self.journal.add(session=session)
        for event in events:
            self.journal.add(event=event)
        return Done(session, events)

    def _event(self, type: str, session: Session) -> Event:
        event_id, at = _new_id("evt"), self.clock.now()
        body = msgspec.json.encode(WireEvent(id=event_id, type=type, created_at=at, session=session.to_wire()))
        return Event(id=event_id, type=type, created_at=at, body=body.decode())


def _check(new: NewSession) -> None:
    if new.mode not in set(Mode):
        raise Refused(422, "mode_unknown", "The mode is sale or authorize.")
    if new.amount <= 0:
        raise Refused(422, "amount_invalid", "The amount is a positive number of minor units.")
    if not (len(new.currency) == 3 and new.currency.isascii() and new.currency.isupper()):
        raise Refused(422, "currency_invalid", "The currency is a code of three capital letters.")
    texts = (new.description, new.return_url, *new.metadata, *new.metadata.values())
    if any(len(text) > _LONGEST_TEXT for text in texts):
        raise Refused(422, "text_too_long", f"Texts have at most {_LONGEST_TEXT:,} characters.")


def _fingerprint(operation: str, body: NewSession | Amount | None) -> str:
    return hashlib.sha256(operation.encode() + b"\n" + msgspec.json.encode(body, order="deterministic")).hexdigest()


def _new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"
