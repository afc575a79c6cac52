"""Webhooks: who sent them, when, and what they say."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from repaircore.domain.payments.payment import Fact, FactKind, PaymentStatus, fold
from repaircore.ports.errors import InvalidResponse, Unsupported
from repaircore.ports.payments import Capability, InvalidSignature, Notification
from repaircore.testing.payments.claims import ORDER, CapableContract, claims, lacks
from repaircore.testing.payments.harness import Delivery, PaymentHarness, Signer

TOLERANCE = timedelta(seconds=300)
_SECOND = timedelta(seconds=1)
_DECISIVE = {FactKind.AUTHORIZED, FactKind.CAPTURED, FactKind.DECLINED, FactKind.VOIDED, FactKind.REFUNDED}
_NONSENSE = (b"", b"\xff\xfe", b"{", b"null", b"[]", b"{}", b'"paid"', b"[" * 100_000, b'{"x":' + b"[" * 100_000)
_HEADERS = ("", " ", "t=,v1=", "t=1", "v1=00", "t=x,v1=00", "t=1,t=1,v1=00", "t=²,v1=é", "," * 50, "0" * 1000)


async def _deliveries(harness: PaymentHarness) -> Sequence[Delivery]:
    """The webhooks about one payment that the customer approved."""
    await harness.approve(await harness.gateway.sale(ORDER))
    deliveries = await harness.webhooks()
    assert deliveries, "the far side sent nothing"
    return deliveries


def _read(harness: PaymentHarness, delivery: Delivery, *, now: datetime | None = None) -> Notification:
    return harness.gateway.read_webhook(delivery.headers, delivery.body, now=now or harness.clock.now())


def _refused(harness: PaymentHarness, delivery: Delivery, *, now: datetime | None = None) -> None:
    with pytest.raises(InvalidSignature) as refusal:
        _read(harness, delivery, now=now)
    assert not [value for value in delivery.headers.values() if len(value) > 9 and value in str(refusal.value)]


def _facts(notifications: Sequence[Notification]) -> tuple[Fact, ...]:
    return tuple(fact for each in notifications if each.outcome for fact in each.outcome.facts)


class WebhookContract(CapableContract):
    """News that arrives by itself, from whoever knows our address."""

    @claims(Capability.WEBHOOKS, Capability.SALE)
    async def test_news_of_an_approval(self, harness: PaymentHarness) -> None:
        """Taken together, and in any order, the webhooks say that our payment succeeded with its amount."""
        notifications = [_read(harness, delivery) for delivery in await _deliveries(harness)]

        assert {each.outcome.key for each in notifications if each.outcome} == {ORDER.key}
        for facts in (_facts(notifications), _facts(notifications[::-1])):
            assert fold(facts) is PaymentStatus.SUCCEEDED
            assert {fact.amount for fact in facts if fact.kind is FactKind.CAPTURED} == {ORDER.amount}

    @claims(Capability.WEBHOOKS, Capability.SALE, Capability.LOOK_UP)
    async def test_news_and_look_up_agree(self, harness: PaymentHarness) -> None:
        """The same fact has the same identity, whichever way it comes."""
        notifications = [_read(harness, delivery) for delivery in await _deliveries(harness)]

        found = await harness.gateway.look_up(ORDER.key)

        assert found is not None
        told = {fact.identity for fact in _facts(notifications) if fact.kind in _DECISIVE}
        assert told == {fact.identity for fact in found.facts if fact.kind in _DECISIVE}

    @claims(Capability.WEBHOOKS, Capability.SALE)
    async def test_news_of_a_decline(self, harness: PaymentHarness) -> None:
        """Taken together they say that it failed."""
        await harness.decline(await harness.gateway.sale(ORDER))

        notifications = [_read(harness, delivery) for delivery in await harness.webhooks()]

        assert fold(_facts(notifications)) is PaymentStatus.FAILED

    @claims(Capability.WEBHOOKS, Capability.SALE)
    async def test_event_ids(self, harness: PaymentHarness) -> None:
        """Each piece of news has an id of its own, and a replay keeps it, so that it can be told apart."""
        deliveries = await _deliveries(harness)

        once = [_read(harness, delivery).event_id for delivery in deliveries]
        again = [_read(harness, delivery).event_id for delivery in deliveries]

        assert once == again
        assert len({each.body for each in deliveries}) == len(set(once))
        assert all(once)

    @claims(Capability.WEBHOOKS, Capability.SALE)
    async def test_altered_body(self, harness: PaymentHarness) -> None:
        """One changed byte, anywhere, spoils the signature."""
        delivery = (await _deliveries(harness))[0]

        for at in (0, len(delivery.body) // 2, len(delivery.body) - 1):
            altered = delivery.body[:at] + bytes([delivery.body[at] ^ 1]) + delivery.body[at + 1 :]
            _refused(harness, Delivery(delivery.headers, altered))
        _refused(harness, Delivery(delivery.headers, delivery.body + b" "))

    @claims(Capability.WEBHOOKS, Capability.SALE)
    async def test_late_webhook(self, harness: PaymentHarness) -> None:
        """Five minutes are allowed; what is older may be a replay."""
        delivery = (await _deliveries(harness))[0]
        signed = harness.clock.now()

        assert _read(harness, delivery, now=signed + TOLERANCE - _SECOND)
        _refused(harness, delivery, now=signed + TOLERANCE + _SECOND)

    @claims(Capability.WEBHOOKS, Capability.SALE)
    async def test_early_webhook(self, harness: PaymentHarness) -> None:
        """Clocks may differ by five minutes; what is dated further ahead would stay good for too long."""
        delivery = (await _deliveries(harness))[0]
        signed = harness.clock.now()

        assert _read(harness, delivery, now=signed - TOLERANCE + _SECOND)
        _refused(harness, delivery, now=signed - TOLERANCE - _SECOND)

    @claims(Capability.WEBHOOKS, Capability.SALE)
    async def test_wrong_secret(self, harness: PaymentHarness) -> None:
        """Somebody else's signature is none."""
        body = (await _deliveries(harness))[0].body

        _refused(harness, Delivery(harness.sign(body, by=Signer.STRANGER), body))

    @claims(Capability.WEBHOOKS, Capability.SALE)
    async def test_rotated_secret(self, harness: PaymentHarness) -> None:
        """While a secret is being rotated out, both the old and the new one are good."""
        body = (await _deliveries(harness))[0].body

        for signer in (Signer.CURRENT, Signer.PREVIOUS):
            assert _read(harness, Delivery(harness.sign(body, by=signer), body))

    @claims(Capability.WEBHOOKS, Capability.SALE)
    async def test_two_signatures(self, harness: PaymentHarness) -> None:
        """Of several signatures one has to fit."""
        body = (await _deliveries(harness))[0].body

        assert _read(harness, Delivery(harness.sign(body, by=Signer.BOTH), body))

    @claims(Capability.WEBHOOKS, Capability.SALE)
    async def test_headers_that_say_nothing(self, harness: PaymentHarness) -> None:
        """A missing, empty or broken signature is refused, and nothing else goes wrong."""
        delivery = (await _deliveries(harness))[0]

        _refused(harness, Delivery({}, delivery.body))
        for text in _HEADERS:
            _refused(harness, Delivery(dict.fromkeys(delivery.headers, text), delivery.body))

    @claims(Capability.WEBHOOKS)
    async def test_unsigned_nonsense(self, harness: PaymentHarness) -> None:
        """The signature is checked before anything is read: unsigned bytes are refused as unsigned, whatever they are."""
        for body in _NONSENSE:
            _refused(harness, Delivery(harness.sign(body, by=Signer.STRANGER), body))

    @claims(Capability.WEBHOOKS)
    async def test_signed_nonsense(self, harness: PaymentHarness) -> None:
        """What the provider signed and we cannot read, such as bytes that are no UTF-8, is InvalidResponse: parked, never guessed."""
        for body in _NONSENSE:
            with pytest.raises(InvalidResponse):
                _read(harness, Delivery(harness.sign(body, by=Signer.CURRENT), body))

    @claims(Capability.WEBHOOKS, Capability.SALE)
    async def test_unknown_status(self, harness: PaymentHarness) -> None:
        """A status nobody has heard of is neither success nor failure."""
        delivery = harness.strange_news(await harness.gateway.sale(ORDER))

        try:
            facts = _facts([_read(harness, delivery)])
        except InvalidResponse:
            facts = ()

        assert not {fact.kind for fact in facts} & _DECISIVE

    @lacks(Capability.WEBHOOKS)
    async def test_without_webhooks(self, harness: PaymentHarness) -> None:
        """Unsupported: it has no way to know who is speaking."""
        body = b"{}"

        with pytest.raises(Unsupported):
            _read(harness, Delivery(harness.sign(body, by=Signer.CURRENT), body))
