"""Payments: the same facts in any order, told any number of times, are the same payment."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from repaircore.domain.identity import BookingId, PaymentId
from repaircore.domain.money import Money
from repaircore.domain.payments.payment import NO_ACTION, Fact, FactKind, NextAction, Payment, PaymentStatus, Purpose
from tests.unit.payments.laws import CURRENCIES, FIRST_BREACH, LAWFUL

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
COLLECTED = {PaymentStatus.SUCCEEDED, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED}
Law = Callable[[type[Payment], settings], None]


def payment(kind: type[Payment], amount: Money) -> Payment:
    return kind(
        id=PaymentId("pay_1"),
        booking_id=BookingId("bk_1"),
        purpose=Purpose.DEPOSIT,
        amount=amount,
        provider="sandbox",
        created_at=AT,
    )


@st.composite
def stories(draw: st.DrawFn) -> tuple[Money, list[Fact], list[Fact]]:
    """An amount, some facts about it, and the same facts as a careless network tells them: shuffled and repeated."""
    amount = Money(draw(st.integers(2, 10**9)), draw(st.sampled_from(CURRENCIES)))
    kinds = draw(st.lists(st.sampled_from(FactKind), max_size=6))
    facts = [_fact(kind, number, amount, draw) for number, kind in enumerate(kinds)]
    retold = draw(st.permutations(facts + draw(st.lists(st.sampled_from(facts), max_size=4) if facts else st.just([]))))
    return amount, facts, retold


def _fact(kind: FactKind, number: int, asked: Money, draw: st.DrawFn) -> Fact:
    """Mostly about what was asked for; refunds are parts; now and then the money is wrong."""
    amount = asked
    if kind is FactKind.REFUNDED:
        amount = Money(draw(st.integers(1, asked.amount)), asked.currency)
    if draw(st.integers(0, 9)) == 0:
        amount = draw(st.sampled_from([Money(asked.amount + 1, asked.currency), Money(asked.amount, "CHF")]))
    return Fact(kind=kind, reference=f"{kind}-{number}", amount=amount, at=AT)


def told(kind: type[Payment], amount: Money, facts: Sequence[Fact]) -> Payment:
    """Learn them one by one."""
    known = payment(kind, amount)
    for fact in facts:
        known, _ = known.learn(fact)
    return known


def order_does_not_matter(kind: type[Payment], runs: settings) -> None:
    """Shuffled and repeated, one by one or all at once, the status, the money and the known facts are the same."""

    @runs
    @given(stories())
    def law(story: tuple[Money, list[Fact], list[Fact]]) -> None:
        amount, facts, retold = story
        once, again = told(kind, amount, facts), told(kind, amount, retold)
        together, _ = payment(kind, amount).learn(*retold)
        assert once.status is again.status is together.status
        assert once.captured == again.captured == together.captured
        assert len(once.facts) == len(again.facts) == len(together.facts) == len(facts)

    law()


def what_is_known_is_no_news(kind: type[Payment], runs: settings) -> None:
    """Each fact is news once; a repeat changes nothing, not even the version, so that nothing is done twice."""

    @runs
    @given(stories())
    def law(story: tuple[Money, list[Fact], list[Fact]]) -> None:
        amount, facts, retold = story
        known, news = payment(kind, amount), list[Fact]()
        for fact in retold:
            known, fresh = known.learn(fact)
            news.extend(fresh)
        assert sorted(fact.reference for fact in news) == sorted(fact.reference for fact in facts)
        assert known.learn(*facts) == (known, ())

    law()


def only_a_capture_is_success(kind: type[Payment], runs: settings) -> None:
    """It counts as paid when, and only when, exactly what was asked for was captured; nothing said later takes that back."""

    @runs
    @given(stories())
    def law(story: tuple[Money, list[Fact], list[Fact]]) -> None:
        amount, facts, retold = story
        captured = any(fact.kind is FactKind.CAPTURED and fact.amount == amount for fact in facts)
        assert (told(kind, amount, retold).status in COLLECTED) is captured

    law()


def refunds_add_up(kind: type[Payment], runs: settings) -> None:
    """Partly refunded until all is given back."""

    @runs
    @given(stories())
    def law(story: tuple[Money, list[Fact], list[Fact]]) -> None:
        amount, facts, retold = story
        back = sum(
            f.amount.amount for f in facts if f.kind is FactKind.REFUNDED and f.amount.currency == amount.currency
        )
        known = told(kind, amount, retold)
        if known.status in COLLECTED:
            assert (known.status is PaymentStatus.SUCCEEDED) is (back == 0)
            assert (known.status is PaymentStatus.REFUNDED) is (back >= known.captured.amount)

    law()


class LastWordWins(Payment):
    """Believes whatever was said last."""

    @property
    def status(self) -> PaymentStatus:
        return evolve(self, facts=self.facts[-1:])._folded()

    def _folded(self) -> PaymentStatus:
        return super().status


class LearnsTwice(Payment):
    """Takes every telling for news."""

    def learn(
        self, *facts: Fact, reference: str = "", next_action: NextAction = NO_ACTION
    ) -> tuple[Any, tuple[Fact, ...]]:
        return evolve(self, facts=(*self.facts, *facts), version=self.version + 1), facts


class TakesAnyMoney(Payment):
    """Takes any capture for the right one."""

    def disagrees(self, fact: Fact) -> bool:
        return False


class ForgetsRefunds(Payment):
    """Knows only the last refund."""

    @property
    def status(self) -> PaymentStatus:
        refunds = [fact for fact in self.facts if fact.kind is FactKind.REFUNDED]
        return evolve(self, facts=tuple(fact for fact in self.facts if fact not in refunds[:-1]))._folded()

    def _folded(self) -> PaymentStatus:
        return super().status


LAWS = (order_does_not_matter, what_is_known_is_no_news, only_a_capture_is_success, refunds_add_up)
BROKEN = (
    (order_does_not_matter, LastWordWins),
    (order_does_not_matter, LearnsTwice),
    (what_is_known_is_no_news, LearnsTwice),
    (only_a_capture_is_success, LastWordWins),
    (only_a_capture_is_success, TakesAnyMoney),
    (refunds_add_up, ForgetsRefunds),
)


@pytest.mark.parametrize("law", LAWS)
def test_law(law: Law) -> None:
    """It holds."""
    law(Payment, LAWFUL)


@pytest.mark.parametrize(("law", "broken"), BROKEN)
def test_law_catches(law: Law, broken: type[Payment]) -> None:
    """It can be broken."""
    with pytest.raises((AssertionError, ValueError)):
        law(broken, FIRST_BREACH)
