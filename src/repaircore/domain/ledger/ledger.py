"""The double-entry ledger: what is charged, what was received, and therefore what is due."""

from collections.abc import Iterable
from datetime import datetime

from attrs import field, frozen

from repaircore.domain.errors import InvalidValue
from repaircore.domain.identity import BookingId
from repaircore.domain.money import Money
from repaircore.domain.pricing.quote import Priced

SALES, FEES_KEPT = "sales", "fees-kept"


def receivable(booking_id: BookingId) -> str:
    """The account of what one booking's customer owes; below zero, what the shop owes them."""
    return f"receivable/{booking_id}"


def tax(name: str) -> str:
    """The account of one tax to be paid on."""
    return f"tax/{name}"


def clearing(provider: str) -> str:
    """The account of money that a provider holds for the shop."""
    return f"clearing/{provider}"


@frozen
class Posting:
    """One side of an entry: positive is debit, negative is credit."""

    account: str
    amount: Money


def _balances(_: object, __: object, postings: tuple[Posting, ...]) -> None:
    sums: dict[str, int] = {}
    for posting in postings:
        sums[posting.amount.currency] = sums.get(posting.amount.currency, 0) + posting.amount.amount
    if not postings or any(sums.values()):
        raise InvalidValue(f"a ledger entry must balance in every currency: {sums}")


@frozen(kw_only=True)
class Entry:
    """Postings that belong together and add up to nothing. `key` makes it postable once: the fact it records."""

    id: str
    key: str
    booking_id: BookingId
    memo: str
    at: datetime
    postings: tuple[Posting, ...] = field(validator=_balances)


def charge(booking_id: BookingId, priced: Priced, *, id: str, at: datetime) -> Entry:
    """The customer owes the total; the shop earns it, less the taxes it only collects."""
    taxes = [Posting(tax(each.name), -each.amount) for each in priced.taxes if each.amount]
    collected = Money.total((each.amount for each in priced.taxes), priced.total.currency)
    postings = (Posting(receivable(booking_id), priced.total), Posting(SALES, collected - priced.total), *taxes)
    return Entry(id=id, key=f"charge/{booking_id}", booking_id=booking_id, memo="charge", at=at, postings=postings)


def receipt(
    booking_id: BookingId, amount: Money, *, provider: str, key: str, id: str, at: datetime, memo: str
) -> Entry:
    """Money arrived at a provider and lowers what the customer owes."""
    postings = (Posting(clearing(provider), amount), Posting(receivable(booking_id), -amount))
    return Entry(id=id, key=f"receipt/{key}", booking_id=booking_id, memo=memo, at=at, postings=postings)


def release(booking_id: BookingId, priced: Priced, *, kept: Money, id: str, at: datetime) -> Entry:
    """The job will not be done: the charge is reversed, and what may be kept is charged as a fee instead."""
    original = charge(booking_id, priced, id=id, at=at).postings
    fee = (Posting(receivable(booking_id), kept), Posting(FEES_KEPT, -kept)) if kept else ()
    postings = (*(Posting(each.account, -each.amount) for each in original), *fee)
    return Entry(id=id, key=f"release/{booking_id}", booking_id=booking_id, memo="release", at=at, postings=postings)


@frozen
class Statement:
    """What one booking's ledger says. `due` may be negative: then the shop owes the customer. paid + due = total, always."""

    total: Money
    paid: Money
    due: Money


def statement(booking_id: BookingId, entries: Iterable[Entry], currency: str) -> Statement:
    """Project a booking's entries: receipts are what was paid, everything else on its account is what was charged."""
    paid = total = Money.zero(currency)
    for entry in entries:
        owed = Money.total((p.amount for p in entry.postings if p.account == receivable(booking_id)), currency)
        if entry.key.startswith("receipt/"):
            paid -= owed
        else:
            total += owed
    return Statement(total=total, paid=paid, due=total - paid)
