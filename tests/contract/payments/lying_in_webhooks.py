"""Gateways that believe the wrong webhooks, or misread the right ones."""

from collections.abc import Mapping
from datetime import datetime
from secrets import token_hex

from attrs import evolve

from repaircore.adapters.payments.memory.gateway import HEADER, MemoryGateway
from repaircore.adapters.payments.reading import Unreadable, read
from repaircore.adapters.payments.signature import verify
from repaircore.domain.money import Money
from repaircore.domain.payments.payment import Fact, FactKind
from repaircore.ports.errors import InvalidResponse
from repaircore.ports.payments import InvalidSignature, Notification, Outcome
from tests.contract.payments.clocks import START


class Hears(MemoryGateway):
    """Reads a webhook well, for others to spoil."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notification:
        return self.spoil(super().read_webhook(headers, body, now=now))

    def spoil(self, news: Notification) -> Notification:
        """Tell it wrongly."""
        return news


class HearsNothing(Hears):
    """Loses what the news is about."""

    def spoil(self, news: Notification) -> Notification:
        return evolve(news, outcome=None)


class HearsOtherFacts(Hears):
    """Gives every fact a reference of its own, so that one charge looks like two."""

    def spoil(self, news: Notification) -> Notification:
        assert news.outcome is not None
        facts = tuple(evolve(fact, reference=token_hex(4)) for fact in news.outcome.facts)
        return evolve(news, outcome=evolve(news.outcome, facts=facts))


class NumbersNewsItself(Hears):
    """Gives every delivery a new id, so that a replay looks new."""

    def spoil(self, news: Notification) -> Notification:
        return evolve(news, event_id=token_hex(4))


class Trusting(MemoryGateway):
    """Reads whatever comes."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notification:
        try:
            return read(body, Notification)
        except Unreadable as error:
            raise InvalidResponse("this cannot be read") from error


class ReadsFirst(Trusting):
    """Verifies what it has already read."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notification:
        news = super().read_webhook(headers, body, now=now)
        verify(headers.get(HEADER, ""), body, secrets=self.secrets, now=now)
        return news


class Timeless(MemoryGateway):
    """Verifies the signature and not its age."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notification:
        return super().read_webhook(headers, body, now=START)


class KnowsOneSecret(MemoryGateway):
    """Forgets the other secrets."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notification:
        verify(headers.get(HEADER, ""), body, secrets=self.secrets[:1], now=now)
        return super().read_webhook(headers, body, now=now)


class ReadsOneSignature(MemoryGateway):
    """Looks at the first signature only."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notification:
        first = ",".join(headers.get(HEADER, "").split(",")[:2])
        return super().read_webhook({HEADER: first}, body, now=now)


class TripsOverHeaders(MemoryGateway):
    """Expects every header to be there and to be well formed."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notification:
        assert headers[HEADER].split(",")[1]
        return super().read_webhook(headers, body, now=now)


class MakesSenseOfNonsense(MemoryGateway):
    """Finds a meaning in everything that is signed: success."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notification:
        try:
            return super().read_webhook(headers, body, now=now)
        except InvalidResponse:
            fact = Fact(kind=FactKind.CAPTURED, reference="r", amount=Money(1, "GBP"), at=now)
            outcome = (
                Outcome(key=next(iter(self.payments.values())).order.key, reference="r", facts=(fact,))
                if self.payments
                else None
            )
            return Notification(event_id="evt", kind="payment", created_at=now, outcome=outcome)


class TellsSecrets(MemoryGateway):
    """Repeats the signature that would have been right."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notification:
        try:
            return super().read_webhook(headers, body, now=now)
        except InvalidSignature as refusal:
            raise InvalidSignature(f"{refusal}: {headers.get(HEADER)}") from refusal
