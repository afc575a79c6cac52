"""A ledger added up, and inventories compared."""

from collections.abc import Callable, Iterable

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from repaircore.domain.ledger.tally import PostingRow, Tally, tally
from repaircore.domain.operations.inventory import Inventory

AMOUNTS = st.integers(-(2**63), 2**63 - 1)
ACCOUNTS = st.sampled_from(["receivable/bk_1", "receivable/bk_2", "sales", "tax/VAT", "clearing/sandbox"])
CURRENCIES = st.sampled_from(["GBP", "JPY"])
INVENTORY = Inventory(
    rows={"bookings": 2, "events": 4},
    last_event=4,
    streams=2,
    broken_streams=(),
    balances={"GBP": {"receivable": 5, "sales": -5}},
    unbalanced_entries=(),
)


@st.composite
def ledgers(draw: st.DrawFn) -> list[PostingRow]:
    """Entries of two postings and more, each of which balances."""
    rows: list[PostingRow] = []
    for number in range(draw(st.integers(0, 6))):
        currency, amounts = draw(CURRENCIES), draw(st.lists(AMOUNTS, min_size=1, max_size=3))
        rows += [(f"le_{number}", draw(ACCOUNTS), currency, amount) for amount in (*amounts, -sum(amounts))]
    return rows


@given(ledgers())
def test_money_is_conserved(ledger: list[PostingRow]) -> None:
    """Where every entry balances, every currency does, however large the amounts."""
    added = tally(ledger)

    assert added.unbalanced == ()
    assert all(sum(accounts.values()) == 0 for accounts in added.balances.values())


@given(ledgers().filter(bool), st.data(), st.integers(1, 2**70))
def test_a_penny_too_many(ledger: list[PostingRow], data: st.DataObject, more: int) -> None:
    """One posting that is not what it was is told with its entry and its currency."""
    at = data.draw(st.integers(0, len(ledger) - 1))
    entry, account, currency, amount = ledger[at]

    added = tally([*ledger[:at], (entry, account, currency, amount + more), *ledger[at + 1 :]])

    assert added.unbalanced == (entry,)
    assert sum(added.balances[currency].values()) == more


def in_floating_point(postings: Iterable[PostingRow]) -> Tally:
    """What a careless one would do."""
    return tally((entry, account, currency, int(float(amount))) for entry, account, currency, amount in postings)


def test_rounding_is_caught() -> None:
    """Amounts beyond floating point are where it shows."""
    ledger = [("le_1", "sales", "JPY", 2**53 + 1), ("le_1", "tax/VAT", "JPY", -1), ("le_1", "fees", "JPY", -(2**53))]

    assert tally(ledger).unbalanced == ()
    assert in_floating_point(ledger).unbalanced == ("le_1",)


def test_two_faults_that_cancel_out() -> None:
    """The sums of the currencies alone would not show them."""
    added = tally([("le_1", "sales", "GBP", 1), ("le_2", "sales", "GBP", -1)])

    assert added.balances == {"GBP": {"sales": 0}}
    assert added.unbalanced == ("le_1", "le_2")


def test_customers_are_one_sum() -> None:
    """What single customers owe is nobody's business outside the ledger."""
    added = tally([("le_1", "receivable/bk_1", "GBP", 3), ("le_1", "receivable/bk_2", "GBP", 4)])

    assert added.balances == {"GBP": {"receivable": 7}}


def test_nothing_to_say() -> None:
    """An inventory has no faults and does not differ from itself."""
    assert INVENTORY.faults() == ()
    assert INVENTORY.differences(INVENTORY) == ()
    assert (INVENTORY.total, INVENTORY.sums) == (6, {"GBP": 0})


CHANGES: dict[str, Callable[[Inventory], Inventory]] = {
    "bookings: 2 rows are expected, 1 are there": lambda i: evolve(i, rows={**i.rows, "bookings": 1}),
    "quotes: 0 rows are expected, 1 are there": lambda i: evolve(i, rows={**i.rows, "quotes": 1}),
    "2 streams up to position 4 are expected, 2 up to 5 are there": lambda i: evolve(i, last_event=5),
    "3 up to 4 are there": lambda i: evolve(i, streams=3),
    "the ledger's balances are others": lambda i: evolve(i, balances={"GBP": {"receivable": 6, "sales": -6}}),
    "event sequences have holes: a, b, c and 1 more": lambda i: evolve(i, broken_streams=("a", "b", "c", "d")),
    "ledger entries do not balance: le_1": lambda i: evolve(i, unbalanced_entries=("le_1",)),
}


@pytest.mark.parametrize("words", CHANGES)
def test_what_differs(words: str) -> None:
    """Each difference is told."""
    assert words in "; ".join(INVENTORY.differences(CHANGES[words](INVENTORY)))
