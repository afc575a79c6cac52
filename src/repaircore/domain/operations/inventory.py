"""What a whole database holds, counted; and what must be true of it, whichever database it is."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

_TOLD = 3


@frozen(kw_only=True)
class Inventory:
    """`rows` by table; the highest position of events and how many streams they make; the ledger's balances in minor units by
    currency and account. `broken_streams` and `unbalanced_entries` are ids, and there should be none."""

    rows: Mapping[str, int]
    last_event: int
    streams: int
    broken_streams: tuple[str, ...]
    balances: Mapping[str, Mapping[str, int]]
    unbalanced_entries: tuple[str, ...]

    @property
    def sums(self) -> dict[str, int]:
        """What each currency's accounts add up to: nothing, in a ledger that is whole."""
        return {currency: sum(accounts.values()) for currency, accounts in self.balances.items()}

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows.values())

    def faults(self) -> tuple[str, ...]:
        """Say what is wrong with the data itself: a ledger that does not balance, event streams with holes."""
        return tuple(self._faults())

    def differences(self, found: "Inventory") -> tuple[str, ...]:
        """Say where another inventory, which should be the same, is not."""
        return tuple(self._differences(found))

    def _faults(self) -> Iterator[str]:
        for currency, amount in self.sums.items():
            if amount:
                yield f"the ledger does not balance in {currency}: its accounts add up to {amount}, not to 0"
        if self.unbalanced_entries:
            yield f"ledger entries do not balance: {_some(self.unbalanced_entries)}"
        if self.broken_streams:
            yield f"event sequences have holes: {_some(self.broken_streams)}"

    def _differences(self, found: "Inventory") -> Iterator[str]:
        for table in sorted({*self.rows, *found.rows}):
            expected, there = self.rows.get(table, 0), found.rows.get(table, 0)
            if expected != there:
                yield f"{table}: {expected} rows are expected, {there} are there"
        if (self.last_event, self.streams) != (found.last_event, found.streams):
            yield (
                f"events: {self.streams} streams up to position {self.last_event} are expected, "
                f"{found.streams} up to {found.last_event} are there"
            )
        if self.balances != found.balances:
            yield "the ledger's balances are others than expected"
        if self.faults() != found.faults():
            yield "; ".join(found.faults()) or "faults that were there are gone"


def _some(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _TOLD} more" if len(ids) > _TOLD else ""
    return ", ".join(ids[:_TOLD]) + more
