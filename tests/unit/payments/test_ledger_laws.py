"""The ledger: whatever is charged, paid, released and in which currency, the books balance and the deposit is paid once."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from repaircore.domain.errors import DepositRequired, InvalidValue, NothingDue
from repaircore.domain.identity import BookingId
from repaircore.domain.ledger.ledger import (
    Entry,
    Posting,
    Statement,
    charge,
    clearing,
    receipt,
    receivable,
    release,
    statement,
    tax,
)
from repaircore.domain.money import Money
from repaircore.domain.payments.payment import Purpose, amount_due
from repaircore.domain.pricing.quote import Priced, TaxTotal
from tests.unit.payments.laws import CURRENCIES, FIRST_BREACH, LAWFUL

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
BOOKING = BookingId("bk_1")
PURPOSES = st.lists(st.sampled_from(Purpose), max_size=8)


@frozen
class Books:
    """The rules under test; a broken variant swaps one of them."""

    entry: Callable[[tuple[Posting, ...]], object] = lambda postings: Entry(
        id="le", key="k", booking_id=BOOKING, memo="", at=AT, postings=postings
    )
    charge: Callable[[Priced], Entry] = lambda priced: charge(BOOKING, priced, id="le_0", at=AT)
    release: Callable[[Priced, Money], Entry] = lambda priced, kept: release(
        BOOKING, priced, kept=kept, id="le_r", at=AT
    )
    statement: Callable[[Sequence[Entry], str], Statement] = lambda entries, currency: statement(
        BOOKING, entries, currency
    )
    amount_due: Callable[[Purpose, Priced, Money], Money] = lambda purpose, priced, paid: amount_due(
        purpose, total=priced.total, deposit=priced.deposit, paid=paid
    )


Law = Callable[[Books, settings], None]


@st.composite
def prices(draw: st.DrawFn) -> Priced:
    """A price in some currency, with a deposit that is a part of it, and up to two taxes, inside or on top."""
    currency = draw(st.sampled_from(CURRENCIES))
    subtotal = draw(st.integers(1, 10**8))
    taxes = [
        TaxTotal(
            name=name,
            rate=Fraction(20),
            inclusive=draw(st.booleans()),
            amount=Money(draw(st.integers(0, subtotal // 4)), currency),
        )
        for name in draw(st.sampled_from([(), ("VAT",), ("state", "city")]))
    ]
    total = subtotal + sum(each.amount.amount for each in taxes if not each.inclusive)
    deposit = Money(draw(st.integers(0, total)), currency)
    return Priced(
        lines=(), subtotal=Money(subtotal, currency), taxes=tuple(taxes), total=Money(total, currency), deposit=deposit
    )


def received(amount: Money, number: int) -> Entry:
    return receipt(BOOKING, amount, provider="sandbox", key=f"pay_{number}", id=f"le_{number}", at=AT, memo="payment")


def paid_in_turn(books: Books, priced: Priced, purposes: Sequence[Purpose]) -> list[Entry]:
    """Let a customer pay what the shop says is due, for one purpose after another."""
    entries = [books.charge(priced)]
    for number, purpose in enumerate(purposes):
        paid = books.statement(entries, priced.total.currency).paid
        try:
            entries.append(received(books.amount_due(purpose, priced, paid), number))
        except (NothingDue, DepositRequired):
            continue
    return entries


def balance(entries: Sequence[Entry], account: str, currency: str) -> Money:
    postings = (posting for entry in entries for posting in entry.postings)
    return Money.total((posting.amount for posting in postings if posting.account == account), currency)


def entries_balance(books: Books, runs: settings) -> None:
    """An entry is possible when, and only when, its postings add up to nothing in every currency."""
    amounts = st.builds(Money, st.integers(-3, 3), st.sampled_from(["GBP", "JPY"]))

    @runs
    @given(st.lists(amounts, max_size=5))
    def law(amounts: list[Money]) -> None:
        sums = {
            currency: sum(each.amount for each in amounts if each.currency == currency) for currency in ("GBP", "JPY")
        }
        balanced = bool(amounts) and not any(sums.values())
        try:
            books.entry(tuple(Posting("account", amount) for amount in amounts))
        except InvalidValue:
            assert not balanced
        else:
            assert balanced

    law()


def taxes_are_only_collected(books: Books, runs: settings) -> None:
    """Each tax account is owed exactly its tax, and the shop has earned the rest; inside the price or on top."""

    @runs
    @given(prices(), PURPOSES)
    def law(priced: Priced, purposes: list[Purpose]) -> None:
        entries, currency = paid_in_turn(books, priced, purposes), priced.total.currency
        for each in priced.taxes:
            assert balance(entries, tax(each.name), currency) == -each.amount
        earned = priced.total - Money.total((each.amount for each in priced.taxes), currency)
        assert balance(entries, "sales", currency) == -earned

    law()


def paid_and_due_make_the_total(books: Books, runs: settings) -> None:
    """At every moment, whatever was paid for whichever purpose; and it is what the accounts say."""

    @runs
    @given(prices(), PURPOSES)
    def law(priced: Priced, purposes: list[Purpose]) -> None:
        entries, currency = paid_in_turn(books, priced, purposes), priced.total.currency
        for known in (entries[:1], entries[:2], entries, entries[::-1]):
            says = books.statement(known, currency)
            assert says.paid + says.due == says.total == priced.total
            assert says.paid == balance(known, clearing("sandbox"), currency)
            assert says.due == balance(known, receivable(BOOKING), currency)

    law()


def the_deposit_is_paid_once(books: Books, runs: settings) -> None:
    """However often and in whatever order the customer is asked, the total is never exceeded; deposit and balance are just it."""

    @runs
    @given(prices(), PURPOSES)
    def law(priced: Priced, purposes: list[Purpose]) -> None:
        currency = priced.total.currency
        asked = books.statement(paid_in_turn(books, priced, purposes), currency)
        assert asked.paid <= priced.total
        settled = paid_in_turn(books, priced, [*purposes, Purpose.DEPOSIT, Purpose.BALANCE])
        assert books.statement(settled, currency).due == Money.zero(currency)
        again = paid_in_turn(books, priced, [*purposes, Purpose.DEPOSIT, Purpose.DEPOSIT])
        assert len(again) == len(paid_in_turn(books, priced, [*purposes, Purpose.DEPOSIT]))

    law()


def released_jobs_owe_what_is_kept(books: Books, runs: settings) -> None:
    """When the job is not done, nothing was sold or taxed, and only what may be kept was charged; all else is the customer's."""

    @runs
    @given(prices(), PURPOSES, st.data())
    def law(priced: Priced, purposes: list[Purpose], data: st.DataObject) -> None:
        entries, currency = paid_in_turn(books, priced, purposes), priced.total.currency
        paid = books.statement(entries, currency).paid
        kept = Money(data.draw(st.integers(0, paid.amount)), currency)
        says = books.statement(released := [*entries, books.release(priced, kept)], currency)
        assert (says.total, says.paid, says.due) == (kept, paid, kept - paid)
        assert balance(released, "sales", currency) == Money.zero(currency)
        assert balance(released, "fees-kept", currency) == -kept
        for each in priced.taxes:
            assert balance(released, tax(each.name), currency) == Money.zero(currency)

    law()


def _taxes_earned(priced: Priced) -> Entry:
    return charge(BOOKING, evolve(priced, taxes=()), id="le_0", at=AT)


def _a_penny_over(entries: Sequence[Entry], currency: str) -> Statement:
    says = statement(BOOKING, entries, currency)
    return evolve(says, due=says.total - says.paid + Money(1, currency))


def _forgets_what_was_paid(purpose: Purpose, priced: Priced, paid: Money) -> Money:
    nothing = Money.zero(priced.total.currency)
    return amount_due(
        purpose, total=priced.total, deposit=priced.deposit, paid=nothing if purpose is Purpose.DEPOSIT else paid
    )


def _balance_is_everything(purpose: Purpose, priced: Priced, paid: Money) -> Money:
    due = amount_due(purpose, total=priced.total, deposit=priced.deposit, paid=paid)
    return priced.total if purpose is Purpose.BALANCE else due


def _keeps_it_all(priced: Priced, kept: Money) -> Entry:
    return release(BOOKING, priced, kept=priced.deposit, id="le_r", at=AT)


LAWS = (
    entries_balance,
    taxes_are_only_collected,
    paid_and_due_make_the_total,
    the_deposit_is_paid_once,
    released_jobs_owe_what_is_kept,
)
BROKEN = (
    (entries_balance, Books(entry=lambda postings: postings)),
    (taxes_are_only_collected, Books(charge=_taxes_earned)),
    (paid_and_due_make_the_total, Books(statement=_a_penny_over)),
    (the_deposit_is_paid_once, Books(amount_due=_forgets_what_was_paid)),
    (the_deposit_is_paid_once, Books(amount_due=_balance_is_everything)),
    (released_jobs_owe_what_is_kept, Books(release=_keeps_it_all)),
)


@pytest.mark.parametrize("law", LAWS)
def test_law(law: Law) -> None:
    """It holds."""
    law(Books(), LAWFUL)


@pytest.mark.parametrize(("law", "broken"), BROKEN)
def test_law_catches(law: Law, broken: Books) -> None:
    """It can be broken."""
    with pytest.raises(AssertionError):
        law(broken, FIRST_BREACH)
