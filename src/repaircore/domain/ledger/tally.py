"""Adding a whole ledger up, however long it is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import itemgetter

from attrs import frozen

PostingRow = tuple[str, str, str, int]
"""The entry's id, the account, the currency, the amount in minor units."""

_PER_BOOKING = "receivable/"


@frozen
class Tally:
    """Balances in minor units by currency and account, and the entries that do not add up to nothing."""

    balances: Mapping[str, Mapping[str, int]]
    unbalanced: tuple[str, ...]


def tally(postings: Iterable[PostingRow]) -> Tally:
    """Add postings up; those of one entry follow each other. What single customers owe becomes one sum, `receivable`."""
    balances: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    unbalanced = []
    for entry_id, rows in groupby(postings, key=itemgetter(0)):
        sums: dict[str, int] = defaultdict(int)
        for _, account, currency, amount in rows:
            sums[currency] += amount
            balances[currency][_kind(account)] += amount
        if any(sums.values()):
            unbalanced.append(entry_id)
    by_currency = {currency: dict(sorted(accounts.items())) for currency, accounts in sorted(balances.items())}
    return Tally(by_currency, tuple(unbalanced))


def _kind(account: str) -> str:
    return "receivable" if account.startswith(_PER_BOOKING) else account
